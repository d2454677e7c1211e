//! `/api/v1/plans`: what saves and removes routing plans

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_application_management::routing_plans::{
    NewVersion, PlanError, Prepared, TouchPlan, Touched,
};
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{PlanDocument, PlanProblem};
use switchboard_domain::ports::SavedPlan;
use utoipa::{IntoParams, ToSchema};

use super::plans::{OfPath, found, whole, word};
use crate::body::{self, Fields};
use crate::caller::{Caller, Configure};
use crate::list::NoParams;
use crate::objects::{PlanImpactObject, SavedPlanObject};
use crate::parameters::flag;
use crate::plan_mistakes::{self, DOCUMENT};
use crate::precondition::{EntityTag, IfMatch, Precondition, located, tagged};
use crate::problem::{Mistake, Problem, ProblemCode};
use crate::responses::{BodyProblems, EditProblems, RemovalProblems};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// A new routing plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewPlanBody {
    /// The name, which must be unique in the organization; by default the one in the document.
    name: Option<String>,
    /// The document: `rules` and `otherwise`, as the routing page describes them. Agents are named by their ids, external ids
    /// or names; their ids are stored.
    #[schema(value_type = BTreeMap<String, Value>)]
    document: Value,
    /// Who saves it, as free text; by default the id of the API key, or `operator` for an operator key.
    author: Option<String>,
}

/// The next version of a routing plan: a document, or the number of a version to restore.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanVersionBody {
    /// A new name; by default the one in the document, or else the previous one.
    name: Option<String>,
    /// The document, as of a new plan.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    document: Option<Value>,
    /// The number of an earlier version, whose document and name are saved again.
    #[schema(minimum = 1)]
    restore: Option<u32>,
    /// Who saves it, as free text; by default the id of the API key, or `operator` for an operator key.
    author: Option<String>,
}

/// Whether the version is only looked at.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SaveParams {
    /// Whether nothing is saved: the answer is what would be saved, and what it would apply to.
    #[param(value_type = Option<bool>, default = false)]
    dry_run: Option<String>,
}

/// The author that an operator is by default.
const OPERATOR: &str = "operator";

/// The field of a body that has the number of an earlier version.
const RESTORE: &str = "restore";

/// What becomes of a version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Saving {
    Planned,
    Done,
}

impl Saving {
    fn of(caller: &Caller<Configure>) -> Result<Self, Problem> {
        let params: SaveParams = caller.query()?;
        let is_planned = flag("dry_run", params.dry_run.as_deref())?;
        Ok(if is_planned { Self::Planned } else { Self::Done })
    }
}

/// What a version has: one of these.
enum Content {
    Document(PlanDocument),
    Earlier(u32),
}

/// The document of the body. Its own mistakes are reported once it is compiled.
pub(super) fn document(fields: &mut Fields) -> Option<Value> {
    let value = fields.take(DOCUMENT)?;
    if !value.is_object() {
        fields.wrong(DOCUMENT, "type", &"is not an object");
        return None;
    }
    Some(value)
}

/// The number of a version.
fn version(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("is not the number of a version")
}

fn content(fields: &mut Fields) -> Option<Content> {
    let document = document(fields);
    let earlier = fields.number(RESTORE, version);
    let is_wrong = fields.is_wrong(DOCUMENT) || fields.is_wrong(RESTORE);
    match (document, earlier) {
        (Some(document), earlier) => {
            if earlier.is_some() {
                fields.wrong(RESTORE, "invalid", &"cannot be given together with document");
            }
            Some(Content::Document(document.to_string().into()))
        }
        (None, Some(version)) => Some(Content::Earlier(version)),
        (None, None) => {
            if !is_wrong {
                fields.wrong(DOCUMENT, "required", &"is missing");
            }
            None
        }
    }
}

/// The fields of the body from which a version is made, for the places of its mistakes.
#[derive(Clone, Copy)]
struct Origin {
    name: &'static str,
    document: &'static str,
}

impl Origin {
    fn of(name: Option<&Label>, content: Option<&Content>) -> Self {
        let (document, named) = match content {
            Some(Content::Earlier(_)) => (RESTORE, RESTORE),
            Some(Content::Document(_)) | None => (DOCUMENT, "document/name"),
        };
        Self { name: if name.is_some() { "name" } else { named }, document }
    }

    fn mistakes(self, problems: &[PlanProblem]) -> Vec<Mistake> {
        if self.document == RESTORE {
            plan_mistakes::at(RESTORE, problems)
        } else {
            plan_mistakes::within(self.document, problems)
        }
    }

    fn problem(self, error: PlanError) -> Problem {
        if matches!(error, PlanError::NameTaken { .. }) {
            return Problem::field(ProblemCode::PlanNameTaken, self.name, &error);
        }
        if let PlanError::Wrong { problems } = &error {
            return Problem::mistakes(self.mistakes(problems));
        }
        OfPath(error).into()
    }

