//! `/api/v1/numbers/{phone_number}/assignment`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};
use switchboard_application_carrier::configuration::{
    CarrierOutcome, ForeignChanges, NewAssignment, Restored,
};
use switchboard_domain::address::Channel;
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Channels, ChannelsError, RepairPolicy};
use switchboard_domain::sender::Sender;
use utoipa::{IntoParams, ToSchema};

use super::numbers::{found, phone_number};
use crate::body::{self, Fields};
use crate::caller::{Caller, Configure};
use crate::objects::{AssignedObject, UnassignedObject};
use crate::parameters::flag;
use crate::problem::{Mistake, Problem, ProblemCode};
use crate::refused::is_of_carrier;
use crate::responses::{CarrierBodyProblems, CarrierChangeProblems};
use crate::state::AdminState;
use crate::to_end::to_end;

/// Who answers a number.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssignmentBody {
    /// The id of the agent, which belongs to the organization of the number.
    agent_id: String,
    /// The channels that the agent answers: `voice`, `sms`, `whatsapp`.
    #[schema(default = json!(["voice", "sms"]))]
    channels: Option<Vec<String>>,
    /// Whether a SIP trunk, TwiML application or Messaging Service that overrides the URLs of the number is cleared.
    #[schema(default = false)]
    take_over: Option<bool>,
    /// How drift is repaired from now on: `manual` or `automatic`. Without it, that stays as it is.
    repair_policy: Option<String>,
}

/// Reads the body, and returns the id of the agent, too.
fn read(mut fields: Fields, sender: Sender) -> Result<(AgentId, NewAssignment), Problem> {
    let agent = fields.required("agent_id", AgentId::parse);
    let channels = channels(&mut fields, &sender);
    let overrides = match fields.flag("take_over") {
        Some(true) => OverridePolicy::TakeOver,
        Some(false) | None => OverridePolicy::Report,
    };
    let repair = fields.text("repair_policy", |text| {
        RepairPolicy::parse(text).ok_or("is neither manual nor automatic")
    });
    fields.end()?;
    // Without mistakes, both are there.
    let (Some(agent), Some(channels)) = (agent, channels) else {
        return Err(Problem::mistakes(Vec::new()));
    };
    let word = agent.to_string();
    Ok((agent, NewAssignment { sender, agent: word, channels, overrides, repair }))
}

fn channels(fields: &mut Fields, sender: &Sender) -> Option<Channels> {
    if !fields.has("channels") {
        return Some(sender.default_channels());
    }
    let one = |text: &str| match Channel::parse(text) {
        Some(_) => Channels::parse_assigned(text, sender),
        None => Err(ChannelsError::Unknown { name: text.to_owned() }),
    };
    let named: Vec<_> = fields.texts("channels", one);
    let all = Channels::of(named.into_iter().flat_map(Channels::iter));
    if all.is_none() && !fields.is_wrong("channels") {
        fields.wrong("channels", "invalid", &ChannelsError::Empty);
    }
    all
}

/// Whether the number is only looked at.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssignParams {
    /// Whether nothing is changed: the answer is the number as it is, and what would be written at Twilio.
    #[param(value_type = Option<bool>, default = false)]
    dry_run: Option<String>,
}

/// Assign a phone number to an agent, and configure it at Twilio
///
/// The assignment is valid even if Twilio cannot be reached: `carrier` shows the result there, and repeating the request
/// continues. A number that has no such channel at Twilio, or that another account owns there, is refused, and nothing is
/// changed.
#[utoipa::path(
    put, path = "/api/v1/numbers/{phone_number}/assignment", tag = "Numbers", operation_id = "assign_number",
    params(
        ("phone_number" = String, Path, description = "The number with its country code, `+14155550100`."),
        AssignParams,
    ),
    request_body = AssignmentBody,
    responses((status = 200, description = "The number, and the result at Twilio.", body = AssignedObject), CarrierBodyProblems),
)]
pub(crate) async fn assign(
    caller: Caller<Configure>,
    request: HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
) -> Result<Json<AssignedObject>, Problem> {
    let sender = phone_number(&caller).await;
    assigned(&caller, &request, payload, state, sender).await
}

