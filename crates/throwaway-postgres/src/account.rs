//! The account that the server runs as.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// Postgres refuses to run as root, so root's tests run it as another user; everybody else runs it as themselves.
#[derive(Clone, Copy)]
pub(crate) struct Account(Option<Ids>);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ids {
    uid: u32,
    gid: u32,
}

impl Account {
    pub(crate) fn of_the_server() -> Self {
        if own_uid() != 0 {
            return Self(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd is readable");
        let ids = find(&passwd, "postgres").or_else(|| find(&passwd, "nobody"));
        Self(Some(ids.expect("Postgres does not run as root: add a user `postgres` or `nobody`")))
    }

    /// A command that runs as this account. It inherits nothing that could change what Postgres does, and the working
    /// folder is one that every account may enter.
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

    pub(crate) fn take_over(self, folder: &Path) {
        if let Self(Some(ids)) = self {
            chown(folder, Some(ids.uid), Some(ids.gid))
                .expect("root may give a folder to another user");
        }
    }
}

/// The standard library has no `getuid`, and calling libc would need unsafe code.
pub(crate) fn own_uid() -> u32 {
    static UID: OnceLock<u32> = OnceLock::new();
    *UID.get_or_init(|| {
        let id = Command::new("id").arg("-u").output().expect("`id` runs");
        let uid = String::from_utf8_lossy(&id.stdout);
        uid.trim().parse().expect("`id -u` prints a number")
    })
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
    fn an_account_is_found_by_its_whole_name() {
        let passwd =
            "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        let postgres = Ids { uid: 101, gid: 104 };
        assert_eq!(find(passwd, "postgres"), Some(postgres));
        assert_eq!(find(passwd, "nobody"), None);
    }
}
