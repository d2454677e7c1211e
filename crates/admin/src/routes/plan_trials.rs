//! `/api/v1/plans/{id}/simulate` and `/api/v1/plans/{id}/replay`: what a plan or its next version would decide

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload, block};
use serde::Serialize;
use serde_json::Value;
use switchboard_application_management::routing_plans::{
    Before, Draft, FirstDay, PlanError, ReplayTerms, Replayed, ReplayedChange, Replaying,
    SimulatePlan, Supposed,
};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::PlanDocument;
use switchboard_domain::ports::SavedPlan;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use utoipa::ToSchema;

use super::plan_changes::document;
use super::plans::{found, word};
use crate::body;
use crate::caller::{Caller, Read};
use crate::explanation_request::{self, implied};
use crate::list::NoParams;
use crate::names::Names;
use crate::objects::{
    ReplayBeforeObject, ReplayChangeObject, ReplayCountsObject, ReplayObject, WeekObject, address,
};
use crate::parameters::RecordParams;
use crate::party::Party;
use crate::problem::{Problem, ProblemCode};
use crate::reported::Reported;
use crate::responses::BodyProblems;
use crate::state::AdminState;

/// The maximum number of simulated days.
const MAX_DAYS: u16 = 31;
/// The number of days, if none is given.
const DAYS: u16 = 7;
/// The maximum number of days that are replayed.
const MAX_REPLAYED_DAYS: u16 = 90;
/// How many calls, and how many messages, are replayed at once.
const MAX_RECORDS: usize = 10_000;
/// How many changes are shown. The others are counted.
const MAX_CHANGES: usize = 200;
const DAY: i64 = 24 * 3_600;

/// A hypothetical caller, and the days of a simulation.
#[derive(Serialize, ToSchema)]
pub(crate) struct SimulationBody {
    /// The document to simulate, as the next version of the plan; by default the stored one.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    document: Option<Value>,
    /// The caller or sender; by default a fictional number.
    from: Option<String>,
    /// The number that is called; by default the first one that the plan is attached to.
    to: Option<String>,
    /// `voice`, `sms`, `whatsapp`, `rcs` or `messenger`; by default the one that the caller's address implies, else `voice`.
    channel: Option<String>,
    /// The first day: `now`, a date in the time zone of the plan, or RFC 3339.
    #[schema(default = "now")]
    at: Option<String>,
    /// The number of days.
    #[schema(minimum = 1, maximum = 31, default = 7)]
    days: Option<u16>,
    /// The caller's country as Twilio reports it, for example `US`.
    country: Option<String>,
    /// The caller's state or province as Twilio reports it, for example `CA`.
    state: Option<String>,
    /// The caller's city as Twilio reports it.
    city: Option<String>,
    /// The caller's postal code as Twilio reports it.
    postal_code: Option<String>,
    /// The STIR/SHAKEN attestation of the number: `A`, `B` or `C`.
    attestation: Option<String>,
}

/// What is replayed. Without a number and an account: the numbers for which the plan decides.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayBody {
    /// The document to replay, as the next version of the plan; by default the stored one.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    document: Option<Value>,
    /// The number of days to look back.
    #[schema(minimum = 1, maximum = 90, default = 7)]
    days: Option<u16>,
    /// Only calls and messages to this number.
    number: Option<String>,
    /// Only calls and messages to numbers of this account.
    account_sid: Option<String>,
}

/// A whole number of days.
fn days(most: u16) -> impl FnOnce(&str) -> Result<u16, String> {
    move |text| {
        let days = text.parse().ok().filter(|days| (1..=most).contains(days));
        days.ok_or_else(|| format!("is not a whole number from 1 to {most}"))
    }
}

/// The plan of the path, and the document to try: the given one as its next version, or the stored one as it decides.
async fn tried(
    state: &AdminState,
    scope: &Scope,
    word: &str,
    document: Option<PlanDocument>,
) -> Result<(SavedPlan, Draft), Problem> {
    let saved = found(state, scope, word).await?;
    let sources = &state.plans.sources;
    let draft = match &document {
        Some(document) => {
            Draft::of(sources, &saved.organization, saved.id.as_str(), document).await?
        }
        None => match Draft::of_saved(sources, &saved).await {
            Ok((draft, _skipped)) => draft,
            Err(PlanError::Wrong { .. }) => return Err(Problem::of(ProblemCode::PlanUnreadable)),
            Err(error) => return Err(error.into()),
        },
    };
    Ok((saved, draft))
}

