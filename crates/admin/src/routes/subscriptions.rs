//! `/api/v1/subscriptions`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_delivery::{SubscriptionChange, SubscriptionError};
use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::SubscriptionId;
use switchboard_domain::organization::Scope;
use switchboard_domain::subscription::Subscription;
use switchboard_domain::web_address::WebUrl;
use utoipa::ToSchema;

use crate::body::{self, Fields};
use crate::caller::{Caller, Configure, Needs, Read};
use crate::cursor::CursorScope;
use crate::list::{List, NoParams, PageParams, read_page};
use crate::objects::SubscriptionObject;
use crate::precondition::{EntityTag, IfMatch, Precondition, located, tagged};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{
    BodyProblems, ChangeProblems, EditProblems, ItemProblems, ListProblems, RemovalProblems,
};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// A new subscription.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSubscriptionBody {
    /// The endpoint, which gets a POST with JSON for each event.
    url: String,
    /// The types of events: names such as `message.failed`, and groups such as `call.*`.
    #[schema(default = json!(["*"]))]
    types: Option<Vec<String>>,
}

/// The changed fields of a subscription. A field that is left out keeps its value.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubscriptionBody {
    /// The endpoint.
    url: Option<String>,
    /// The types of events.
    types: Option<Vec<String>>,
    /// Whether events are delivered. An endpoint that answered 410 gets them again after `true`.
    enabled: Option<bool>,
}

fn types(fields: &mut Fields) -> Option<EventTypes> {
    let is_given = fields.has("types");
    let one = |text: &str| {
        if text.contains(',') {
            Err("has a comma; name each type by itself".to_owned())
        } else {
            EventTypes::parse(text).map_err(|error| error.to_string())
        }
    };
    let named: Vec<_> = fields.texts("types", one);
    let named: Vec<_> = named.iter().map(ToString::to_string).collect();
    if named.is_empty() {
        if is_given && !fields.is_wrong("types") {
            fields.wrong("types", "invalid", &"is empty; name at least one type");
        }
        return None;
    }
    EventTypes::parse(&named.join(",")).ok()
}

/// List subscriptions, ordered by id, which is by their age
#[utoipa::path(
    get, path = "/api/v1/subscriptions", tag = "Subscriptions", operation_id = "list_subscriptions",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<SubscriptionObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<SubscriptionObject>>, Problem> {
    let cursors = CursorScope::new("subscriptions", "");
    let params: PageParams = caller.query()?;
    let page = params.page(&cursors, |key| SubscriptionId::parse(key).ok())?;
    let read = async |page| state.store.subscriptions().list(&caller.scope, &page).await;
    let (subscriptions, next) = read_page(page, |one| one.id.to_string(), &cursors, read).await?;
    Ok(Json(List::new(subscriptions.iter().map(SubscriptionObject::of).collect(), next)))
}

