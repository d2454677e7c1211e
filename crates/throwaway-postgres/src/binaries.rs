//! Finds the server programs, which are not in `PATH` on Debian.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MISSING: &str = "No Postgres server (initdb, pg_ctl and postgres, version 13 or newer) was found for the tests: \
    install the package `postgresql` (scripts/test does that on Debian and Ubuntu), or name the folder of these \
    programs in PGTEST_BIN.";

/// The folder that holds `initdb`, `pg_ctl` and `postgres`.
#[derive(Clone, Debug)]
pub(crate) struct Binaries(PathBuf);

impl Binaries {
    pub(crate) fn find() -> Self {
        // An explicit setting must not fall back to another installation.
        if let Some(named) = env::var_os("PGTEST_BIN") {
            let found = complete(Path::new(&named));
            return found.unwrap_or_else(|| {
                panic!(
                    "PGTEST_BIN is {}, but that folder does not contain initdb, pg_ctl and postgres.",
                    named.display()
                )
            });
        }
        in_path()
            .or_else(|| newest("/usr/lib/postgresql", "", "bin"))
            .or_else(|| newest("/usr", "pgsql-", "bin"))
            .or_else(|| newest("/opt/homebrew/opt", "postgresql@", "bin"))
            .or_else(|| newest("/usr/local/opt", "postgresql@", "bin"))
            .or_else(by_pg_config)
            .unwrap_or_else(|| panic!("{MISSING}"))
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn in_path() -> Option<Binaries> {
    env::split_paths(&env::var_os("PATH")?).find_map(|folder| complete(&folder))
}

/// Resolves a symbolic link to `initdb`, because the programs look for each other in the folder of its target.
fn complete(folder: &Path) -> Option<Binaries> {
    let initdb = folder.join("initdb").canonicalize().ok()?;
    let folder = initdb.parent()?;
    let all = ["pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file());
    all.then(|| Binaries(folder.to_owned()))
}

/// The complete installation with the highest version among `parent/PREFIX<version>/inner`.
fn newest(parent: &str, prefix: &str, inner: &str) -> Option<Binaries> {
    let entries = fs::read_dir(parent).ok()?.flatten();
    let versions = entries.filter_map(|entry| {
        let version = version(entry.file_name().to_str()?.strip_prefix(prefix)?)?;
        Some((version, complete(&entry.path().join(inner))?))
    });
    let (_, found) = versions.max_by(|(a, _), (b, _)| a.cmp(b))?;
    Some(found)
}

fn version(name: &str) -> Option<Vec<u32>> {
    name.split('.').map(|part| part.parse().ok()).collect()
}

fn by_pg_config() -> Option<Binaries> {
    let answer = Command::new("pg_config").arg("--bindir").output().ok()?;
    complete(Path::new(String::from_utf8(answer.stdout).ok()?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("15") > version("9.6"));
        assert!(version("18") > version("15"));
        assert_eq!(version("common"), None);
    }

    #[test]
    fn a_folder_without_the_programs_is_skipped() {
        assert!(complete(Path::new("/nowhere")).is_none());
        assert!(complete(&env::temp_dir()).is_none());
    }
}