    /// The prepared version, or all mistakes of the body: those of its fields, and those of the document.
    fn settled(
        self,
        mut fields: Fields,
        prepared: Option<Result<Prepared, PlanError>>,
    ) -> Result<Prepared, Problem> {
        let error = match prepared {
            Some(Ok(prepared)) => return fields.end().map(|()| prepared),
            Some(Err(error)) => error,
            None => {
                fields.end()?;
                // Without mistakes, a document or a version was given.
                return Err(Problem::of(ProblemCode::Internal));
            }
        };
        if let PlanError::Wrong { problems } = &error {
            fields.mistaken(self.mistakes(problems));
        }
        if matches!(error, PlanError::NoName) && !fields.is_wrong("name") {
            fields.wrong("name", "required", &"is missing");
        }
        fields.end()?;
        Err(self.problem(error))
    }
}

/// Who saves a version. Organizations see it, so it does not name the key of an operator.
fn saved_by(caller: &Caller<Configure>, given: Option<Label>) -> Result<Label, Problem> {
    let who = if caller.is_operator { OPERATOR } else { caller.key().as_str() };
    // An id is a label.
    given.map_or_else(|| Label::parse(who), Ok).map_err(|_never| Problem::of(ProblemCode::Internal))
}

/// Add a routing plan
///
/// Its first version. It belongs to the organization of the key, or to the one that an operator key selects, or else to the
/// default one. It decides for nothing until it is attached.
#[utoipa::path(
    post, path = "/api/v1/plans", tag = "Plans", operation_id = "add_plan",
    params(SaveParams),
    request_body(content = NewPlanBody, example = json!({"name": "Front desk", "document": {"otherwise": {"agents": ["sales"]}}})),
    responses(
        (status = 200, description = "The plan that would be added.", body = SavedPlanObject),
        (status = 201, description = "The plan.", body = SavedPlanObject,
         headers(("ETag" = String, description = "The tag of the plan, for `If-Match`."))),
        BodyProblems,
    ),
)]
pub(crate) async fn add(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let saving = Saving::of(&caller)?;
    let mut fields = body::read(&request, payload).await?;
    let name = fields.text("name", Label::parse);
    let given = fields.text("author", Label::parse);
    let document = document(&mut fields);
    if document.is_none() && !fields.is_wrong(DOCUMENT) {
        fields.wrong(DOCUMENT, "required", &"is missing");
    }
    let is_nameless = document.as_ref().is_some_and(|document| document.get("name").is_none());
    if name.is_none() && is_nameless && !fields.is_wrong("name") {
        fields.wrong("name", "required", &"is missing");
    }
    let origin = Origin::of(name.as_ref(), None);
    let (saved_by, author) = (saved_by(&caller, given)?, caller.author());
    let prepared = match document {
        Some(document) => {
            let (organization, document) = (caller.organization(), document.to_string().into());
            let new = NewVersion { organization, document, plan: None, name, author: saved_by };
            Some(state.plans.prepare(&author, new).await)
        }
        None => None,
    };
    let prepared = origin.settled(fields, prepared)?;
    let outcome = carry_out(&state, &author, &prepared, saving).await;
    let outcome = outcome.map_err(|error| origin.problem(error))?;
    let answer = rendered(&state, &author, &outcome).await?;
    match saving {
        Saving::Planned => Ok(answer),
        Saving::Done => located(answer, &format!("/api/v1/plans/{}", outcome.plan.id)),
    }
}

/// Save the next version of a routing plan
///
/// Everything that the plan is attached to uses it at once. If the document and the name are those of the newest version,
/// nothing is saved, and `saved` is `false`. With `If-Match`, the request is refused if the plan is not as it was seen.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/versions", tag = "Plans", operation_id = "save_plan_version",
    params(("id" = String, Path, description = "The id of the plan, `pln_…`, or its name."), SaveParams, IfMatch),
    request_body(content = PlanVersionBody, example = json!({"document": {"otherwise": {"agents": ["support"]}}})),
    responses(
        (status = 200, description = "The version that would be saved, or the newest one, which is the same.", body = SavedPlanObject,
         headers(("ETag" = String, description = "The tag of the plan, for `If-Match`; not of a dry run."))),
        (status = 201, description = "The version.", body = SavedPlanObject,
         headers(("ETag" = String, description = "The tag of the changed plan, for `If-Match`."))),
        EditProblems,
    ),
)]
pub(crate) async fn add_version(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    let saving = Saving::of(&caller)?;
    let precondition = Precondition::of(&caller)?;
    let word = word(&caller).await?;
    let mut fields = body::read(&request, payload).await?;
    let name = fields.text("name", Label::parse);
    let given = fields.text("author", Label::parse);
    let content = content(&mut fields);
    let origin = Origin::of(name.as_ref(), content.as_ref());
    let (saved_by, author) = (saved_by(&caller, given)?, caller.author());
    let edited = Edited { state: &state, scope: &author, word: &word };
    let before = match edited.seen(&precondition).await? {
        Some(seen) => seen,
        None => edited.read().await?,
    };
    // Another plan can have the name by now.
    let id = before.id.clone();
    let edited = Edited { word: id.as_str(), ..edited };
    let prepared = match content {
        Some(content) => {
            let (organization, plan) = (before.organization.clone(), Some(id.to_string()));
            let next =
                |document| NewVersion { organization, document, plan, name, author: saved_by };
            Some(prepare_next(&state, &author, before, content, next).await)
        }
        None => None,
    };
    let prepared = origin.settled(fields, prepared)?;
    let outcome = match carry_out(&state, &author, &prepared, saving).await {
        Err(error @ PlanError::NameTaken { .. }) => return Err(origin.problem(error)),
        outcome => outcome.map_err(OfPath),
    };
    let outcome = edited.finished(&precondition, outcome).await?;
    rendered(&state, &author, &outcome).await
}

