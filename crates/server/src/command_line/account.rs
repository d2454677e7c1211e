//! `switchboard account …`

pub(super) mod remote;

use std::str::FromStr;

use clap::{Args, Subcommand};
use switchboard_admin::objects::{AccountObject, UnverifiedRequestsObject, VerifiedAccountObject};
use switchboard_application_management::{
    AccountChange, AccountRef, Edit, ManageError, NewAccount, find_account, remove_account,
};
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{ApiKey, Region};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{NumberFilter, Page, StoreError};
use switchboard_domain::sid::{AccountSid, ApiKeySid};

use super::confirmation::Confirmation;
use super::input::{
    account, account_sid, edit, parse, parse_given, refuse_two_standard_inputs, token,
};
use super::output::{Format, ListWriter};
use super::token_check::NoVerify;
use super::{account_connect, account_rotate, account_sync, account_validation as validation};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const PAGE: u32 = 500;
const ADDING: &str = "adding the account";
const LISTING: &str = "listing accounts";
const SHOWING: &str = "showing the account";
const CHANGING: &str = "changing the account";
const REMOVING: &str = "removing the account";
/// What is printed for an empty list.
const EMPTY: &str = "no accounts yet; add one with `switchboard account add`";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a Twilio account, with its auth token from a file or from standard input
    Add(Add),
    /// Print a link by which a customer connects an account by Twilio Connect, without an auth token
    Connect(account_connect::Options),
    /// List accounts
    #[command(
        after_help = "Examples:\n  switchboard account list\n  switchboard account list --json"
    )]
    #[command(visible_alias = "ls")]
    List(Format),
    /// Show an account
    Show(Named),
    /// Change an account's name, parent, tokens, API key, region or validation
    Set(Set),
    /// Remove an account; it must not own numbers
    #[command(visible_alias = "rm")]
    Remove(Remove),
    /// Compare an account's subaccounts and numbers at Twilio with the database, and import new ones
    Sync(account_sync::Options),
    /// Replace the auth token of an account without interruption
    RotateToken(account_rotate::Options),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard account add AC0123456789abcdef0123456789abcdef --name Main --token-file token.txt\n  \
    pass twilio/token | switchboard account add AC0123456789abcdef0123456789abcdef --name Main --token-file -\n\n\
    Pass tokens in a file or on standard input, because other users of the machine can see command-line arguments. The \
    tokens are verified with Twilio, and a wrong token is refused. If Twilio cannot be reached, a warning is shown, and the token is \
    stored.")]