/// Show who answers one caller in each half hour of some days
///
/// The same decision function answers webhooks. All agents are assumed to be available, and decision services are not called.
/// `splits` shows how rules with weights split 10,000 callers.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/simulate", tag = "Plans", operation_id = "simulate_plan",
    params(("id" = String, Path, description = "The id of the plan, `pln_…`, or its name.")),
    request_body(content = SimulationBody, example = json!({"from": "+14155550199", "at": "2026-12-21"})),
    responses((status = 200, description = "The days.", body = WeekObject), BodyProblems),
)]
pub(crate) async fn simulate(
    caller: Caller<Read>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<WeekObject>, Problem> {
    caller.query::<NoParams>()?;
    let word = word(&caller).await?;
    let mut fields = body::read(&request, payload).await?;
    let document = document(&mut fields).map(|document| PlanDocument::from(document.to_string()));
    let from = fields.text("from", Party::parse);
    let to = fields.text("to", Sender::parse_typed);
    let channel = fields.text("channel", explanation_request::channel);
    let first = fields.text("at", explanation_request::first_day).unwrap_or(FirstDay::Today);
    let days = fields.number("days", days(MAX_DAYS)).unwrap_or(DAYS);
    let reported = Reported::read(&mut fields);
    fields.end()?;
    // The fictional numbers are numbers.
    let internal = || Problem::of(ProblemCode::Internal);
    let from = from.map_or_else(|| Party::parse(SimulatePlan::CALLER), Ok);
    let from = from.map_err(|_never| internal())?.address;
    let (saved, draft) = tried(&state, &caller.scope, &word, document).await?;
    let own = SimulatePlan::number(state.store.plan_places(), &caller.scope, &saved.id).await?;
    let to = to.or(own).map_or_else(|| Sender::parse(SimulatePlan::NUMBER), Ok);
    let to = to.map_err(|_never| internal())?;
    let channel = channel.unwrap_or_else(|| implied([&from]));
    let facts = reported.facts(&from);
    let event = explanation_request::sid(channel);
    let supposed = Supposed { channel, called: to, from, facts, event };
    let name = draft.spec.name.clone().unwrap_or(saved.name);
    let first = first.date(&draft.zone, state.keys.clock.now());
    let simulating = SimulatePlan { has_voice_server: state.plan_replay.has_voice_server };
    // Ten thousand callers are decided by each rule with weights, which would delay other requests of this thread.
    let simulated = block(move || {
        let simulated = simulating.simulate(&draft, &supposed, first, days);
        let plan = (&draft.plan, name.as_str().to_owned(), &draft.zone);
        WeekObject::of(plan, &supposed, &simulated)
    });
    let object =
        simulated.await.map_err(|error| Problem::of(ProblemCode::Internal).because(&error))?;
    Ok(Json(object))
}

/// Replay recorded calls and messages through a plan
///
/// Of the newest 10,000 calls and the newest 10,000 messages in the period; `incomplete` says whether there are more. Up to 200
/// changes are shown, and all are counted. Agents are assumed to be available, and decision services are not called.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/replay", tag = "Plans", operation_id = "replay_plan",
    params(("id" = String, Path, description = "The id of the plan, `pln_…`, or its name."), RecordParams),
    request_body(content = ReplayBody, example = json!({"document": {"otherwise": {"agents": ["support"]}}, "days": 7})),
    responses((status = 200, description = "What would be decided differently.", body = ReplayObject), BodyProblems),
)]
pub(crate) async fn replay(
    caller: Caller<Read>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<ReplayObject>, Problem> {
    let phone_numbers = caller.query::<RecordParams>()?.phone_numbers()?;
    let word = word(&caller).await?;
    let mut fields = body::read(&request, payload).await?;
    let document = document(&mut fields).map(|document| PlanDocument::from(document.to_string()));
    let days = fields.number("days", days(MAX_REPLAYED_DAYS)).unwrap_or(DAYS);
    let number = fields.text("number", Sender::parse_typed);
    let account = fields.text("account_sid", AccountSid::parse);
    if number.is_some() && account.is_some() {
        fields.wrong("account_sid", "invalid", &"cannot be given together with number");
    }
    fields.end()?;
    let (saved, draft) = tried(&state, &caller.scope, &word, document).await?;
    let now = state.keys.clock.now();
    let terms = ReplayTerms {
        organization: saved.organization,
        from: now.plus_seconds(-i64::from(days) * DAY),
        until: now.plus_seconds(1),
        of: match (number, account) {
            (Some(number), _) => Replaying::Number(number),
            (None, Some(account)) => Replaying::Account(account),
            (None, None) => Replaying::Plan(saved.id),
        },
        most: Some(MAX_RECORDS),
    };
    let mut changes = Vec::new();
    let report = async |page: Vec<ReplayedChange>, _counts: &Replayed| {
        let room = MAX_CHANGES.saturating_sub(changes.len());
        changes.extend(page.into_iter().take(room));
        Ok::<_, PlanError>(())
    };
    let counts = state.plan_replay.replay(&caller.scope, &draft.plan, &terms, report).await?;
    let mut names = Names::new(state.store.as_ref(), &caller.scope);
    let mut shown = Vec::with_capacity(changes.len());
    for change in &changes {
        let name = match &change.before {
            Before::Agent(id) => names.agent(id).await?.name,
            Before::Action(_) | Before::UnknownAction(_) | Before::Nobody => None,
        };
        let (from, before) =
            (address(&change.from, phone_numbers), ReplayBeforeObject::of(&change.before, name));
        shown.push(ReplayChangeObject::of(change, &draft.plan, from, before));
    }
    Ok(Json(ReplayObject {
        counts: ReplayCountsObject::of(&counts),
        incomplete: counts.is_cut_off,
        changes: shown,
    }))
}
