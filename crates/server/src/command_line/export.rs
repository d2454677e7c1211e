//! `switchboard export …`

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use csv::Writer;
use serde::Serialize;
use switchboard_admin::objects::{NumberDisplay, SubscriptionObject};
use switchboard_application_carrier::adopt::{
    ExportDirectory, Exported, ExportedRouting, Omission,
};
use switchboard_domain::agent::Label;
use switchboard_domain::consent::Consent;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::subscription::Subscription;
use tempfile::NamedTempFile;

use super::archive_file;
use super::import::columns;
use super::output::Format;
use super::route::calendar_line;
use super::view::{ConsentView, subscription_row};
use crate::failure::{Doing as _, Failure, note};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring::{self, plan_codec};

/// The file with the whole configuration.
const CONFIGURATION: &str = "configuration.jsonl";
/// The folders of documents.
const CALENDARS: &str = "calendars";
const LISTS: &str = "lists";
const PLANS: &str = "plans";
const CONSENTS: &str = "consents.csv";
const SUBSCRIPTIONS: &str = "subscriptions.csv";
/// File systems take names of 255 bytes.
const MAX_NAME: usize = 200;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard export --to backup\n  \
    switchboard import archive backup/configuration.jsonl --accounts backup/accounts.csv\n  \
    switchboard import csv --accounts backup/accounts.csv --agents backup/agents.csv --numbers backup/numbers.csv\n\n\
    The file configuration.jsonl has the whole configuration of all organizations: organizations, accounts, agents, numbers,\n\
    routing plans with all versions and what they are attached to, calendars, lists, subscriptions, consents, API keys as digests,\n\
    and the public URL. `switchboard import archive` brings it to a new database. Secrets are not exported.\n\n\
    The other files are for people and other programs: `switchboard import csv` reads accounts, agents and numbers, also into a\n\
    database that has some. It keeps the tokens of known accounts, and requires those of new ones. The folders calendars, lists\n\
    and plans get a file for each calendar, list and routing plan of the default organization: read them with\n\
    `switchboard route calendar set NAME FILE`, `switchboard route list set NAME FILE` and `switchboard route plan save FILE`.\n\
    The files consents.csv and subscriptions.csv are not imported. Standard error lists what is not exported.")]
pub(super) struct Options {
    /// The folder for the files; created if it does not exist
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    format: Format,
}

/// What was exported.
#[derive(Debug, Serialize)]
struct Report {
    accounts: usize,
    agents: usize,
    numbers: usize,
    calendars: usize,
    lists: usize,
    plans: usize,
    consents: usize,
    subscriptions: usize,
    /// What is not exported.
    omissions: Vec<String>,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    const READING: &str = "reading what is exported";
    let location = settings.database.location.clone();
    let store = Installation::open(settings).await?.store;
    let archive = wiring::archive(&location).await.doing("opening the database")?;
    let configuration = archive_file::text(archive.read_archive().await.doing(READING)?);
    let configuration = configuration.doing(READING)?;
    let exporting = ExportDirectory {
        accounts: store.clone(),
        agents: store.clone(),
        numbers: store.clone(),
        catalogue: store.clone(),
        consents: store.clone(),
        subscriptions: store.clone(),
        plans: store.clone(),
        codec: plan_codec(),
    };
    let exported = exporting.export(&Scope::Operator).await.doing(READING)?;
    let existing = if options.force { Existing::Replace } else { Existing::Refuse };
    Files::write(&options.to, &configuration, &exported)?.keep(&options.to, existing)?;
    for omission in &exported.omissions {
        note(
            "warning",
            &match omission {
                Omission::Accounts(_) => format!("not exported: {omission}"),
                Omission::Places { .. } | Omission::UnreadablePlans(_) => {
                    format!("exported to {CONFIGURATION} only: {omission}")
                }
            },
        )?;
    }
    let omissions: Vec<_> = exported.omissions.iter().map(ToString::to_string).collect();
    let formulas = formulas(&exported);
    if formulas > 0 {
        let begin = if formulas == 1 { "begins" } else { "begin" };
        let warning = format!(
            "{} {begin} with =, +, -, @, a tab or a carriage return, which a spreadsheet may run as a formula; import the files there as text",
            counted(formulas, "cell")
        );
        note("warning", &warning)?;
    }
    let (accounts, agents, numbers) =
        (exported.accounts.len(), exported.agents.len(), exported.numbers.len());
    let routing = &exported.routing;
    let (calendars, lists, plans) =
        (routing.calendars.len(), routing.lists.len(), routing.plans.len());
    let (consents, subscriptions) = (exported.consents.len(), exported.subscriptions.len());
    let report = Report {
        accounts,
        agents,
        numbers,
        calendars,
        lists,
        plans,
        consents,
        subscriptions,
        omissions,
    };
    options.format.print(&report, || {
        let folder = options.to.display();
        format!(
            "exported {}, {}, {}, {}, {}, {}, {} and {} to {folder}",
            counted(accounts, "account"),
            counted(agents, "agent"),
            counted(numbers, "number"),
            counted(calendars, "calendar"),
            counted(lists, "list"),
            counted(plans, "routing plan"),
            counted(consents, "consent"),
            counted(subscriptions, "subscription")
        )
    })
}