pub(super) struct Add {
    /// The account's SID
    #[arg(value_name = "AC…")]
    sid: String,
    /// The account's name
    #[arg(long)]
    name: String,
    /// File with the auth token (- for standard input)
    #[arg(long, value_name = "FILE")]
    token_file: String,
    /// File with the secondary auth token, during a rotation
    #[arg(long, value_name = "FILE")]
    next_token_file: Option<String>,
    /// The parent account, if the account is a subaccount, by its SID or name
    #[arg(long, value_name = "ACCOUNT")]
    parent: Option<String>,
    /// API key for Twilio's REST API; the auth token is also required, because Twilio signs webhooks with it
    #[arg(long, value_name = "SK…", requires = "api_key_secret_file")]
    api_key: Option<String>,
    /// File with the API key's secret (- for standard input)
    #[arg(long, value_name = "FILE", requires = "api_key")]
    api_key_secret_file: Option<String>,
    /// The Twilio region of the account: us1, ie1 or au1
    #[arg(long, value_name = "REGION", default_value = "us1")]
    region: String,
    #[command(flatten)]
    no_verify: NoVerify,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard account set AC0123456789abcdef0123456789abcdef --name Sales\n  \
    switchboard account set AC0123456789abcdef0123456789abcdef --next-token-file next.txt\n  \
    switchboard account set AC0123456789abcdef0123456789abcdef --token-file next.txt --no-next-token\n  \
    switchboard account set AC0123456789abcdef0123456789abcdef --validation enforced\n\n\
    New tokens are verified with Twilio, as with `switchboard account add`.")]
pub(super) struct Set {
    /// The account's SID or name
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// The account's name
    #[arg(long)]
    name: Option<String>,
    /// File with the new auth token (- for standard input)
    #[arg(long, value_name = "FILE")]
    token_file: Option<String>,
    /// File with the secondary auth token, which is also accepted
    #[arg(long, value_name = "FILE", conflicts_with = "no_next_token")]
    next_token_file: Option<String>,
    /// Delete the secondary auth token
    #[arg(long)]
    no_next_token: bool,
    /// The parent account, by its SID or name
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "no_parent")]
    parent: Option<String>,
    /// Clear the parent
    #[arg(long)]
    no_parent: bool,
    /// API key for Twilio's REST API
    #[arg(
        long,
        value_name = "SK…",
        requires = "api_key_secret_file",
        conflicts_with = "no_api_key"
    )]
    api_key: Option<String>,
    /// File with the API key's secret (- for standard input)
    #[arg(long, value_name = "FILE", requires = "api_key")]
    api_key_secret_file: Option<String>,
    /// Delete the API key
    #[arg(long)]
    no_api_key: bool,
    /// The Twilio region of the account: us1, ie1 or au1
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[command(flatten)]
    validation: validation::Options,
    #[command(flatten)]
    no_verify: NoVerify,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard account show AC0123456789abcdef0123456789abcdef\n  \
    switchboard account show AC0123456789abcdef0123456789abcdef --json"
)]
pub(super) struct Named {
    /// The account's SID or name
    #[arg(value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard account remove AC0123456789abcdef0123456789abcdef --dry-run\n  \
    switchboard account remove AC0123456789abcdef0123456789abcdef --yes"
)]
pub(super) struct Remove {
    /// The account's SID or name
    #[arg(value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => self::add(settings, add).await,
        Command::Connect(options) => account_connect::run(settings, options).await,
        Command::List(format) => list(settings, format).await,
        Command::Show(named) => show(settings, named).await,
        Command::Set(set) => self::set(settings, set).await,
        Command::Remove(named) => remove(settings, named).await,
        Command::Sync(options) => account_sync::run(settings, options).await,
        Command::RotateToken(options) => account_rotate::run(settings, options).await,
    }
}

impl Add {
    /// Parses the options: the account, and its parent, which may be named.
    fn parse(&self) -> Result<(NewAccount, Option<AccountRef>), Failure> {
        let sid = parse("the account", &self.sid, account_sid)?;
        let name = parse("--name", &self.name, Label::parse)?;
        let parent = self.parent.as_deref().map(|text| account("--parent", text)).transpose()?;
        let region = parse("--region", &self.region, Region::from_str)?;
        refuse_two_standard_inputs(&[
            Some(&self.token_file),
            self.next_token_file.as_deref(),
            self.api_key_secret_file.as_deref(),
        ])?;
        let primary = token("--token-file", &self.token_file)?;
        let next = self.next_token_file.as_deref();
        let next_token = next.map(|path| token("--next-token-file", path)).transpose()?;
        let new = NewAccount {
            sid,
            organization: default_organization(),
            name,
            parent: None,
            token: primary,
            next_token,
            api_key: api_key(self.api_key.as_deref(), self.api_key_secret_file.as_deref())?,
            region,
        };
        Ok((new, parent))
    }
}