/// Compiles the next version of a plan, which `next` makes of its document.
async fn prepare_next(
    state: &AdminState,
    scope: &Scope,
    before: SavedPlan,
    content: Content,
    next: impl FnOnce(PlanDocument) -> NewVersion,
) -> Result<Prepared, PlanError> {
    let new = match content {
        Content::Document(document) => next(document),
        Content::Earlier(version) => {
            let earlier = state.plans.version(scope, &before.id, version).await?;
            let new = next(earlier.document);
            NewVersion { name: new.name.or(Some(earlier.name)), ..new }
        }
    };
    state.plans.prepare_as_read(before, new).await
}

/// Remove a routing plan that is attached to nothing
///
/// With all its versions.
#[utoipa::path(
    delete, path = "/api/v1/plans/{id}", tag = "Plans", operation_id = "remove_plan",
    params(("id" = String, Path, description = "The id of the plan, `pln_…`, or its name."), IfMatch),
    responses((status = 204, description = "The plan is removed."), RemovalProblems),
)]
pub(crate) async fn remove(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<HttpResponse, Problem> {
    caller.query::<NoParams>()?;
    let precondition = Precondition::of(&caller)?;
    let (word, author) = (word(&caller).await?, caller.author());
    let edited = Edited { state: &state, scope: &author, word: &word };
    let (before, removed) = if let Some(before) = edited.seen(&precondition).await? {
        let removed = state.plans.remove_as_read(&author, &before).await;
        (before, removed)
    } else {
        let before = edited.read().await?;
        let removed = state.plans.remove(&author, before.id.as_str()).await;
        (before, removed)
    };
    // Another plan can have the name by now.
    let edited = Edited { word: before.id.as_str(), ..edited };
    edited.finished(&precondition, removed.map_err(OfPath)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What became of a version.
struct Outcome {
    /// The version that was saved, or would be, or the newest one that is the same.
    plan: SavedPlan,
    is_saved: bool,
    touched: Option<Touched>,
}

async fn carry_out(
    state: &AdminState,
    author: &Author,
    prepared: &Prepared,
    saving: Saving,
) -> Result<Outcome, PlanError> {
    if let Some(same) = &prepared.same {
        return Ok(Outcome { plan: same.clone(), is_saved: false, touched: None });
    }
    let touching = TouchPlan { replay: state.plan_replay.clone() };
    let plan = prepared.version.clone();
    // The places of an organization have plans of the organization only.
    let scope = Scope::Organization(plan.organization.clone());
    let touched = Some(touching.attached(&scope, &plan.id).await?);
    if saving == Saving::Done {
        state.plans.save(author, &plan).await?;
    }
    Ok(Outcome { plan, is_saved: saving == Saving::Done, touched })
}

async fn rendered(
    state: &AdminState,
    scope: &Scope,
    outcome: &Outcome,
) -> Result<HttpResponse, Problem> {
    let Outcome { plan, is_saved, touched } = outcome;
    let plan = whole(state, scope, plan).await?;
    let tag = EntityTag::of(&plan)?;
    let touches = touched.as_ref().map(PlanImpactObject::of);
    let answer = |plan| SavedPlanObject { plan, saved: *is_saved, touches };
    Ok(match (is_saved, touched) {
        (true, _) => tagged(StatusCode::CREATED, &answer(plan), &tag),
        (false, None) => tagged(StatusCode::OK, &answer(plan), &tag),
        // What would be saved has no tag.
        (false, Some(_)) => HttpResponse::Ok().json(answer(plan.unsaved())),
    })
}

struct Edited<'a> {
    state: &'a AdminState,
    scope: &'a Scope,
    word: &'a str,
}

impl Versioned for Edited<'_> {
    type Stored = SavedPlan;
    type Error = OfPath;

    async fn read(&self) -> Result<SavedPlan, Problem> {
        found(self.state, self.scope, self.word).await
    }

    async fn shown(&self, stored: &SavedPlan) -> Result<impl Serialize, Problem> {
        whole(self.state, self.scope, stored).await
    }

    fn is_outrun(OfPath(error): &OfPath) -> bool {
        matches!(error, PlanError::Outrun { .. })
    }
}
