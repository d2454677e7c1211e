//! `switchboard keys …`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde::Serialize;
use switchboard_application_management::{KeyRotation, SealedCounts};
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::sealing::{KeyId, Keyring};

use super::output::Format;
use super::progress::{self, Done};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const COUNTING: &str = "counting the encrypted secrets";
const ROTATING: &str = "encrypting the secrets with the first key";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Encrypt every stored token, key and secret with the first encryption key, while servers run
    Rotate(Rotate),
}

#[derive(Clone, Copy, Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard keys rotate --dry-run\n  switchboard keys rotate\n  switchboard keys rotate --json\n\n\
    First put the new key in front of SWITCHBOARD_ENCRYPTION_KEYS, and restart every server with both keys: a server that \
    does not have the new key cannot read what it encrypts. A rotation that is interrupted goes on with what is left.\n\n\
    The exit code is 1 if a secret cannot be decrypted, or is still encrypted with another key."
)]
pub(super) struct Rotate {
    /// Show how many secrets each key encrypts, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Rotate(options) => rotate(settings, options).await,
    }
}

/// How many secrets a key encrypts.
#[derive(Debug, Serialize)]
struct KeyObject {
    /// Its id; `null` for bytes that name no key.
    id: Option<String>,
    /// Whether it is the first one, which encrypts.
    encrypts: bool,
    /// Whether it is among the encryption keys.
    is_known: bool,
    secrets: u64,
    /// By table and column.
    columns: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct Report {
    /// How many secrets are encrypted with the first key by this rotation; with `--dry-run`, would be.
    rotated: u64,
    /// How many readable secrets other keys still encrypt.
    outdated: u64,
    keys: Vec<KeyObject>,
    unreadable: u64,
    /// Why the first ones cannot be decrypted.
    unreadable_secrets: Vec<String>,
    /// The keys that encrypt nothing.
    unused: Vec<String>,
}

impl Report {
    fn of(counts: &SealedCounts, keyring: &Keyring, rotated: u64) -> Self {
        let first = keyring.sealing_key_id().as_str();
        let known: Vec<&str> = keyring.key_ids().map(KeyId::as_str).collect();
        let mut ids = known.clone();
        ids.extend(
            counts.by_key.keys().map(|(id, _)| id.as_str()).filter(|id| !known.contains(id)),
        );
        // Those of a key follow each other.
        ids.dedup();
        let key = |id: &str| {
            let of_key = counts.by_key.iter().filter(|((key, _), _)| key == id);
            let columns = of_key.map(|((_, column), count)| {
                let (table, column) = column.place();
                (format!("{table}.{column}"), *count)
            });
            KeyObject {
                id: (!id.is_empty()).then(|| id.to_owned()),
                encrypts: id == first,
                is_known: known.contains(&id),
                secrets: counts.of_key(id),
                columns: columns.collect(),
            }
        };
        let keys: Vec<_> = ids.into_iter().map(key).collect();
        let is_verified = counts.unopened == 0 && counts.outdated == 0;
        let unused = keys.iter().filter(|key| is_verified && !key.encrypts && key.secrets == 0);
        Self {
            rotated,
            outdated: counts.outdated,
            unused: unused.filter_map(|key| key.id.clone()).collect(),
            keys,
            unreadable: counts.unopened,
            unreadable_secrets: counts
                .named
                .iter()
                .map(|(_, error)| Causes(error).to_string())
                .collect(),
        }
    }

    fn lines(&self, dry_run: bool) -> String {
        let mut lines = Vec::new();
        let rotated = counted(self.rotated, "secret");
        lines.push(if dry_run {
            format!("would encrypt {rotated} with the first key")
        } else {
            format!("encrypted {rotated} with the first key")
        });
        for key in &self.keys {
            let name = key.id.as_deref().unwrap_or("(none)");
            let what = match (key.encrypts, key.is_known) {
                (true, _) => ", the first key",
                (false, true) => "",
                (false, false) => ", which is not among the encryption keys",
            };
            let columns: Vec<_> =
                key.columns.iter().map(|(column, count)| format!("{count} in {column}")).collect();
            let columns = if columns.is_empty() {
                String::new()
            } else {
                format!(" ({})", columns.join(", "))
            };
            lines.push(format!("key {name}{what}: {}{columns}", counted(key.secrets, "secret")));
        }
        lines.extend(self.unreadable_secrets.iter().map(|error| format!("not readable: {error}")));
        let named = u64::try_from(self.unreadable_secrets.len()).unwrap_or(u64::MAX);
        if self.unreadable > named {
            let others = counted(self.unreadable - named, "other secret");
            lines.push(format!("not readable: {others}"));
        }
        if self.outdated > 0 && !dry_run {
            lines.push(format!(
                "{} encrypted with another key while this ran: restart servers that do not have the new key as the first one, then \
                 run this again",
                counted(self.outdated, "secret")
            ));
        }
        if !self.unused.is_empty() {
            let unused = self.unused.join(", ");
            lines.push(format!(
                "encrypting nothing, removable a day after every server has the first key: {unused}"
            ));
        }
        lines.join("\n")
    }
}

async fn rotate(settings: Settings, Rotate { dry_run, format }: Rotate) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let sealer = installation.sealer().await?;
    let rotation = KeyRotation {
        store: installation.store.clone(),
        keyring: sealer.keyring.clone(),
        randomness: sealer.randomness.clone(),
    };
    let done = Done::default();
    let report = if dry_run {
        let counting = progress::during(COUNTING, &done, rotation.count());
        let counts = counting.await.doing(COUNTING)?;
        Report::of(&counts, &sealer.keyring, counts.outdated)
    } else {
        let add = |count| done.add(usize::try_from(count).unwrap_or(usize::MAX));
        let rotating = progress::during(ROTATING, &done, rotation.rotate(&add));
        let rotated = rotating.await.doing(ROTATING)?;
        Report::of(&rotated.after, &sealer.keyring, rotated.resealed)
    };
    format.print(&report, || report.lines(dry_run))?;
    if report.unreadable > 0 || (!dry_run && report.outdated > 0) {
        return Err(Failure::Reported);
    }
    Ok(())
}
