//! `switchboard account …` through the API

use serde_json::{Map, Value, json};
use switchboard_admin::objects::{
    AccountObject, NumberObject, ValidationObject, VerifiedAccountObject,
};
use switchboard_application_management::{
    AccountChange, AccountRef, AuthToken, Edit, ManageError, NewAccount,
};
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::carrier::ApiKey;
use switchboard_domain::sid::AccountSid;

use super::{
    ADDING, Add, CHANGING, Changed, Command, EMPTY, LISTING, Named, REMOVING, Remove, SHOWING, Set,
    impact, print_removed,
};
use crate::command_line::input::account;
use crate::command_line::remote::{
    Client, Known as _, RemoteError, Resource, account_sid, print_all, unsupported,
};
use crate::command_line::token_check::{NoVerify, Verified, WrongToken};
use crate::command_line::{account_connect, account_validation as validation};
use crate::failure::{Doing as _, Failure};

const FINDING: &str = "finding the account";

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(format) => {
            let list = Resource::of(&["accounts"]);
            print_all::<AccountObject>(client, &list, format, LISTING, EMPTY).await
        }
        Command::Show(named) => show(client, named).await,
        Command::Add(add) => self::add(client, add).await,
        Command::Set(set) => self::set(client, set).await,
        Command::Remove(remove) => self::remove(client, remove).await,
        Command::Connect(options) => account_connect::run_remotely(client, options).await,
        Command::Sync(_) | Command::RotateToken(_) => Err(unsupported()),
    }
}

/// An account that exists.
async fn found(client: &Client, sid: AccountSid, doing: &str) -> Result<AccountObject, Failure> {
    let stored = Resource::of(&["accounts", sid.as_str()]);
    let found = client.find(&stored, "account_not_found").await.doing(doing)?;
    found.ok_or(ManageError::AccountUnknown { sid }).doing(doing)
}

async fn show(client: &Client, named: Named) -> Result<(), Failure> {
    let word = account("the account", &named.account)?;
    let sid = account_sid(client, &word, FINDING).await?;
    let view = found(client, sid, SHOWING).await?;
    if named.format.json {
        return named.format.print(&view, String::new);
    }
    let unverified = Resource::of(&["accounts", sid.as_str(), "validation"]);
    let unverified: ValidationObject = client.get(&unverified).await.doing(SHOWING)?;
    named.format.print(&view, || validation::sheet(&view, &unverified.unverified))
}

/// The SID of the parent that a change sets, as JSON; `null` if it clears the parent.
async fn parent_sid(client: &Client, parent: &Edit<AccountRef>) -> Result<Edit<Value>, Failure> {
    Ok(match parent {
        Edit::Set(word) => Edit::Set(json!(account_sid(client, word, FINDING).await?.as_str())),
        Edit::Clear => Edit::Clear,
        Edit::Keep => Edit::Keep,
    })
}

fn token(token: &AuthToken) -> Value {
    json!(token.secret().expose())
}

fn api_key(key: &ApiKey) -> Value {
    json!({ "sid": key.sid.as_str(), "secret": key.secret.expose() })
}

/// A field of a body; `None` for a value that stays.
fn field<T>(name: &str, edit: &Edit<T>, json: impl FnOnce(&T) -> Value) -> Option<(String, Value)> {
    let value = match edit {
        Edit::Keep => return None,
        Edit::Set(value) => json(value),
        Edit::Clear => Value::Null,
    };
    Some((name.to_owned(), value))
}

async fn add(client: &Client, add: Add) -> Result<(), Failure> {
    let (new, parent) = add.parse()?;
    let parent = parent_sid(client, &Edit::from(parent)).await?;
    let NewAccount { sid, name, token: primary, next_token, api_key: key, region, .. } = new;
    let fields = [
        field("parent_sid", &parent, Value::clone),
        field("next_auth_token", &Edit::from(next_token), token),
        field("api_key", &Edit::from(key), api_key),
    ];
    let mut body: Map<String, Value> = fields.into_iter().flatten().collect();
    body.extend([
        ("sid".to_owned(), json!(sid.as_str())),
        ("name".to_owned(), json!(name.as_str())),
        ("auth_token".to_owned(), token(&primary)),
        ("region".to_owned(), json!(region.as_str())),
        ("verify".to_owned(), json!(add.no_verify.verifies())),
    ]);
    let added = client.post(&Resource::of(&["accounts"]), &body).await;
    let view = verified(added, sid, add.no_verify, ADDING)?;
    add.format.print(&view, || format!("added account {sid}"))
}