async fn add(settings: Settings, add: Add) -> Result<(), Failure> {
    let (new, parent) = add.parse()?;
    let installation = Installation::open(settings).await?;
    let parent = match parent {
        Some(parent) => Some(installation.account_sid(&parent).await?),
        None => None,
    };
    let new = NewAccount { parent, ..new };
    let (sid, region) = (new.sid, new.region);
    let accounts = installation.accounts().await?;
    let known = installation.store.accounts().find(&Scope::Operator, sid).await.doing(ADDING)?;
    if known.is_some() {
        return Err(ManageError::AccountKnown { sid }).doing(ADDING);
    }
    let tokens =
        [("--token-file", Some(&new.token)), ("--next-token-file", new.next_token.as_ref())];
    let key = new.api_key.as_ref();
    let verified = add.no_verify.verify(&installation, sid, region, &tokens, key).await?;
    let account = accounts.add(&installation.author(), new).await.doing(ADDING)?;
    let view = VerifiedAccountObject {
        account: AccountObject::of(&account),
        token_verified: verified.tokens,
        api_key_verified: verified.api_key,
    };
    add.format.print(&view, || format!("added account {}", account.sid))
}

fn api_key(sid: Option<&str>, secret_file: Option<&str>) -> Result<Option<ApiKey>, Failure> {
    let (Some(sid), Some(path)) = (sid, secret_file) else { return Ok(None) };
    let sid = parse("--api-key", sid, ApiKeySid::parse)?;
    let secret = token("--api-key-secret-file", path)?.secret().clone();
    Ok(Some(ApiKey { sid, secret }))
}

async fn list(settings: Settings, format: Format) -> Result<(), Failure> {
    let store = Installation::open(settings).await?.store;
    let mut listing = ListWriter::stdout(format);
    let mut page = Page::first(PAGE);
    loop {
        let accounts = store.accounts().list(&Scope::Operator, &page).await.doing(LISTING)?;
        listing.page(&accounts.iter().map(AccountObject::of).collect::<Vec<_>>())?;
        match accounts.last() {
            Some(last) => page = Page::behind(last.sid, PAGE),
            None => return listing.end(EMPTY),
        }
    }
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let word = account("the account", &named.account)?;
    let installation = Installation::open(settings).await?;
    let enforcement = installation.enforcement();
    let (sid, store) = (installation.account_sid(&word).await?, installation.store);
    let found = store.accounts().find(&Scope::Operator, sid).await.doing(SHOWING)?;
    let account = found.ok_or(ManageError::AccountUnknown { sid }).doing(SHOWING)?;
    let view = AccountObject::of(&account);
    if named.format.json {
        return named.format.print(&view, String::new);
    }
    let unverified = enforcement.unverified(&Scope::Operator, sid).await.doing(SHOWING)?;
    let unverified: Vec<_> =
        unverified.requests.iter().map(UnverifiedRequestsObject::from).collect();
    named.format.print(&view, || validation::sheet(&view, &unverified))
}

/// A change of an account, whose accounts may be named.
struct Changed {
    account: AccountRef,
    parent: Edit<AccountRef>,
    /// All but the parent and the validation.
    fields: AccountChange,
    validation: Edit<AccountValidation>,
}

impl Changed {
    /// Whether a field is changed: anything but the validation.
    const fn has_fields(&self) -> bool {
        let AccountChange { name, token, next_token, api_key, region, .. } = &self.fields;
        name.is_some()
            || token.is_some()
            || region.is_some()
            || !self.parent.is_keep()
            || !next_token.is_keep()
            || !api_key.is_keep()
    }
}

impl Set {
    /// Parses the options.
    fn parse(&self) -> Result<Changed, Failure> {
        let account = self::account("the account", &self.account)?;
        let name = parse_given("--name", self.name.as_deref(), Label::parse)?;
        let parent = self.parent.as_deref();
        let parent = parent.map(|text| self::account("--parent", text)).transpose()?;
        let region = parse_given("--region", self.region.as_deref(), Region::from_str)?;
        let (primary, next) = (self.token_file.as_deref(), self.next_token_file.as_deref());
        let secret_file = self.api_key_secret_file.as_deref();
        refuse_two_standard_inputs(&[primary, next, secret_file])?;
        let api_key = api_key(self.api_key.as_deref(), secret_file)?;
        let primary = primary.map(|path| token("--token-file", path)).transpose()?;
        let next = next.map(|path| token("--next-token-file", path)).transpose()?;
        let fields = AccountChange {
            name,
            token: primary,
            next_token: edit(next, self.no_next_token),
            api_key: edit(api_key, self.no_api_key),
            region,
            ..AccountChange::default()
        };
        let validation =
            parse_given("--validation", self.validation.mode.as_deref(), validation::parse)?;
        let validation = validation.unwrap_or(Edit::Keep);
        let changed = Changed { account, parent: edit(parent, self.no_parent), fields, validation };
        if !changed.has_fields() && changed.validation.is_keep() {
            return Err(Failure::usage(
                "nothing to change; name at least one of the options that --help lists",
            ));
        }
        Ok(changed)
    }
}

