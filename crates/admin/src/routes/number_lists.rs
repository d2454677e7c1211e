//! `/api/v1/lists`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use switchboard_application_management::routing_plans::{KeepMaterial, PlanError};
use switchboard_domain::agent::Label;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Expected;
use utoipa::ToSchema;

use super::materials::{self, entries, keeping, name, new_name, page};
use crate::body;
use crate::caller::{Caller, Configure, Read};
use crate::list::{List, NoParams, PageParams};
use crate::objects::{NumberDisplay, NumberListObject};
use crate::parameters::RecordParams;
use crate::precondition::{
    EntityTag, Existing, IfMatch, IfNoneMatch, Precondition, located, tagged,
};
use crate::problem::{Problem, ProblemCode};
use crate::responses::{EditProblems, ItemProblems, ListProblems, RemovalProblems};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// The numbers of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberListBody {
    /// Its phone numbers, with their country codes.
    numbers: Vec<String>,
}

/// List lists of phone numbers, ordered by name
///
/// Without their numbers. They are those of the organization of the key, or of the one that an operator key selects, or else of
/// the default one.
#[utoipa::path(
    get, path = "/api/v1/lists", tag = "Plans", operation_id = "list_lists",
    params(PageParams),
    responses((status = 200, description = "A page of the list.", body = List<NumberListObject>), ListProblems),
)]
pub(crate) async fn list(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<Json<List<NumberListObject>>, Problem> {
    let params: PageParams = caller.query()?;
    let keeping = keeping(&caller, &state);
    let names = keeping.names(&caller.scope).await?.lists;
    let (names, next) = page(&params, "lists", &keeping, names).await?;
    let shown = names.iter().map(|name| NumberListObject::of(name, &keeping.organization));
    Ok(Json(List::new(shown.collect(), next)))
}

/// Show a list
#[utoipa::path(
    get, path = "/api/v1/lists/{name}", tag = "Plans", operation_id = "show_list",
    params(("name" = String, Path, description = "The name of the list."), RecordParams),
    responses(
        (status = 200, description = "The list.", body = NumberListObject,
         headers(("ETag" = String, description = "The tag of the list, for `If-Match`."))),
        ItemProblems,
    ),
)]
pub(crate) async fn show(
    caller: Caller<Read>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let (name, keeping) = (name(&caller, MISSING).await?, keeping(&caller, &state));
    let edited = Edited { keeping: &keeping, scope: &caller.scope, name: &name };
    edited.answer(StatusCode::OK, &edited.read().await?, phone_numbers)
}

/// Add or replace a list
///
/// Routing plans that name it use it at once. A number that is given twice is stored once.
#[utoipa::path(
    put, path = "/api/v1/lists/{name}", tag = "Plans", operation_id = "set_list",
    params(
        ("name" = String, Path, description = "The name of the list."),
        RecordParams,
        IfMatch,
        IfNoneMatch,
    ),
    request_body(content = NumberListBody, example = json!({"numbers": ["+14155550199"]})),
    responses(
        (status = 200, description = "The list, which was replaced.", body = NumberListObject,
         headers(("ETag" = String, description = "The tag of the changed list, for `If-Match`."))),
        (status = 201, description = "The list, which was added.", body = NumberListObject,
         headers(("ETag" = String, description = "The tag of the list, for `If-Match`."))),
        EditProblems,
    ),
)]
pub(crate) async fn set(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let (precondition, existing) = (Precondition::of(&caller)?, Existing::of(&caller)?);
    let mut fields = body::read(&request, payload).await?;
    let numbers = entries(&mut fields, "numbers", |text| state.materials.numbers(text));
    fields.end()?;
    let name = new_name(&caller).await?;
    let (keeping, author) = (keeping(&caller, &state), caller.author());
    let edited = Edited { keeping: &keeping, scope: &author, name: &name };
    let found = materials::existing(keeping.list(&author, &name).await)?;
    let is_replaced = found.is_some();
    let expected = materials::expected(&edited, found, &precondition, existing).await?;
    let set = keeping.set_list(&author, &name, &expected, Some(numbers.clone())).await;
    edited.finished(&precondition, set).await?;
    // What was written: others can change it at any time.
    if is_replaced {
        return edited.answer(StatusCode::OK, &numbers, phone_numbers);
    }
    located(edited.answer(StatusCode::CREATED, &numbers, phone_numbers)?, request.path())
}

/// Remove a list that no routing plan names
#[utoipa::path(
    delete, path = "/api/v1/lists/{name}", tag = "Plans", operation_id = "remove_list",
    params(("name" = String, Path, description = "The name of the list."), IfMatch),
    responses((status = 204, description = "The list is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (name, keeping) = (name(&caller, MISSING).await?, keeping(&caller, &state));
    let author = caller.author();
    let edited = Edited { keeping: &keeping, scope: &author, name: &name };
    let seen = edited.seen(&precondition).await?;
    let expected = seen.map_or(Expected::Anything, Expected::Stored);
    let removed = keeping.set_list(&author, &name, &expected, None).await;
    edited.finished(&precondition, removed).await?;
    Ok(HttpResponse::NoContent().finish())
}

const MISSING: ProblemCode = ProblemCode::ListNotFound;

struct Edited<'a> {
    keeping: &'a KeepMaterial,
    scope: &'a Scope,
    name: &'a Label,
}

impl Edited<'_> {
    /// The tag is that of all numbers, whether they are shown or not.
    fn answer(
        &self,
        status: StatusCode,
        numbers: &[PhoneNumber],
        shown: NumberDisplay,
    ) -> Result<HttpResponse, Problem> {
        let tag = EntityTag::of(&self.object(numbers, NumberDisplay::Revealed))?;
        Ok(tagged(status, &self.object(numbers, shown), &tag))
    }

    fn object(&self, numbers: &[PhoneNumber], shown: NumberDisplay) -> NumberListObject {
        NumberListObject::of(self.name, &self.keeping.organization).with_numbers(numbers, shown)
    }
}

impl Versioned for Edited<'_> {
    type Stored = Vec<PhoneNumber>;
    type Error = PlanError;

    async fn read(&self) -> Result<Self::Stored, Problem> {
        Ok(self.keeping.list(self.scope, self.name).await?)
    }

    async fn shown(&self, stored: &Self::Stored) -> Result<impl Serialize, Problem> {
        Ok(self.object(stored, NumberDisplay::Revealed))
    }

    fn is_outrun(error: &PlanError) -> bool {
        matches!(error, PlanError::MaterialChanged { .. })
    }
}
