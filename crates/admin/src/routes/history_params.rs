//! What selects calls and messages.

use serde::Deserialize;
use switchboard_domain::call::Outcome;
use switchboard_domain::history::{HistoryFilter, Period, Records};
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::list::PageParams;
use crate::objects::NumberDisplay;
use crate::parameters::{parsed, period, revealed, word};
use crate::party::Party;
use crate::problem::Problem;

const OUTCOME: &str = "outcome";
const STATUS: &str = "status";

/// What selects calls or messages.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryParams {
    /// Only entries at or after this time: an RFC 3339 time, a day such as `2026-11-28` (UTC), or an age such as `24h` or `7d`.
    since: Option<String>,
    /// Only entries before this time.
    until: Option<String>,
    /// Only entries from this address: a number, `anonymous`, or another address as Twilio writes it.
    from: Option<String>,
    /// Only entries to this address.
    to: Option<String>,
    /// Only entries from or to this number.
    number: Option<String>,
    /// Only entries of this agent.
    agent_id: Option<String>,
    /// Only entries of this account.
    account_sid: Option<String>,
    /// Only entries whose decision has this reason, for example `assigned`.
    reason: Option<String>,
    /// Only entries that this routing plan decided.
    plan_id: Option<String>,
    /// Only calls with this outcome: `in_progress`, `answered`, `fell_back`, `unanswered`, `rejected` or `failed`.
    outcome: Option<String>,
    /// Only messages in this state, with Twilio's names: `received`, `queued`, `sent`, `delivered`, `failed`, `undelivered`
    /// and others.
    status: Option<String>,
    /// Whether phone numbers of contacts are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
}

impl HistoryParams {
    pub(crate) fn filter(
        &self,
        records: Records,
        now: Timestamp,
    ) -> Result<HistoryFilter, Problem> {
        match records {
            Records::Calls if self.status.is_some() => {
                return Err(Problem::parameter(STATUS, "selects messages only"));
            }
            Records::Messages if self.outcome.is_some() => {
                return Err(Problem::parameter(OUTCOME, "selects calls only"));
            }
            Records::Calls | Records::Messages => {}
        }
        let address = |name, text: &Option<String>| {
            let party = parsed(name, text.as_deref(), Party::parse)?;
            Ok::<_, Problem>(party.map(|party| party.address))
        };
        let (from, to) = (address("from", &self.from)?, address("to", &self.to)?);
        let filter = HistoryFilter {
            period: self.period(now)?,
            from,
            to,
            number: parsed("number", self.number.as_deref(), PhoneNumber::parse_typed)?,
            account: parsed("account_sid", self.account_sid.as_deref(), AccountSid::parse)?,
            agent: parsed("agent_id", self.agent_id.as_deref(), AgentId::parse)?,
            plan: parsed("plan_id", self.plan_id.as_deref(), PlanId::parse)?,
            reason: word(
                "reason",
                self.reason.as_deref(),
                |text| records.reasons().find(|reason| reason.as_str() == text),
                records.reasons().map(Reason::as_str),
            )?,
            outcome: word(
                OUTCOME,
                self.outcome.as_deref(),
                Outcome::parse,
                Outcome::ALL.map(Outcome::as_str),
            )?,
            status: word(
                STATUS,
                self.status.as_deref(),
                MessageStatus::parse,
                MessageStatus::ALL.map(MessageStatus::as_str),
            )?,
        };
        if filter.names_third_party() {
            let what = "is neither from nor to, so nothing can match";
            return Err(Problem::parameter("number", what));
        }
        Ok(filter)
    }

    fn period(&self, now: Timestamp) -> Result<Period, Problem> {
        period(self.since.as_deref(), self.until.as_deref(), now)
    }

    pub(crate) fn phone_numbers(&self) -> Result<NumberDisplay, Problem> {
        revealed(self.reveal.as_deref())
    }

    /// What differs between filters, for cursors. Ages are relative to the time of the request, so they stay as they are
    /// written.
    pub(crate) fn digest(&self) -> String {
        format!("{:?}", Self { limit: None, cursor: None, reveal: None, ..self.clone() })
    }

    pub(crate) fn page(&self) -> PageParams {
        PageParams { limit: self.limit.clone(), cursor: self.cursor.clone() }
    }
}

/// What selects calls, as it is documented: all of it but the state.
pub(crate) enum CallParams {}

impl IntoParams for CallParams {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        without(STATUS, place)
    }
}

/// What selects messages, as it is documented: all of it but the outcome.
pub(crate) enum MessageParams {}

impl IntoParams for MessageParams {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        without(OUTCOME, place)
    }
}

fn without(name: &str, place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
    let mut params = HistoryParams::into_params(place);
    params.retain(|param| param.name != name);
    params
}
