//! `/api/v1/keys`

use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_management::NewApiKey;
use switchboard_domain::agent::Label;
use switchboard_domain::api_key::{KeyLimits, KeyScopes, LimitExceeded};
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::organization::Scope;
use switchboard_domain::source_networks::SourceNetworks;
use utoipa::ToSchema;

use crate::body::{self, Fields};
use crate::caller::{Admin, Caller};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::ApiKeyObject;
use crate::problem::{Problem, ProblemCode};
use crate::responses::{BodyProblems, ChangeProblems, ListProblems};
use crate::state::AdminState;
use crate::when;

/// A new key.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyBody {
    /// What the key is for.
    name: String,
    /// What it may do: `read`, `route`, `configure`, `admin`. None includes another. Only scopes of the key that adds it.
    scopes: Vec<String>,
    /// The networks from which it is accepted, in CIDR notation. Without them, it is accepted from everywhere.
    networks: Option<Vec<String>>,
    /// When it expires: a time (RFC 3339), a day such as `2027-01-31` (UTC), or a duration such as `90d`. Without it, it does not
    /// expire.
    expires_at: Option<String>,
}

/// List API keys, ordered by id, which is by their age
///
/// Also revoked and expired ones. The key of an organization sees the keys of its organization.
#[utoipa::path(
    get, path = "/api/v1/keys", tag = "Keys", operation_id = "list_keys",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<ApiKeyObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Admin>,
    state: Data<AdminState>,
) -> Result<Json<List<ApiKeyObject>>, Problem> {
    let cursors = CursorScope::new("keys", "");
    let params: PageParams = caller.query()?;
    let page = params.page(&cursors, |key| ApiKeyId::parse(key).ok())?;
    let read = async |page| state.keys.store.list(&caller.scope, &page).await;
    let (keys, next) = read_page(page, |one| one.id.to_string(), &cursors, read).await?;
    let now = state.keys.clock.now();
    Ok(Json(List::new(keys.iter().map(|key| ApiKeyObject::of(key, now)).collect(), next)))
}

/// A list of texts that are parsed together, separated by commas; `None` if it is missing.
fn joined<T, E: std::fmt::Display>(
    fields: &mut Fields,
    name: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    let is_given = fields.has(name);
    let one = |text: &str| {
        if text.contains(',') {
            return Err("has a comma".to_owned());
        }
        parse(text).map_err(|error| error.to_string())?;
        Ok(text.to_owned())
    };
    let texts = fields.texts(name, one);
    if !is_given || fields.is_wrong(name) {
        return None;
    }
    parse(&texts.join(",")).map_err(|error| fields.wrong(name, "invalid", &error)).ok()
}

/// Add an API key
///
/// It belongs to the organization of the key that adds it, or to the one that an operator key selects; otherwise it is an
/// operator key. Its secret is shown only in this answer.
#[utoipa::path(
    post, path = "/api/v1/keys", tag = "Keys", operation_id = "add_key",
    request_body = KeyBody,
    responses((status = 201, description = "The key, with its secret.", body = ApiKeyObject), BodyProblems),
)]
pub(crate) async fn add(
    caller: Caller<Admin>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let now = state.keys.clock.now();
    let mut fields = body::read(&request, payload).await?;
    let name = fields.required("name", Label::parse);
    if !fields.has("scopes") {
        fields.wrong("scopes", "required", &"is missing");
    }
    let scopes = joined(&mut fields, "scopes", KeyScopes::parse);
    let networks = joined(&mut fields, "networks", SourceNetworks::parse_limited);
    let expires_at = fields.text("expires_at", |text| {
        when::ahead(text, now)
            .and_then(|at| if now < at { Ok(at) } else { Err("is not in the future".to_owned()) })
    });
    fields.end()?;
    // Without mistakes, both are there.
    let (Some(name), Some(scopes)) = (name, scopes) else {
        return Err(Problem::mistakes(Vec::new()));
    };
    let networks = networks.unwrap_or_default();
    let limits = KeyLimits { scopes, networks, expires_at };
    if let Err(exceeded) = caller.limits.may_add(&limits) {
        let field = match exceeded {
            LimitExceeded::Scope(_) => "scopes",
            LimitExceeded::Networks => "networks",
            LimitExceeded::Expiry => "expires_at",
        };
        let what = format!("{field} {exceeded}");
        return Err(Problem::field(ProblemCode::KeyScope, field, &what));
    }
    let KeyLimits { scopes, networks, expires_at } = limits;
    let organization = match &caller.scope {
        Scope::Organization(id) => Some(id.clone()),
        Scope::Operator => None,
    };
    let new = NewApiKey { organization, name, scopes, networks, expires_at };
    let (key, secret) = state.keys.add(&caller.author(), new).await?;
    Ok(HttpResponse::Created().json(ApiKeyObject::of(&key, now).with_secret(&secret)))
}

/// Revoke an API key
///
/// It is refused at once, by every process, and stays in the list.
#[utoipa::path(
    delete, path = "/api/v1/keys/{id}", tag = "Keys", operation_id = "revoke_key",
    params(("id" = String, Path, description = "The id of the key, `key_…`; not the key itself.")),
    responses((status = 200, description = "The revoked key.", body = ApiKeyObject), ChangeProblems),
)]
pub(crate) async fn revoke(
    caller: Caller<Admin>,
    state: Data<AdminState>,
) -> Result<Json<ApiKeyObject>, Problem> {
    caller.query::<NoParams>()?;
    let id = caller.path().await.and_then(|text| ApiKeyId::parse(&text).ok());
    let id = id.ok_or_else(|| Problem::of(ProblemCode::ApiKeyNotFound))?;
    let key = state.keys.revoke(&caller.author(), &id).await?;
    Ok(Json(ApiKeyObject::of(&key, state.keys.clock.now())))
}
