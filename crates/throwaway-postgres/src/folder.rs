//! The folders of clusters and their lock files.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::ErrorKind;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::process::id;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::statvfs;

use crate::account::own_uid;

/// Creating a database in memory is several times faster, but a container may provide as little as 64 MiB.
const MEMORY: &str = "/dev/shm";
const MEMORY_NEEDED_BYTES: u64 = 1 << 30;
/// Not `TMPDIR`: the path of a Unix socket has at most 107 bytes, and the server's account must be able to access it.
const DISK: &str = "/tmp";

/// The server's account may access its own folder inside, but neither list nor change this folder.
const MODE: u32 = 0o711;

/// The folder name shared by all processes of one user and one checkout.
pub(crate) fn checkout_name() -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    format!("pgtest-{}-{:016x}", own_uid(), hasher.finish())
}

/// Returns the folder with this name and creates it if necessary. Another process may create it concurrently.
pub(crate) fn shared(name: &str) -> PathBuf {
    let in_memory = Path::new(MEMORY).join(name);
    // An existing cluster is used even if less memory is free now.
    let folder = if in_memory.is_dir() { in_memory } else { parent_folder().join(name) };
    create(&folder);
    folder
}

/// Creates a folder for this process only.
pub(crate) fn private() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let parent = parent_folder();
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("{}-{}-{number}", checkout_name(), id()));
        if create(&folder) {
            return folder;
        }
    }
}

/// Opens a lock file and creates it if necessary. Returns `None` if the folder was removed concurrently.
pub(crate) fn open_lock(file: &Path) -> Option<File> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(file);
    match opened {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("cannot open {}: {error}", file.display()),
    }
}

/// Whether the path still refers to this file. A lock on a file that was removed in the meantime has no effect.
pub(crate) fn is_current(path: &Path, file: &File) -> bool {
    let ours = file.metadata().expect("an open file has metadata");
    fs::metadata(path).is_ok_and(|there| there.ino() == ours.ino() && there.dev() == ours.dev())
}

fn parent_folder() -> &'static Path {
    if free_bytes(MEMORY).is_some_and(|free| free >= MEMORY_NEEDED_BYTES) {
        Path::new(MEMORY)
    } else {
        Path::new(DISK)
    }
}

fn free_bytes(parent: &str) -> Option<u64> {
    let file_system = statvfs(parent).ok()?;
    Some(file_system.f_bavail.saturating_mul(file_system.f_frsize))
}

fn create(folder: &Path) -> bool {
    match DirBuilder::new().mode(MODE).create(folder) {
        // Sets the mode again, because the umask may have removed bits that the server's account needs.
        Ok(()) => {
            fs::set_permissions(folder, Permissions::from_mode(MODE))
                .expect("the folder is writable");
            true
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            check_ownership(folder);
            false
        }
        Err(error) => panic!("cannot create the folder {}: {error}", folder.display()),
    }
}

/// Panics unless the folder belongs to this user. Both parent folders are world-writable, so another user may have
/// created a folder with this name to read or replace its content.
fn check_ownership(folder: &Path) {
    match fs::symlink_metadata(folder) {
        Ok(found) => assert!(
            found.is_dir() && found.uid() == own_uid() && found.mode() & 0o022 == 0,
            "{} belongs to another user or is writable by others",
            folder.display()
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => panic!("cannot read the metadata of {}: {error}", folder.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "belongs to another user or is writable by others")]
    fn a_world_writable_folder_is_rejected() {
        check_ownership(Path::new(DISK));
    }

    #[test]
    fn a_removed_lock_file_is_distinguished_from_its_successor() {
        let folder = private();
        let path = folder.join("lock");
        let first = open_lock(&path).expect("the folder exists");
        assert!(is_current(&path, &first));
        fs::remove_file(&path).expect("the file is writable");
        assert!(!is_current(&path, &first));
        let _second = open_lock(&path).expect("the folder exists");
        assert!(!is_current(&path, &first));
        fs::remove_dir_all(&folder).expect("the folder is writable");
        assert!(open_lock(&path).is_none());
    }
}