/// Assigns the number or the sender of the path.
pub(super) async fn assigned(
    caller: &Caller<Configure>,
    request: &HttpRequest,
    payload: Payload,
    state: Data<AdminState>,
    sender: Result<Sender, Problem>,
) -> Result<Json<AssignedObject>, Problem> {
    let params: AssignParams = caller.query()?;
    let is_planned = flag("dry_run", params.dry_run.as_deref())?;
    let sender = sender?;
    let (agent, new) = read(body::read(request, payload).await?, sender)?;
    let author = caller.author();
    to_end(async move {
        // 404 before 5xx: what is missing is reported even if the URLs of the server are wrong.
        let number = found(&state, &author, sender).await?;
        if state.store.agents().find(&author, &agent).await?.is_none() {
            return Err(Problem::field(ProblemCode::AgentNotFound, "agent_id", &"does not exist"));
        }
        state.own_urls.may_be_written().await?;
        if is_planned {
            let (_, drift) = state.assigning.preview(&author, &new).await?;
            return Ok(Json(AssignedObject::planned(number, &drift, state.wording.as_ref())));
        }
        let assigned = state.assigning.assign(&author, &new).await?;
        if let CarrierOutcome::Unfinished(error) = &assigned.carrier
            && !is_of_carrier(error)
        {
            return Err(error.into());
        }
        let number = found(&state, &author, sender).await?;
        Ok(Json(AssignedObject::of(number, &assigned.carrier, state.wording.as_ref())))
    })
    .await
}

/// What happens to changes by others.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnassignParams {
    /// Whether fields that somebody else has changed at Twilio are overwritten with their previous values.
    #[param(value_type = Option<bool>, default = false)]
    overwrite: Option<String>,
}

/// Unassign a phone number from its agent, and restore its previous configuration at Twilio
///
/// If a routing plan decides for the number, its configuration stays. If somebody else changed it at Twilio, or Twilio cannot
/// be reached, the number stays assigned.
#[utoipa::path(
    delete, path = "/api/v1/numbers/{phone_number}/assignment", tag = "Numbers", operation_id = "unassign_number",
    params(
        ("phone_number" = String, Path, description = "The number with its country code, `+14155550100`."),
        UnassignParams,
    ),
    responses((status = 200, description = "What was unassigned, and the result at Twilio.", body = UnassignedObject), CarrierChangeProblems),
)]
pub(crate) async fn unassign(
    caller: Caller<Configure>,
    state: Data<AdminState>,
) -> Result<Json<UnassignedObject>, Problem> {
    let sender = phone_number(&caller).await;
    unassigned(&caller, state, sender).await
}

/// Unassigns the number or the sender of the path.
pub(super) async fn unassigned(
    caller: &Caller<Configure>,
    state: Data<AdminState>,
    sender: Result<Sender, Problem>,
) -> Result<Json<UnassignedObject>, Problem> {
    let params: UnassignParams = caller.query()?;
    let foreign = if flag("overwrite", params.overwrite.as_deref())? {
        ForeignChanges::Overwrite
    } else {
        ForeignChanges::Respect
    };
    let (sender, author) = (sender?, caller.author());
    to_end(async move {
        let number = found(&state, &author, sender).await?;
        let released = state.releasing.release(&author, sender, foreign).await?;
        if let Restored::Conflicts(_) = &released.restored {
            return Err(conflicting(&UnassignedObject::of(sender, &released, number.plan)));
        }
        Ok(Json(UnassignedObject::of(sender, &released, number.plan)))
    })
    .await
}

/// A number that somebody else changed at Twilio.
fn conflicting(view: &UnassignedObject) -> Problem {
    let mistakes = view.carrier.conflicts.iter().map(|conflict| {
        let field = &conflict.field;
        Mistake {
            pointer: format!("/{field}"),
            code: "changed",
            detail: format!(
                "{field} was {:?} before, {:?} was written, and now it is {:?}",
                conflict.before, conflict.ours, conflict.now
            ),
        }
    });
    let mistakes = mistakes.collect();
    Problem::of(ProblemCode::ConfigurationChanged).with(mistakes)
}
