//! Who owns a file, and who may read and write it.
//!
//! Files of settings and keys must belong to this user or to root, and no other user may be able to write them.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// What other users may do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileAccess {
    /// The file belongs to a user who is neither this one nor root.
    ForeignOwner,
    /// Other users may write it.
    Writable,
    /// Other users may read it.
    Readable,
    /// It is private.
    Private,
}

impl FileAccess {
    /// What others may do with the file.
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self::decide(metadata.uid(), metadata.mode(), rustix::process::geteuid().as_raw())
    }

    /// What others may do with the file. Other systems have no such mode.
    #[cfg(not(unix))]
    pub(crate) fn of(_metadata: &Metadata) -> Self {
        Self::Private
    }

    #[cfg(unix)]
    const fn decide(owner: u32, mode: u32, user: u32) -> Self {
        if owner != user && owner != 0 {
            Self::ForeignOwner
        } else if mode & 0o022 != 0 {
            Self::Writable
        } else if mode & 0o044 != 0 {
            Self::Readable
        } else {
            Self::Private
        }
    }

    /// Why a file whose content is believed is refused; follows its name in a sentence.
    pub(crate) const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::ForeignOwner => Some("belongs to another user; it must be yours or root's"),
            Self::Writable => Some("can be written by other users; run `chmod go-w` on it"),
            Self::Readable | Self::Private => None,
        }
    }
}

/// A database file, and the files that `SQLite` keeps beside it.
pub(crate) fn database_files(path: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    ["", "-wal", "-shm"].map(beside).into()
}

/// Whether other users may read a file.
pub(crate) fn is_open(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| FileAccess::of(&file) != FileAccess::Private)
}

#[cfg(all(test, unix))]
mod tests {
    use super::FileAccess;

    #[test]
    fn files_that_others_own_or_write_are_refused() {
        let refused = |owner, mode| FileAccess::decide(owner, mode, 1000).refusal().is_some();
        for mode in [0o600, 0o644, 0o400, 0o755] {
            assert!(!refused(1000, mode) && !refused(0, mode), "{mode:o}");
            assert!(refused(65_534, mode) && refused(1001, mode), "{mode:o}");
        }
        for mode in [0o660, 0o606, 0o666, 0o622, 0o777] {
            assert!(refused(1000, mode) && refused(0, mode), "{mode:o}");
        }
        assert_eq!(FileAccess::decide(0, 0o600, 0), FileAccess::Private);
        assert_eq!(FileAccess::decide(0, 0o640, 0), FileAccess::Readable);
    }
}