async fn set(settings: Settings, set: Set) -> Result<(), Failure> {
    let Changed { account, parent, fields, validation } = set.parse()?;
    let installation = Installation::open(settings).await?;
    let sid = installation.account_sid(&account).await?;
    let parent = match parent {
        Edit::Set(parent) => Edit::Set(installation.account_sid(&parent).await?),
        Edit::Clear => Edit::Clear,
        Edit::Keep => Edit::Keep,
    };
    let change = AccountChange { parent, validation, ..fields };
    let accounts = installation.accounts().await?;
    let stored = find_account(installation.store.accounts(), &Scope::Operator, sid).await;
    let stored = stored.doing(CHANGING)?;
    let region = change.region.unwrap_or(stored.region);
    validation::refuse_loss(&installation, &stored, &change.validation, set.validation.force)
        .await?;
    let next = match &change.next_token {
        Edit::Set(token) => Some(token),
        Edit::Keep | Edit::Clear => None,
    };
    let tokens = [("--token-file", change.token.as_ref()), ("--next-token-file", next)];
    let key = match &change.api_key {
        Edit::Set(key) => Some(key),
        Edit::Keep | Edit::Clear => None,
    };
    let verified = set.no_verify.verify(&installation, sid, region, &tokens, key).await?;
    let account = accounts.change(&installation.author(), sid, change).await.doing(CHANGING)?;
    let view = VerifiedAccountObject {
        account: AccountObject::of(&account),
        token_verified: verified.tokens,
        api_key_verified: verified.api_key,
    };
    set.format.print(&view, || format!("changed account {sid}"))
}

async fn remove(settings: Settings, named: Remove) -> Result<(), Failure> {
    let word = account("the account", &named.account)?;
    let installation = Installation::open(settings).await?;
    let author = installation.author();
    let (sid, store) = (installation.account_sid(&word).await?, installation.store);
    let name = match store.accounts().find(&Scope::Operator, sid).await {
        Ok(Some(account)) => format!(" ({})", account.name.as_str()),
        Ok(None) => return Err(ManageError::AccountUnknown { sid }).doing(REMOVING),
        // A row that cannot be read can be removed.
        Err(StoreError::Corrupt { .. }) => String::new(),
        Err(error) => return Err(error).doing(REMOVING),
    };
    let impact = impact(sid, &name);
    let of_account = NumberFilter { account: Some(sid), ..NumberFilter::default() };
    let numbers = store.numbers().list(&Scope::Operator, &of_account, &Page::first(1)).await;
    if !numbers.doing(REMOVING)?.is_empty() {
        return Err(ManageError::AccountInUse { sid }).doing(REMOVING);
    }
    if !named.confirmation.allows(&[impact], named.format)? {
        return Ok(());
    }
    let removed = remove_account(store.accounts(), &author, sid, None).await;
    removed.doing(REMOVING)?;
    print_removed(sid, named.format)
}

/// What is lost with an account. The name is in parentheses, if it is known.
fn impact(sid: AccountSid, name: &str) -> String {
    format!(
        "account {sid}{name} is deleted with its tokens and API key; its webhooks are then refused"
    )
}

fn print_removed(sid: AccountSid, format: Format) -> Result<(), Failure> {
    let removed = serde_json::json!({ "removed": sid.as_str() });
    format.print(&removed, || format!("removed account {sid}"))
}
