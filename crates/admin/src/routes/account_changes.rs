//! `/api/v1/accounts`: what changes accounts

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_carrier::TokenState;
use switchboard_application_management::{AuthToken, Edit, ManageError, remove_account};
use switchboard_domain::account::Account;
use switchboard_domain::carrier::{ApiKey, Region};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::sid::AccountSid;
use utoipa::ToSchema;

use super::accounts::{found, sid};
use crate::account_fields::{AccountFields, Verification};
use crate::body;
use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::{AccountObject, VerifiedAccountObject};
use crate::precondition::{EntityTag, IfMatch, Precondition, located, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{CarrierBodyProblems, EditProblems, RemovalProblems};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// An API key at Twilio, by which requests are sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct TwilioKeyBody {
    /// The SID of the key.
    sid: String,
    /// Its secret, which is encrypted and never shown.
    secret: String,
}

/// A new account.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewAccountBody {
    /// The `AccountSid`.
    sid: String,
    /// Its name.
    name: String,
    /// Its primary auth token, which is encrypted and never shown.
    auth_token: String,
    /// Its secondary auth token, for a rotation.
    next_auth_token: Option<String>,
    /// The main account of a subaccount.
    parent_sid: Option<String>,
    /// An API key at Twilio, by which requests are sent.
    api_key: Option<TwilioKeyBody>,
    /// Where Twilio keeps its data: `us1`, `ie1` or `au1`.
    #[schema(default = "us1")]
    region: Option<String>,
    /// Whether Twilio is asked whether the tokens and the API key are valid. A wrong one is refused.
    #[schema(default = true)]
    verify: Option<bool>,
}

/// The changed fields of an account. A field that is left out keeps its value; `null` removes a next token, a parent or an API
/// key.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountBody {
    /// Its name.
    name: Option<String>,
    /// Its primary auth token.
    auth_token: Option<String>,
    /// Its secondary auth token.
    next_auth_token: Option<String>,
    /// The main account of a subaccount.
    parent_sid: Option<String>,
    /// An API key at Twilio.
    api_key: Option<TwilioKeyBody>,
    /// Where Twilio keeps its data.
    region: Option<String>,
    /// Whether Twilio is asked whether the tokens and the API key are valid.
    #[schema(default = true)]
    verify: Option<bool>,
}

/// Add an account
///
/// It belongs to the organization of the key, or to the one that an operator key selects, or else to the default one. If Twilio
/// does not answer, an operator key stores the tokens unverified; a key of an organization adds no account then.
#[utoipa::path(
    post, path = "/api/v1/accounts", tag = "Accounts", operation_id = "add_account",
    request_body = NewAccountBody,
    responses(
        (status = 201, description = "The account.", body = VerifiedAccountObject,
         headers(("ETag" = String, description = "The tag of the account, for `If-Match`."))),
        CarrierBodyProblems,
    ),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let author = caller.author();
    let organization = match author.scope() {
        Scope::Organization(id) => id.clone(),
        Scope::Operator => default_organization(),
    };
    let fields = body::read(&request, payload).await?;
    let (new, verification) = AccountFields::read_new(fields, organization)?;
    if state.store.accounts().find(&author, new.sid).await?.is_some() {
        return Err(ManageError::AccountKnown { sid: new.sid }.into());
    }
    let given = Given {
        sid: new.sid,
        region: new.region,
        tokens: [("auth_token", Some(&new.token)), ("next_auth_token", new.next_token.as_ref())],
        api_key: new.api_key.as_ref(),
    };
    let verified = given.verify(&state, verification).await?;
    // Otherwise, an organization could take the account of another one before that adds it.
    if !caller.is_operator && verified.tokens != Some(true) {
        return Err(unverified(verification));
    }
    let account = state.accounts.add(&author, new).await?;
    let answer = answer(StatusCode::CREATED, &account, verified)?;
    located(answer, &format!("/api/v1/accounts/{}", account.sid))
}

