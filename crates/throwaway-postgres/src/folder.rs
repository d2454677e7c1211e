//! The folder that holds a cluster and its locks.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::ErrorKind;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::account::own_uid;

/// Databases in memory are several times faster to make, but a container may have as little as 64 MiB of it.
const MEMORY: &str = "/dev/shm";
const MEMORY_NEEDED_KIB: u64 = 1024 * 1024;
/// Not `TMPDIR`: the path of a Unix socket has at most 107 bytes, and the server's account must be able to get there.
const DISK: &str = "/tmp";

/// The account may pass through (to its own folder inside) without being able to look around or to change anything.
const MODE: u32 = 0o711;

/// The name that all processes of one user and one checkout agree on.
pub(crate) fn name_of_checkout() -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    format!("pgtest-{}-{:016x}", own_uid(), hasher.finish())
}

/// The folder of that name, made if it is not there. Others may have made it a moment ago.
pub(crate) fn shared(name: &str) -> PathBuf {
    let in_memory = Path::new(MEMORY).join(name);
    // Free space changes while the tests run; where a cluster already is, it is used.
    let folder = if in_memory.is_dir() { in_memory } else { place().join(name) };
    create(&folder);
    folder
}

/// A folder that is only this process's.
pub(crate) fn private() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let place = place();
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = place.join(format!("{}-{}-{number}", name_of_checkout(), id()));
        if create(&folder) {
            return folder;
        }
    }
}

/// Opens a file that is there to be locked; nothing if the folder has been removed meanwhile.
pub(crate) fn open_lock(file: &Path) -> Option<File> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(file);
    match opened {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("cannot open {}: {error}", file.display()),
    }
}

/// Whether the path still means this file. A lock on a file that was removed while we waited for it locks nothing.
pub(crate) fn is_still(path: &Path, file: &File) -> bool {
    let ours = file.metadata().expect("an open file has metadata");
    fs::metadata(path).is_ok_and(|there| there.ino() == ours.ino() && there.dev() == ours.dev())
}

fn place() -> &'static Path {
    if free_kib(MEMORY).is_some_and(|free| free >= MEMORY_NEEDED_KIB) {
        Path::new(MEMORY)
    } else {
        Path::new(DISK)
    }
}

fn free_kib(place: &str) -> Option<u64> {
    let df = Command::new("df").args(["-Pk", place]).output().ok()?;
    let table = String::from_utf8(df.stdout).ok()?;
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn create(folder: &Path) -> bool {
    match DirBuilder::new().mode(MODE).create(folder) {
        // The mode above passed through the umask, which may be too strict for the server's account.
        Ok(()) => {
            fs::set_permissions(folder, Permissions::from_mode(MODE)).expect("the folder is ours");
            true
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            refuse_what_is_not_ours(folder);
            false
        }
        Err(error) => panic!("cannot make the folder {}: {error}", folder.display()),
    }
}

/// Both places are writable by everybody, so somebody else may have made a folder of our name, to read or to replace
/// what we put in it.
fn refuse_what_is_not_ours(folder: &Path) {
    match fs::symlink_metadata(folder) {
        Ok(found) => assert!(
            found.is_dir() && found.uid() == own_uid() && found.mode() & 0o022 == 0,
            "{} was not made by us, so it is not used: remove it",
            folder.display()
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => panic!("cannot look at {}: {error}", folder.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "was not made by us")]
    fn a_folder_that_everybody_may_change_is_refused() {
        refuse_what_is_not_ours(Path::new(DISK));
    }

    #[test]
    fn a_removed_file_is_told_from_its_successor() {
        let folder = private();
        let path = folder.join("lock");
        let first = open_lock(&path).expect("the folder is there");
        assert!(is_still(&path, &first));
        fs::remove_file(&path).expect("the file is ours");
        assert!(!is_still(&path, &first));
        let _second = open_lock(&path).expect("the folder is there");
        assert!(!is_still(&path, &first));
        fs::remove_dir_all(&folder).expect("the folder is ours");
        assert!(open_lock(&path).is_none());
    }
}
