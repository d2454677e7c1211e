//! Which commands work through the API.

use crate::failure::Failure;

/// How far a command reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// It works through the API, too.
    Api,
    /// It needs neither a database nor a server, so it ignores the server.
    Anywhere,
    /// It does not work through the API; what to do instead.
    Local(&'static str),
}

/// The commands that work through the API.
const API: &[&str] = &[
    "account add",
    "account connect",
    "account list",
    "account remove",
    "account set",
    "account show",
    "agent add",
    "agent list",
    "agent remove",
    "agent rotate-secret",
    "agent set",
    "agent show",
    "audit list",
    "call list",
    "call show",
    "conversation list",
    "conversation show",
    "delivery list",
    "delivery replay",
    "delivery show",
    "event list",
    "job cancel",
    "job list",
    "job show",
    "key add",
    "key list",
    "key revoke",
    "message list",
    "message send",
    "message show",
    "number add",
    "number assign",
    "number list",
    "number remove",
    "number show",
    "number unassign",
    "organization add",
    "organization list",
    "organization remove",
    "organization set",
    "organization show",
    "rejection list",
    "route attach",
    "route calendar list",
    "route calendar remove",
    "route calendar set",
    "route calendar show",
    "route detach",
    "route explain",
    "route list list",
    "route list remove",
    "route list set",
    "route list show",
    "route plan list",
    "route plan remove",
    "route plan rollback",
    "route plan save",
    "route plan show",
    "route plan versions",
    "sender add",
    "sender assign",
    "sender list",
    "sender remove",
    "sender show",
    "sender unassign",
    "subscription add",
    "subscription list",
    "subscription remove",
    "subscription rotate-secret",
    "subscription set",
    "subscription show",
];

/// The commands that read and write nothing of an installation.
const ANYWHERE: &[&str] = &["completions", "man", "route schema"];

const AT_SERVER: &str = "run it on the machine of the server, with the settings of the server";
const BY_REQUEST: &str = "run it on the machine of the server, or send the request of the API that does the same, which \
                          `/api/docs` of the server shows";
const REPEAT: &str =
    "repeat the command that lists with --since, or run it on the machine of the server";
const SIMULATOR: &str = "the simulator is no part of the API; its own --url, after the command, is that of the public listener";

/// The commands that do not work through the API.
const LOCAL: &[(&str, &str)] = &[
    ("account rotate-token", AT_SERVER),
    ("account sync", AT_SERVER),
    ("call tail", REPEAT),
    ("consent list", AT_SERVER),
    ("doctor", AT_SERVER),
    ("erase", AT_SERVER),
    ("event tail", REPEAT),
    ("export", AT_SERVER),
    ("import archive", AT_SERVER),
    ("import csv", AT_SERVER),
    ("import prisma", AT_SERVER),
    ("keys rotate", AT_SERVER),
    ("message replay", BY_REQUEST),
    ("message tail", REPEAT),
    ("migrate", AT_SERVER),
    ("prune", AT_SERVER),
    ("route replay", BY_REQUEST),
    ("route secret", AT_SERVER),
    ("route simulate", BY_REQUEST),
    ("serve", AT_SERVER),
    ("simulate", SIMULATOR),
    ("simulate message", SIMULATOR),
    ("simulate twilio", SIMULATOR),
    ("simulate voice", SIMULATOR),
    ("webhooks check", BY_REQUEST),
    ("webhooks fix", BY_REQUEST),
    ("webhooks plan", AT_SERVER),
    ("webhooks restore", BY_REQUEST),
];

/// How far the command with these words reaches. A command that no list has does not work through the API.
pub(super) fn of(command: &str) -> Reach {
    if API.contains(&command) {
        return Reach::Api;
    }
    if ANYWHERE.contains(&command) {
        return Reach::Anywhere;
    }
    let local = LOCAL.iter().find(|(other, _)| *other == command);
    Reach::Local(local.map_or(AT_SERVER, |(_, instead)| instead))
}

/// The error of a command that does not work through the API.
pub(in crate::command_line) fn unsupported() -> Failure {
    Failure::usage("this command does not work through --url (SWITCHBOARD_URL)")
}

/// All commands of the lists.
#[cfg(test)]
pub(in crate::command_line) fn listed_commands() -> std::collections::BTreeSet<&'static str> {
    let local = LOCAL.iter().map(|(command, _)| *command);
    let listed: Vec<_> = API.iter().chain(ANYWHERE).copied().chain(local).collect();
    let different: std::collections::BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(different.len(), listed.len(), "a command is listed twice");
    different
}