/// How many texts a spreadsheet would read as formulas. Phone numbers begin with `+` and are none.
fn formulas(exported: &Exported) -> usize {
    let accounts = exported.accounts.iter().map(|account| &account.name);
    let agents = exported.agents.iter().flat_map(|agent| {
        let prompt = [&agent.external_id, &agent.name, &agent.prompt, &agent.voice];
        prompt.into_iter().chain([&agent.model, &agent.language, &agent.reply])
    });
    let numbers = exported.numbers.iter().map(|number| &number.agent_external_id);
    let is_formula = |text: &&String| text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    accounts.chain(agents).chain(numbers).filter(is_formula).count()
}

/// What becomes of files that exist.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Existing {
    Refuse,
    Replace,
}

/// Temporary files of mode 0600, because they hold phone numbers. They are renamed once all of them are written, so
/// that no partial export is visible.
struct Files(Vec<(String, NamedTempFile)>);

impl Files {
    fn write(folder: &Path, configuration: &str, exported: &Exported) -> Result<Self, Failure> {
        let failed = |error: &dyn std::error::Error| {
            Failure::local(format!(
                "--to {}: files cannot be written there: {error}",
                folder.display()
            ))
        };
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let accounts = exported.accounts.iter().map(|account| {
            let region = account.region.as_deref().unwrap_or_default();
            [&*account.sid, &account.name, account.auth_token.expose(), &account.parent_sid, region]
        });
        let agents = exported.agents.iter().map(|agent| {
            let more = &agent.more;
            [
                &*agent.external_id,
                &agent.name,
                &agent.prompt,
                &agent.voice,
                &agent.model,
                &agent.language,
                &agent.stream_url,
                &agent.reply,
                &agent.parameters,
                more.relay_url.as_deref().unwrap_or_default(),
                more.voice_redirect_url.as_deref().unwrap_or_default(),
                more.dial.as_deref().unwrap_or_default(),
                more.voice_twilio.as_deref().unwrap_or_default(),
                more.message_redirect_url.as_deref().unwrap_or_default(),
                more.message_webhook.as_deref().unwrap_or_default(),
                more.message_twilio.as_deref().unwrap_or_default(),
                more.chat_model.as_deref().unwrap_or_default(),
                more.chat_url.as_deref().unwrap_or_default(),
                more.chat_max_tokens.as_deref().unwrap_or_default(),
                more.chat_daily_limit.as_deref().unwrap_or_default(),
                more.whatsapp_template.as_deref().unwrap_or_default(),
                more.relay_attributes.as_deref().unwrap_or_default(),
                more.state.as_deref().unwrap_or_default(),
                more.capacity.as_deref().unwrap_or_default(),
                more.hours.as_deref().unwrap_or_default(),
                more.health_url.as_deref().unwrap_or_default(),
            ]
        });
        let numbers = exported.numbers.iter().map(|number| {
            let account = number.account_sid.as_deref().unwrap_or_default();
            let channels = number.channels.as_deref().unwrap_or_default();
            let repair = number.repair.as_deref().unwrap_or_default();
            [&*number.phone_number, account, &number.agent_external_id, channels, repair]
        });
        let head = columns::ACCOUNTS.map(|(name, _)| name);
        let accounts = file(folder, head, accounts).map_err(|error| failed(&error))?;
        let head = columns::AGENTS.map(|(name, _)| name);
        let agents = file(folder, head, agents).map_err(|error| failed(&error))?;
        let head = columns::NUMBERS.map(|(name, _)| name);
        let numbers = file(folder, head, numbers).map_err(|error| failed(&error))?;
        let tables = [("accounts.csv", accounts), ("agents.csv", agents), ("numbers.csv", numbers)];
        let mut files: Vec<_> =
            tables.into_iter().map(|(name, file)| (name.to_owned(), file)).collect();
        let configuration = written(folder, configuration).map_err(|error| failed(&error))?;
        files.push((CONFIGURATION.to_owned(), configuration));
        if !exported.consents.is_empty() {
            let consents = consents(folder, &exported.consents).map_err(|error| failed(&error))?;
            files.push((CONSENTS.to_owned(), consents));
        }
        if !exported.subscriptions.is_empty() {
            let file = subscriptions(folder, &exported.subscriptions);
            files.push((SUBSCRIPTIONS.to_owned(), file.map_err(|error| failed(&error))?));
        }
        for (name, text) in documents(&exported.routing) {
            let written = written(folder, &text).map_err(|error| failed(&error))?;
            files.push((name, written));
        }
        Ok(Self(files))
    }