/// Show a subscription
#[utoipa::path(
    get, path = "/api/v1/subscriptions/{id}", tag = "Subscriptions", operation_id = "show_subscription",
    params(("id" = String, Path, description = "The id of the subscription, `sub_…`.")),
    responses(
        (status = 200, description = "The subscription.", body = SubscriptionObject,
         headers(("ETag" = String, description = "The tag of the subscription as it is shown, for `If-Match`."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let found = state.subscriptions.find(&caller.scope, &id(&caller).await?).await?;
    answer(StatusCode::OK, &found)
}

/// Subscribe an endpoint to events
///
/// It receives the events of the organization of the key, or of the one that an operator key selects, or else of the default
/// one. The secret that signs the deliveries is shown only in this answer.
#[utoipa::path(
    post, path = "/api/v1/subscriptions", tag = "Subscriptions", operation_id = "add_subscription",
    request_body = NewSubscriptionBody,
    responses(
        (status = 201, description = "The subscription.", body = SubscriptionObject,
         headers(("ETag" = String, description = "The tag of the subscription, for `If-Match`."))),
        BodyProblems,
    ),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let mut fields = body::read(&request, payload).await?;
    let url = fields.required("url", WebUrl::parse);
    let types = types(&mut fields).unwrap_or_else(EventTypes::all);
    fields.end()?;
    // Without mistakes, it was given.
    let url = url.ok_or_else(|| Problem::mistakes(Vec::new()))?;
    let organization = caller.organization();
    let added = state.subscriptions.add(&caller.author(), organization, url, types).await;
    let (subscription, secret) = added?;
    let object = SubscriptionObject::of(&subscription);
    let tag = EntityTag::of(&object)?;
    let answer = tagged(StatusCode::CREATED, &object.with_secret(&secret), &tag);
    located(answer, &format!("/api/v1/subscriptions/{}", subscription.id))
}

/// Change a subscription, enable or disable it
#[utoipa::path(
    patch, path = "/api/v1/subscriptions/{id}", tag = "Subscriptions", operation_id = "change_subscription",
    params(("id" = String, Path, description = "The id of the subscription, `sub_…`."), IfMatch),
    request_body = SubscriptionBody,
    responses(
        (status = 200, description = "The subscription.", body = SubscriptionObject,
         headers(("ETag" = String, description = "The tag of the changed subscription, for `If-Match`."))),
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
    let id = id(&caller).await?;
    let mut fields = body::read(&request, payload).await?;
    let url = if fields.has("url") { fields.required("url", WebUrl::parse) } else { None };
    let types = types(&mut fields);
    let enabled = fields.flag("enabled");
    fields.end()?;
    let change = SubscriptionChange { url, types, enabled };
    let (author, subscriptions) = (caller.author(), &state.subscriptions);
    let edited = Edited { state: &state, scope: &author, id: &id };
    let changed = match edited.seen(&precondition).await? {
        Some(before) => subscriptions.change_as_read(&author, before, change).await,
        None => subscriptions.change(&author, &id, change).await,
    };
    answer(StatusCode::OK, &edited.finished(&precondition, changed).await?)
}

/// Remove a subscription
///
/// Its open deliveries are canceled.
#[utoipa::path(
    delete, path = "/api/v1/subscriptions/{id}", tag = "Subscriptions", operation_id = "remove_subscription",
    params(("id" = String, Path, description = "The id of the subscription, `sub_…`."), IfMatch),
    responses((status = 204, description = "The subscription is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (id, author) = (id(&caller).await?, caller.author());
    let edited = Edited { state: &state, scope: &author, id: &id };
    let removed = match edited.seen(&precondition).await? {
        Some(before) => state.subscriptions.remove_as_read(&author, &before).await,
        None => state.subscriptions.remove(&author, &id).await,
    };
    edited.finished(&precondition, removed).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Create a new secret for a subscription
///
/// It is shown only in this answer. The previous one also signs for another 24 hours.
#[utoipa::path(
    post, path = "/api/v1/subscriptions/{id}/secret/rotate", tag = "Subscriptions", operation_id = "rotate_subscription_secret",
    params(("id" = String, Path, description = "The id of the subscription, `sub_…`.")),
    responses((status = 200, description = "The subscription, with its new secret.", body = SubscriptionObject), ChangeProblems),
)]
pub(crate) async fn rotate_secret(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<Json<SubscriptionObject>, Problem> {
    caller.query::<NoParams>()?;
    let id = id(&caller).await?;
    let found = state.subscriptions.find(&caller.scope, &id).await?;
    let secret = state.subscriptions.rotate_secret(&caller.author(), &id).await?;
    Ok(Json(SubscriptionObject::of(&found).with_secret(&secret)))
}

async fn id<N: Needs>(caller: &Caller<N>) -> Result<SubscriptionId, Problem> {
    let id = caller.path().await.and_then(|text| SubscriptionId::parse(&text).ok());
    id.ok_or_else(|| Problem::of(ProblemCode::SubscriptionNotFound))
}

fn answer(status: StatusCode, subscription: &Subscription) -> Result<HttpResponse, Problem> {
    let object = SubscriptionObject::of(subscription);
    Ok(tagged(status, &object, &EntityTag::of(&object)?))
}

struct Edited<'a> {
    state: &'a AdminState,
    scope: &'a Scope,
    id: &'a SubscriptionId,
}

impl Versioned for Edited<'_> {
    type Stored = Subscription;
    type Error = SubscriptionError;

    async fn read(&self) -> Result<Subscription, Problem> {
        Ok(self.state.subscriptions.find(self.scope, self.id).await?)
    }

    async fn shown(&self, stored: &Subscription) -> Result<impl Serialize, Problem> {
        Ok(SubscriptionObject::of(stored))
    }

    fn is_outrun(error: &SubscriptionError) -> bool {
        matches!(error, SubscriptionError::Changed { .. })
    }
}
