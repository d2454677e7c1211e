//! `switchboard import prisma …`

use clap::Args;
use serde::Serialize;
use switchboard_application_management::{ImportSummary, LegacyMainAccount, Remark};
use switchboard_domain::counted::counted;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::RowKey;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::{directory, map_file};
use crate::command_line::input::{given_account, parse, text};
use crate::command_line::output::Format;
use crate::command_line::progress::{self, Done};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring::{self, LegacyLocation};

const IMPORTING: &str = "importing from the legacy system";
/// Remarks that are listed at most.
const MAX_LISTED: usize = 50;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard import prisma --from postgres://reader@db.example.com/app --dry-run\n  \
    switchboard import prisma --from-file url.txt --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard import prisma --from-file url.txt --map map.toml --dry-run\n  \
    pass app/database-url | switchboard import prisma --from-file -\n\n\
    Reads the tables \"TwilioPhoneNumber\" and \"Chatbot\", or those that --map names, without changing them. Each \
    chatbot becomes an agent with the chatbot's id as its external id, and its numbers are assigned to it for voice and \
    sms. Existing agents and numbers stay unchanged, so the import can be repeated. If a value is invalid, nothing is \
    imported. docs/migration.md describes the --map file.")]
pub(in crate::command_line) struct Prisma {
    /// The URL of the legacy system's database, if it contains no password
    #[arg(
        long,
        value_name = "POSTGRES-URL",
        required_unless_present = "from_file",
        conflicts_with = "from_file"
    )]
    from: Option<String>,
    /// File with the URL of the database, which may contain a password (- for standard input)
    #[arg(long, value_name = "FILE")]
    from_file: Option<String>,
    /// The account that owns the numbers without a subaccount; by default the main account from the settings
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// File that names the tables and columns, in TOML; by default those of the documented schema
    #[arg(long, value_name = "FILE")]
    map: Option<String>,
    /// Show what would be imported, and import nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

/// What was or would be imported.
#[derive(Debug, Serialize)]
struct Report<'a> {
    dry_run: bool,
    accounts: usize,
    agents: usize,
    numbers: usize,
    assigned: usize,
    known_agents: usize,
    known_numbers: usize,
    remarks: Vec<RemarkView<'a>>,
}

#[derive(Debug, Serialize)]
struct RemarkView<'a> {
    table: &'a str,
    key: &'a str,
    field: &'a str,
    remark: &'a str,
}

pub(super) async fn run(settings: Settings, prisma: Prisma) -> Result<(), Failure> {
    let url = url(&prisma)?;
    let map = prisma.map.as_deref().map(map_file::read).transpose()?.unwrap_or_default();
    let installation = Installation::open(settings).await?;
    let account = given_account(&installation, "--account", prisma.account.as_deref()).await?;
    let main = main_account(&installation.settings, account);
    let sealer = installation.sealer().await?;
    let author = installation.author();
    let Installation { store, ambient, .. } = installation;
    let legacy = wiring::legacy_system(&url, map).await.doing(IMPORTING)?;
    let importing = directory(&store, sealer, ambient);
    let organization = default_organization();
    let preparing = importing.prepare_legacy(&organization, legacy.as_ref(), main);
    let prepared = progress::during("reading the legacy system", &Done::default(), preparing).await;
    let prepared = prepared.doing(IMPORTING)?;
    if !prisma.dry_run {
        let writing = importing.write(&author, &prepared);
        progress::during("importing", &Done::default(), writing).await.doing(IMPORTING)?;
    }
    let report = Report::of(&prisma, prepared.summary(), prepared.remarks());
    prisma.format.print(&report, || report.text(prepared.remarks()))
}

fn url(prisma: &Prisma) -> Result<LegacyLocation, Failure> {
    if let Some(path) = &prisma.from_file {
        let text = Secret::new(text("--from-file", path)?);
        return LegacyLocation::parse(text.expose())
            .map_err(|error| Failure::local(format!("--from-file {path}: the URL {error}")));
    }
    let text = prisma.from.as_deref().unwrap_or_default();
    if has_password(text) {
        return Err(Failure::usage(
            "--from contains a password, which other users of the machine can see; put the URL in a file and name it with --from-file (- for standard input)",
        ));
    }
    parse("--from", text, LegacyLocation::parse)
}

/// Whether a URL contains a password, after the user name or as an option.
fn has_password(url: &str) -> bool {
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let behind_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let user = behind_scheme.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':'))
        || options.split('&').any(|option| option.to_ascii_lowercase().starts_with("password="))
}

/// The account of numbers without a subaccount, with the token of the settings if they contain one.
fn main_account(settings: &Settings, account: Option<AccountSid>) -> Option<LegacyMainAccount> {
    let of_settings = settings
        .main_account
        .as_ref()
        .map(|main| LegacyMainAccount { sid: main.sid, token: Some(main.token.clone()) });
    let Some(sid) = account else { return of_settings };
    let same = of_settings.filter(|main| main.sid == sid);
    Some(same.unwrap_or(LegacyMainAccount { sid, token: None }))
}

impl<'a> Report<'a> {
    fn of(options: &Prisma, summary: ImportSummary, remarks: &'a [Remark]) -> Self {
        let ImportSummary {
            accounts, agents, numbers, assigned, known_agents, known_numbers, ..
        } = summary;
        let view = |remark: &'a Remark| RemarkView {
            table: &remark.table,
            key: match &remark.row {
                Some(RowKey::Key(key)) => key,
                Some(RowKey::Line(_)) | None => "",
            },
            field: &remark.columns,
            remark: &remark.what,
        };
        Self {
            dry_run: options.dry_run,
            accounts,
            agents,
            numbers,
            assigned,
            known_agents,
            known_numbers,
            remarks: remarks.iter().map(view).collect(),
        }
    }

    fn text(&self, remarks: &[Remark]) -> String {
        let mut lines: Vec<_> = remarks.iter().take(MAX_LISTED).map(ToString::to_string).collect();
        if let Some(more) = remarks.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
            lines.push(format!("and {}; use --json for all of them", counted(more, "more remark")));
        }
        let done = if self.dry_run { "would import" } else { "imported" };
        lines.push(format!(
            "{done} {}, {} and {}, of which {} assigned; {} and {} already existed",
            counted(self.accounts, "account"),
            counted(self.agents, "agent"),
            counted(self.numbers, "number"),
            self.assigned,
            counted(self.known_agents, "agent"),
            counted(self.known_numbers, "number")
        ));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::has_password;

    #[test]
    fn a_password_is_found_anywhere_in_a_url() {
        for url in [
            "postgres://me:hunter2@host/db",
            "postgres://me:hun@ter2@host/db?schema=public",
            "postgresql://me:@host/db",
            "postgres://host/db?user=me&password=hunter2",
        ] {
            assert!(has_password(url), "{url}");
        }
        for url in ["postgres://me@host:5432/db", "postgres://host:5432/db?schema=a:b", ""] {
            assert!(!has_password(url), "{url}");
        }
    }
}