/// Change an account
///
/// If Twilio does not answer, the tokens are stored unverified.
#[utoipa::path(
    patch, path = "/api/v1/accounts/{sid}", tag = "Accounts", operation_id = "change_account",
    params(("sid" = String, Path, description = "The `AccountSid`."), IfMatch),
    request_body = AccountBody,
    responses(
        (status = 200, description = "The account.", body = VerifiedAccountObject,
         headers(("ETag" = String, description = "The tag of the changed account, for `If-Match`."))),
        EditProblems,
    ),
)]
pub(crate) async fn change(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (sid, author) = (sid(&caller).await?, caller.author());
    let AccountFields { change, verification } =
        AccountFields::read(body::read(&request, payload).await?)?;
    let edited = Edited { state: &state, scope: &author, sid };
    let before = edited.read().await?;
    precondition.check(&edited.tag(&before).await?)?;
    let next = if let Edit::Set(token) = &change.next_token { Some(token) } else { None };
    let given = Given {
        sid,
        region: change.region.unwrap_or(before.region),
        tokens: [("auth_token", change.token.as_ref()), ("next_auth_token", next)],
        api_key: if let Edit::Set(key) = &change.api_key { Some(key) } else { None },
    };
    let verified = given.verify(&state, verification).await?;
    let changed = if precondition.is_given() {
        state.accounts.change_as_read(&author, &before, change).await
    } else {
        state.accounts.change(&author, sid, change).await
    };
    answer(StatusCode::OK, &edited.finished(&precondition, changed).await?, verified)
}

/// Remove an account that owns no numbers
///
/// It is deleted with its tokens; its webhooks are refused then.
#[utoipa::path(
    delete, path = "/api/v1/accounts/{sid}", tag = "Accounts", operation_id = "remove_account",
    params(("sid" = String, Path, description = "The `AccountSid`."), IfMatch),
    responses((status = 204, description = "The account is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (sid, author) = (sid(&caller).await?, caller.author());
    let accounts = state.store.accounts();
    let edited = Edited { state: &state, scope: &author, sid };
    let before = edited.seen(&precondition).await?;
    let removed = remove_account(accounts, &author, sid, before.as_ref()).await;
    edited.finished(&precondition, removed).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The secrets that a request gives, each token with its field.
struct Given<'a> {
    sid: AccountSid,
    region: Region,
    tokens: [(&'static str, Option<&'a AuthToken>); 2],
    api_key: Option<&'a ApiKey>,
}

/// Whether Twilio accepts what was given; `None` for what was not given.
#[derive(Clone, Copy, Default)]
struct Verified {
    tokens: Option<bool>,
    api_key: Option<bool>,
}

impl Given<'_> {
    /// Refuses wrong secrets. Those about which Twilio says nothing are unverified.
    async fn verify(
        &self,
        state: &AdminState,
        verification: Verification,
    ) -> Result<Verified, Problem> {
        let mut verified = Verified::default();
        for (field, token) in self.tokens {
            let Some(token) = token else { continue };
            let is_valid = verification == Verification::AskTwilio && {
                let secret = token.secret().clone();
                accepted(field, state.verifying.verify(self.sid, self.region, secret).await)?
            };
            verified.tokens = Some(verified.tokens.unwrap_or(true) && is_valid);
        }
        if let Some(key) = self.api_key {
            let key = key.clone();
            verified.api_key = Some(
                verification == Verification::AskTwilio
                    && accepted(
                        "api_key",
                        state.verifying.verify_key(self.sid, self.region, key).await,
                    )?,
            );
        }
        Ok(verified)
    }
}

fn accepted(field: &str, state: TokenState) -> Result<bool, Problem> {
    match state {
        TokenState::Valid => Ok(true),
        TokenState::Unknown(_) => Ok(false),
        TokenState::Wrong(error) => Err(Problem::field(
            ProblemCode::TokenWrong,
            field,
            &format!("{field} is wrong: {error}"),
        )),
    }
}

/// The answer to a key of an organization that adds an account whose tokens Twilio has not accepted.
fn unverified(verification: Verification) -> Problem {
    if verification == Verification::AskTwilio {
        return Problem::of(ProblemCode::TwilioUnavailable);
    }
    let what = "verify is false, which needs an operator key";
    Problem::field(ProblemCode::KeyScope, "verify", &what)
}

fn answer(
    status: StatusCode,
    account: &Account,
    verified: Verified,
) -> Result<HttpResponse, Problem> {
    let object = VerifiedAccountObject {
        account: AccountObject::of(account),
        token_verified: verified.tokens,
        api_key_verified: verified.api_key,
    };
    Ok(tagged(status, &object, &EntityTag::of(&object.account)?))
}

struct Edited<'a> {
    state: &'a AdminState,
    scope: &'a Scope,
    sid: AccountSid,
}

impl Versioned for Edited<'_> {
    type Stored = Account;
    type Error = ManageError;

    async fn read(&self) -> Result<Account, Problem> {
        found(self.state, self.scope, self.sid).await
    }

    async fn shown(&self, stored: &Account) -> Result<impl Serialize, Problem> {
        Ok(AccountObject::of(stored))
    }

    fn is_outrun(error: &ManageError) -> bool {
        matches!(error, ManageError::AccountChanged { .. })
    }
}