    /// Renames the files.
    fn keep(self, folder: &Path, existing: Existing) -> Result<(), Failure> {
        let there = self.0.iter().find(|(name, _)| folder.join(name).exists());
        if let Some((name, _)) = there.filter(|_| existing == Existing::Refuse) {
            return Err(exists(folder, name));
        }
        for (name, file) in self.0 {
            let path = folder.join(&name);
            if let Some(parent) = path.parent() {
                let made = std::fs::create_dir_all(parent);
                made.doing(format!("creating {}", parent.display()))?;
            }
            let kept = match existing {
                Existing::Refuse => file.persist_noclobber(&path),
                Existing::Replace => file.persist(&path),
            };
            match kept {
                Ok(_) => {}
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                    return Err(exists(folder, &name));
                }
                Err(error) => return Err(error.error).doing(format!("writing {}", path.display())),
            }
        }
        Ok(())
    }
}

/// The documents of routing by the names of their files.
fn documents(routing: &ExportedRouting) -> Vec<(String, String)> {
    let lines = |lines: Vec<String>| lines.iter().flat_map(|line| [line, "\n"]).collect();
    let calendars = routing.calendars.iter().enumerate().map(|(index, (name, days))| {
        let days = days.iter().map(|range| calendar_line(*range)).collect();
        (file_name(CALENDARS, (index, name), "txt"), lines(days))
    });
    let lists = routing.lists.iter().enumerate().map(|(index, (name, numbers))| {
        let numbers = numbers.iter().map(|number| number.as_str().to_owned()).collect();
        (file_name(LISTS, (index, name), "txt"), lines(numbers))
    });
    let plans = routing.plans.iter().enumerate().map(|(index, (name, document))| {
        (file_name(PLANS, (index, name), "json"), document.to_string())
    });
    calendars.chain(lists).chain(plans).collect()
}

/// The path of a document, whose name is percent-encoded where a file system would not take it as it is. A longer name is
/// shortened and numbered.
fn file_name(folder: &str, (index, name): (usize, &Label), extension: &str) -> String {
    let mut path = format!("{folder}/");
    for (place, character) in name.as_str().char_indices() {
        if path.len() > MAX_NAME {
            path.extend(["~", &(index + 1).to_string()]);
            break;
        }
        if matches!(character, '/' | '\\' | '%' | ':') || (place == 0 && character == '.') {
            path.extend(["%", &format!("{:02X}", u32::from(character))]);
        } else {
            path.push(character);
        }
    }
    path.extend([".", extension]);
    path
}

fn written(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn consents(folder: &Path, consents: &[Consent]) -> Result<NamedTempFile, csv::Error> {
    let head =
        ["organization", "sender", "contact", "state", "changed_at", "account_sid", "message_sid"];
    let rows: Vec<[String; 7]> = consents
        .iter()
        .map(|consent| ConsentView::of(consent, NumberDisplay::Revealed).row())
        .collect();
    file(folder, head, rows.iter().map(|row| row.each_ref().map(String::as_str)))
}

fn subscriptions(folder: &Path, all: &[Subscription]) -> Result<NamedTempFile, csv::Error> {
    let head =
        ["id", "organization", "url", "types", "state", "reason", "disabled_at", "created_at"];
    let rows: Vec<[String; 8]> =
        all.iter().map(|one| subscription_row(SubscriptionObject::of(one))).collect();
    file(folder, head, rows.iter().map(|row| row.each_ref().map(String::as_str)))
}

fn exists(folder: &Path, name: &str) -> Failure {
    Failure::refused(format!(
        "{} already exists; name another folder, or overwrite it with --force",
        folder.join(name).display()
    ))
}

fn file<'a, const N: usize>(
    folder: &Path,
    head: [&str; N],
    rows: impl Iterator<Item = [&'a str; N]>,
) -> Result<NamedTempFile, csv::Error> {
    let mut writer = Writer::from_writer(NamedTempFile::new_in(folder)?);
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
