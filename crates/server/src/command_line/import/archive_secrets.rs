//! The secrets that an archive does not have: tokens that the import is given, and what is missing after it.

use std::collections::{BTreeSet, HashSet};

use switchboard_application_management::{AuthToken, Problems, TokenSealer};
use switchboard_domain::account::SealedTokens;
use switchboard_domain::counted::counted;
use switchboard_domain::ports::{ArchiveRow, ArchivedValue, RowKey};
use switchboard_domain::sid::AccountSid;

use super::{Csv, reading};
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};

/// How many objects a sentence names.
const MAX_NAMED: usize = 20;

/// The tokens of a file, encrypted: one for each account of the archive. All mistakes of the file are reported at once, and
/// then all accounts without a token.
pub(super) fn tokens(
    sealer: &TokenSealer,
    archive: &[ArchiveRow],
    accounts: Option<String>,
    format: Format,
) -> Result<Vec<(AccountSid, SealedTokens)>, Failure> {
    let mut problems = Problems::default();
    let path = accounts.as_deref().unwrap_or_default().into();
    let files = Csv { accounts, agents: None, numbers: None, verify: false, dry_run: true, format };
    let table = reading::rows(&files, &mut problems).accounts;
    let mut seen = HashSet::new();
    let mut given = Vec::with_capacity(table.rows.len());
    for row in table.rows {
        let token = row.value.auth_token.expose().trim();
        if token.is_empty() {
            continue;
        }
        let line = match row.key {
            RowKey::Line(line) => Some(line),
            RowKey::Key(_) => None,
        };
        let mut wrong = |what: String| problems.push_file(&path, line, what);
        let sid = AccountSid::parse(row.value.sid.trim());
        let sid = sid.map_err(|error| wrong(format!("sid is no account SID: {error}")));
        let token = AuthToken::parse(token);
        let token = token.map_err(|error| wrong(format!("auth_token {error}")));
        if let Ok(sid) = sid
            && !seen.insert(sid)
        {
            wrong("sid is the same as on an earlier line; keep one of them".to_owned());
        }
        if let (Ok(sid), Ok(token)) = (sid, token) {
            given.push((sid, token));
        }
    }
    if problems.count() > 0 {
        return Err(Failure::local(problems.to_string()));
    }
    let has_token: HashSet<_> = given.iter().map(|(sid, _)| sid.as_str()).collect();
    let archived = ids(archive, "accounts", "sid", |_| true);
    // The token of a connected account is that of the owner of its app.
    let is_connected = |row: &ArchiveRow| {
        row.values.get("connect_app_sid").is_some_and(|app| *app != ArchivedValue::Null)
    };
    let connected = ids(archive, "accounts", "sid", is_connected);
    let (connected, without): (Vec<_>, Vec<_>) = archived
        .into_iter()
        .filter(|sid| !has_token.contains(sid))
        .partition(|sid| connected.contains(sid));
    if !without.is_empty() {
        return Err(Failure::refused(format!(
            "no token is given for {}; fill in the column auth_token of accounts.csv, and name the file with --accounts",
            named(&without, "account")
        )));
    }
    let without = connected.into_iter().filter_map(|sid| AccountSid::parse(sid).ok());
    let without: Vec<_> = without.collect();
    let encrypted = given.into_iter().map(|(sid, token)| {
        Ok((sid, sealer.seal(sid, &token, None).doing("encrypting the tokens")?))
    });
    let none = without
        .into_iter()
        .map(|sid| Ok((sid, sealer.no_token(sid).doing("encrypting the tokens")?)));
    encrypted.chain(none).collect()
}

/// The secrets that are missing after the import, and how to set them.
pub(super) fn missing(archive: &[ArchiveRow]) -> Vec<String> {
    let with = |columns: &'static [&'static str]| {
        let is_set = |row: &ArchiveRow, column| {
            row.values.get(column).is_some_and(|value| *value != ArchivedValue::Null)
        };
        ids(archive, "agents", "id", move |row| columns.iter().any(|column| is_set(row, *column)))
    };
    let kinds = [
        (
            with(&["message_webhook", "message_twilio", "voice_twilio"]),
            ("agent", "signing secret", "switchboard agent rotate-secret"),
        ),
        (with(&["message_chat"]), ("agent", "key of its chat model", "switchboard agent set")),
        (
            ids(archive, "subscriptions", "id", |_| true),
            ("subscription", "signing secret", "switchboard subscription rotate-secret"),
        ),
    ];
    let kinds = kinds.into_iter().filter(|(ids, _)| !ids.is_empty());
    let hint = |(ids, (kind, secret, command)): (BTreeSet<&str>, (&str, &str, &str))| {
        let ids: Vec<_> = ids.into_iter().collect();
        format!("without {secret}: {}; set it with `{command}`", named(&ids, kind))
    };
    kinds.map(hint).collect()
}

/// The ids of the rows of a table.
fn ids<'a>(
    archive: &'a [ArchiveRow],
    table: &str,
    column: &str,
    is_meant: impl Fn(&ArchiveRow) -> bool,
) -> BTreeSet<&'a str> {
    let rows = archive.iter().filter(|row| row.table == table && is_meant(row));
    let id = |row: &'a ArchiveRow| match row.values.get(column) {
        Some(ArchivedValue::Text(id)) => Some(id.as_str()),
        _ => None,
    };
    rows.filter_map(id).collect()
}

/// The number of objects, and the ids of the first ones.
fn named(ids: &[&str], kind: &str) -> String {
    let shown = ids.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = ids.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} ({shown}{more})", counted(ids.len(), kind))
}
