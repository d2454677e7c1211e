//! `switchboard doctor`: checks the installation, and says what to do about each problem.

mod audit;
mod check;
mod database;
mod files;
mod keys;
mod network;
mod plans;
mod sources;
mod tokens;
mod voice_servers;

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use switchboard_domain::account::Account;
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::authentication::Validation;
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page, StoreError};

use super::output::Format;
use crate::ambient::Ambient;
use crate::encryption_keys;
use crate::failure::Failure;
use crate::settings::{Mistakes, Settings};
use check::{Check, State};

/// The options of `switchboard doctor`.
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = "Examples:\n  switchboard doctor\n  switchboard doctor --json\n\n\
    The exit code is 1 if a check fails. Warnings do not change the exit code.")]
pub(super) struct Options {
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(options: Options) -> Result<(), Failure> {
    let checks = match Settings::from_environment() {
        Ok(settings) => all(settings).await,
        Err(mistakes) => of_mistakes(&mistakes),
    };
    options.format.print_each(&checks, || check::listed(&checks))?;
    if checks.iter().any(|check| check.state == State::Fail) {
        Err(Failure::Reported)
    } else {
        Ok(())
    }
}

/// Without valid settings, nothing else can be checked.
fn of_mistakes(mistakes: &Mistakes) -> Vec<Check> {
    mistakes
        .iter()
        .map(|mistake| {
            Check::fail(
                "configuration",
                mistake.to_string(),
                "correct it, then run `switchboard doctor` again",
            )
        })
        .collect()
}

async fn all(mut settings: Settings) -> Vec<Check> {
    let mut checks = configuration(&settings);
    checks.extend(files::check(&settings));
    let store = match database::open(&settings).await {
        Ok((store, check)) => {
            checks.push(check);
            Some(store)
        }
        Err(check) => {
            checks.push(check);
            None
        }
    };
    if let Some(store) = &store {
        checks.push(database::clock(store.as_ref(), Ambient::system().clock.as_ref()).await);
        checks.extend(plans::check(store).await);
        checks.push(audit::check(store.audit()).await);
    }
    checks.push(match &store {
        Some(store) => keys::check(&settings, store.accounts()).await,
        None => keys::check_file(&settings, &encryption_keys::key_file(&settings)),
    });
    if let (Some(store), Ok(Some(keyring))) = (&store, keys::given(&settings)) {
        checks.extend(tokens::check(&settings, &keyring, store.accounts()).await);
        checks.extend(keys::secrets(Arc::new(keyring), Arc::clone(store)).await);
    }
    if let Some(store) = &store {
        checks.extend(network::stored_url(&mut settings.public_urls, store.public_url()).await);
    }
    for url in settings.public_urls.all() {
        checks.push(network::public_url(&url).await);
    }
    checks.push(validation(settings.validation));
    if let Some(store) = &store {
        checks.extend(reporting_accounts(store.accounts()).await);
    }
    checks.extend(sources::check(&settings.sources));
    checks.push(database::voice_server(&settings, store.as_deref()).await);
    if let Some(store) = &store {
        checks.extend(voice_servers::check(&settings, store.as_ref()).await);
    }
    checks
}

fn configuration(settings: &Settings) -> Vec<Check> {
    let source = if Path::new("switchboard.toml").exists() {
        "the environment and switchboard.toml are read"
    } else {
        "the environment is read; the working directory has no switchboard.toml"
    };
    let mut checks = vec![Check::ok("configuration", source)];
    let warnings = settings.warnings.iter();
    checks.extend(
        warnings.map(|warning| {
            Check::warn("configuration", warning, "correct the setting, or remove it")
        }),
    );
    checks
}

fn validation(validation: Validation) -> Check {
    const NAME: &str = "signatures";
    let remedy = "set TWILIO_SIGNATURE_VALIDATION=enforced once the cause is found";
    match validation {
        Validation::Enforced => Check::ok(NAME, "verified; other requests are refused"),
        Validation::Report => {
            Check::warn(NAME, "verified but not enforced: forged requests are answered", remedy)
        }
        Validation::Disabled => {
            Check::warn(NAME, "not verified: anyone can send calls and messages", remedy)
        }
    }
}

/// Accounts whose signatures are not enforced, whatever the installation says.
async fn reporting_accounts(store: &dyn AccountStore) -> Option<Check> {
    const NAME: &str = "signatures";
    let mut reporting = Vec::new();
    let mut page = Page::first(500);
    loop {
        let accounts = match store.list(&Scope::Operator, &page).await {
            Ok(accounts) => accounts,
            Err(error) => return Some(unanswered(NAME, &error)),
        };
        let Some(last) = accounts.last() else { break };
        page = Page::behind(last.sid, 500);
        let reports = |account: &&Account| account.validation == Some(AccountValidation::Report);
        reporting.extend(accounts.iter().filter(reports).map(|account| account.sid.to_string()));
    }
    let first = reporting.first()?;
    let detail = format!(
        "not enforced for {}, whose forged requests are answered: {}",
        counted(reporting.len(), "account"),
        reporting.join(", ")
    );
    let remedy = format!(
        "run `switchboard account set {first} --validation default` once the cause is found"
    );
    Some(Check::warn(NAME, detail, remedy))
}

/// The store failed.
fn unanswered(name: &'static str, error: &StoreError) -> Check {
    Check::fail(name, Causes(error).to_string(), "check the log of the database")
}