/// The account of a successful answer. What Twilio did not verify is a warning, and what it refuses an error.
fn verified(
    answer: Result<VerifiedAccountObject, RemoteError>,
    sid: AccountSid,
    no_verify: NoVerify,
    doing: &str,
) -> Result<VerifiedAccountObject, Failure> {
    if let Err(error) = &answer
        && let Some(wrong) = wrong_token(error, sid)
    {
        return Err(Failure::Failed(Box::new(wrong)));
    }
    let is_own_parent = matches!(&answer, Err(error) if is_about(error, "/parent_sid"));
    let known = answer.known(|code| match code {
        "account_exists" => Some(ManageError::AccountKnown { sid }),
        "account_not_found" => Some(ManageError::AccountUnknown { sid }),
        "account_changed" => Some(ManageError::AccountChanged { sid }),
        "body_invalid" if is_own_parent => Some(ManageError::OwnParent { sid }),
        _ => None,
    });
    let view = known.doing(doing)?;
    no_verify.warn(sid, Verified { tokens: view.token_verified, api_key: view.api_key_verified });
    Ok(view)
}

fn wrong_token(error: &RemoteError, sid: AccountSid) -> Option<WrongToken> {
    let problem = error.problem().filter(|problem| problem.code == "token_wrong")?;
    problem.errors.iter().find_map(|one| WrongToken::of_field(&one.pointer, &one.detail, sid))
}

/// Whether a problem is about one field only.
fn is_about(error: &RemoteError, pointer: &str) -> bool {
    let errors = error.problem().map(|problem| problem.errors.as_slice());
    matches!(errors, Some([only]) if only.pointer == pointer)
}

async fn set(client: &Client, set: Set) -> Result<(), Failure> {
    let changed = set.parse()?;
    if changed.has_fields() && !changed.validation.is_keep() {
        return Err(Failure::usage(
            "through --url (SWITCHBOARD_URL), --validation is a request of its own; give the other options in another command",
        ));
    }
    let Changed { account, parent, fields, validation } = changed;
    let sid = account_sid(client, &account, FINDING).await?;
    let parent = parent_sid(client, &parent).await?;
    found(client, sid, CHANGING).await?;
    let view = if validation.is_keep() {
        let body = change(&fields, &parent, set.no_verify);
        let stored = Resource::of(&["accounts", sid.as_str()]);
        verified(client.patch(&stored, &body).await, sid, set.no_verify, CHANGING)?
    } else {
        set_validation(client, sid, &validation, &set.validation).await?;
        let account = found(client, sid, CHANGING).await?;
        VerifiedAccountObject { account, token_verified: None, api_key_verified: None }
    };
    set.format.print(&view, || format!("changed account {sid}"))
}

/// The body of a change.
fn change(fields: &AccountChange, parent: &Edit<Value>, no_verify: NoVerify) -> Map<String, Value> {
    let AccountChange { name, token: primary, next_token, api_key: key, region, .. } = fields;
    let primary = primary.as_ref().map(token);
    let fields = [
        name.as_ref().map(|name| ("name".to_owned(), json!(name.as_str()))),
        primary.map(|primary| ("auth_token".to_owned(), primary)),
        field("next_auth_token", next_token, token),
        field("parent_sid", parent, Value::clone),
        field("api_key", key, api_key),
        region.map(|region| ("region".to_owned(), json!(region.as_str()))),
        Some(("verify".to_owned(), json!(no_verify.verifies()))),
    ];
    fields.into_iter().flatten().collect()
}

/// Sets how strictly signatures are checked.
async fn set_validation(
    client: &Client,
    sid: AccountSid,
    mode: &Edit<AccountValidation>,
    options: &validation::Options,
) -> Result<(), Failure> {
    let resource = Resource::of(&["accounts", sid.as_str(), "validation"]);
    let mode = if let Edit::Set(mode) = mode { json!(mode.as_str()) } else { Value::Null };
    let body = json!({ "validation": mode, "force": options.force });
    let Err(error) = client.put::<ValidationObject>(&resource, &body).await else {
        return Ok(());
    };
    let lossy = error.problem().filter(|problem| problem.code == "genuine_traffic");
    let Some(problem) = lossy else { return Err(error).doing(CHANGING) };
    let reason = problem.detail.split("; see GET").next().unwrap_or_default();
    let counted: ValidationObject = client.get(&resource).await.doing(CHANGING)?;
    Err(validation::lossy(reason, &counted.unverified, sid))
}

async fn remove(client: &Client, named: Remove) -> Result<(), Failure> {
    let word = account("the account", &named.account)?;
    let sid = account_sid(client, &word, FINDING).await?;
    let stored = found(client, sid, REMOVING).await?;
    if owns(client, sid).await? {
        return Err(ManageError::AccountInUse { sid }).doing(REMOVING);
    }
    let impact = impact(sid, &format!(" ({})", stored.name));
    if !named.confirmation.allows(&[impact], named.format)? {
        return Ok(());
    }
    let removed = client.delete(&Resource::of(&["accounts", sid.as_str()])).await;
    let removed = removed
        .known(|code| (code == "account_in_use").then_some(ManageError::AccountInUse { sid }));
    removed.doing(REMOVING)?;
    print_removed(sid, named.format)
}

/// Whether an account owns a number or another sender.
async fn owns(client: &Client, sid: AccountSid) -> Result<bool, Failure> {
    for list in ["numbers", "senders"] {
        let list = Resource::of(&[list]).with("account_sid", sid.as_str());
        if !client.first::<NumberObject>(&list, 1).await.doing(REMOVING)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
