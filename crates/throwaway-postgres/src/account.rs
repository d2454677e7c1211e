//! The user account that runs the server.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

/// Postgres refuses to run as root, so tests of root run it as another user. `None` means the current user.
#[derive(Clone, Copy)]
pub(crate) struct Account(Option<Ids>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ids {
    uid: u32,
    gid: u32,
}

impl Account {
    pub(crate) fn for_server() -> Self {
        if own_uid() != 0 {
            return Self(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd is readable");
        let ids = find(&passwd, "postgres").or_else(|| find(&passwd, "nobody"));
        Self(Some(ids.expect("Postgres cannot run as root: add a user `postgres` or `nobody`")))
    }

    /// A command that runs as this account, with a clean environment and a working folder that every account can
    /// access.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs([("LC_ALL", "C"), ("PATH", "/usr/bin:/bin"), ("TZ", "UTC")])
            .current_dir("/");
        if let Self(Some(ids)) = self {
            command.uid(ids.uid).gid(ids.gid);
        }
        command
    }

    /// Makes this account the owner of the folder.
    pub(crate) fn give(self, folder: &Path) {
        if let Self(Some(ids)) = self {
            chown(folder, Some(ids.uid), Some(ids.gid)).expect("root may change the owner");
        }
    }
}

pub(crate) fn own_uid() -> u32 {
    geteuid().as_raw()
}

fn find(passwd: &str, user: &str) -> Option<Ids> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(user) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Ids { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_full_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        let postgres = Ids { uid: 101, gid: 104 };
        assert_eq!(find(passwd, "postgres"), Some(postgres));
        assert_eq!(find(passwd, "nobody"), None);
    }
}
