//! Replays recorded calls and messages through a plan, and compares its decisions with the recorded ones.

mod budget;
mod recorded;
mod versions;

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::call::CallRecord;
use switchboard_domain::history::{HistoryFilter, Period};
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{Action, Plan};
use switchboard_domain::ports::{
    CallHistory, MessageHistory, NumberStore, Page, PlanCodec, PlanPlaceStore, PlanStore,
};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{AccountSid, EventSid};
use switchboard_domain::time::Timestamp;

use super::fallback_chain::{DestinationSummary, Reachable, decided};
use super::{Attachments, PlanError};
use budget::Budget;
use recorded::Recorded;
use versions::PlanVersions;

/// How many records are read and reported at once.
const PAGE: u32 = 1_000;
/// A call is decided at most this long after it was seen first: no call is longer.
const MAX_CALL_SECONDS: i64 = 4 * 3_600;

/// Replays recorded calls and messages.
#[derive(Clone)]
pub struct ReplayPlan {
    /// Lists recorded calls.
    pub calls: Arc<dyn CallHistory>,
    /// Lists recorded messages.
    pub messages: Arc<dyn MessageHistory>,
    /// Finds the stored number of a call.
    pub numbers: Arc<dyn NumberStore>,
    /// Finds plans, and the versions that decided.
    pub plans: Arc<dyn PlanStore>,
    /// Decodes their documents.
    pub codec: Arc<dyn PlanCodec>,
    /// Reads the attachments of plans.
    pub places: Arc<dyn PlanPlaceStore>,
    /// Whether there is a default voice server, for agents without a voice target.
    pub has_voice_server: bool,
}

/// The calls and messages to replay.
#[derive(Clone, Debug)]
pub struct ReplayTerms {
    /// The organization that owns them.
    pub organization: OrganizationId,
    /// The start of the period, inclusive.
    pub from: Timestamp,
    /// The end of the period, exclusive.
    pub until: Timestamp,
    /// The called numbers.
    pub of: Replaying,
    /// The maximum number of calls that are read, and of messages; `None` for all. The newest are read first.
    pub most: Option<usize>,
}

/// The called numbers of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaying {
    /// All numbers.
    Everything,
    /// The numbers for which a saved plan decides.
    Plan(PlanId),
    /// The numbers of an account.
    Account(AccountSid),
    /// A single number.
    Number(Sender),
}

/// The recorded destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// The call or message reached an agent.
    Agent(AgentId),
    /// A plan performed this action.
    Action(Action),
    /// A plan performed an action, but its version is no longer stored: the kind of the action, if it was recorded.
    UnknownAction(Option<&'static str>),
    /// Nothing answered.
    Nobody,
}

/// A call or message for which the plan decides differently.
#[derive(Clone, Debug)]
pub struct ReplayedChange {
    /// The channel of the call or message.
    pub channel: Channel,
    /// The SID at Twilio.
    pub event: EventSid,
    /// The time of the recorded decision.
    pub at: Timestamp,
    /// The sender or caller.
    pub from: Address,
    /// The stored number.
    pub to: Sender,
    /// The recorded destination.
    pub before: Before,
    /// The destination that the plan chooses.
    pub after: DestinationSummary,
    /// The deciding rule, or `None` for `otherwise`.
    pub rule: Option<usize>,
}

/// The totals of a replay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Replayed calls.
    pub calls: u64,
    /// Replayed messages.
    pub messages: u64,
    /// Calls and messages for which the plan decides differently.
    pub changed: u64,
    /// Calls and messages for which a decision service would choose. A replay does not call it.
    pub left_to_service: u64,
    /// Calls without a recorded location and attestation.
    pub without_facts: u64,
    /// Whether the period has more calls or messages than [`ReplayTerms::most`].
    pub is_cut_off: bool,
}

impl Replayed {
    /// Replayed calls and messages.
    pub fn records(&self) -> usize {
        usize::try_from(self.calls + self.messages).unwrap_or(usize::MAX)
    }
}

impl ReplayPlan {
    /// Replays records through a plan, the newest first, and reports the changes of each page of calls, and then of each page
    /// of messages, with the totals so far. Every agent with a target counts as available.
    pub async fn replay<E: From<PlanError>>(
        &self,
        scope: &Scope,
        plan: &Plan,
        terms: &ReplayTerms,
        mut report: impl AsyncFnMut(Vec<ReplayedChange>, &Replayed) -> Result<(), E>,
    ) -> Result<Replayed, E> {
        if !scope.covers(&terms.organization) {
            return Ok(Replayed::default());
        }
        // The records of one organization are read in the order of time.
        let scope = &Scope::Organization(terms.organization.clone());
        let attachments = match terms.of {
            Replaying::Plan(_) => {
                Attachments::read(scope, self.plans.as_ref(), self.places.as_ref()).await?
            }
            Replaying::Everything | Replaying::Account(_) | Replaying::Number(_) => {
                Attachments::default()
            }
        };
        let reachable =
            Reachable { has_voice_server: self.has_voice_server, ..Reachable::default() };
        let counts = Replayed::default();
        let mut run = Run { plan, terms, attachments, reachable, changes: Vec::new(), counts };
        let mut lookups = Lookups {
            ours: OwnNumbers { numbers: self.numbers.as_ref(), scope, known: HashMap::new() },
            versions: PlanVersions::new(scope, self.plans.as_ref(), self.codec.as_ref()),
        };
        let filter = terms.filter(MAX_CALL_SECONDS);
        let mut page = Page::first(PAGE);
        let mut budget = Budget::new(terms.most);
        loop {
            let records = self.calls.newest_calls(scope, &filter, &page).await;
            let records = records.map_err(PlanError::store("reading calls"))?;
            let Some(last) = records.last() else { break };
            page = Page::behind((last.first_seen_at, last.call), PAGE);
            for record in budget.spend(&records) {
                run.call(record, &mut lookups).await?;
            }
            run.counts.is_cut_off |= budget.is_exceeded;
            report(std::mem::take(&mut run.changes), &run.counts).await?;
            if budget.is_exceeded {
                break;
            }
        }
        let filter = terms.filter(0);
        let mut page = Page::first(PAGE);
        let mut budget = Budget::new(terms.most);
        loop {
            let records = self.messages.newest_messages(scope, &filter, &page).await;
            let records = records.map_err(PlanError::store("reading messages"))?;
            let Some(last) = records.last() else { return Ok(run.counts) };
            page = Page::behind((last.first_seen_at, last.message), PAGE);
            for record in budget.spend(&records) {
                run.message(record, &mut lookups).await?;
            }
            run.counts.is_cut_off |= budget.is_exceeded;
            report(std::mem::take(&mut run.changes), &run.counts).await?;
            if budget.is_exceeded {
                return Ok(run.counts);
            }
        }
    }
}

impl ReplayTerms {
    /// What selects the records, of which some belong to other numbers. They begin up to so many seconds before the period.
    fn filter(&self, earlier: i64) -> HistoryFilter {
        let (account, number) = match &self.of {
            Replaying::Everything | Replaying::Plan(_) => (None, None),
            Replaying::Account(account) => (Some(*account), None),
            Replaying::Number(sender) => (None, sender.as_number()),
        };
        let since = Some(self.from.plus_seconds(-earlier));
        let period = Period { since, until: Some(self.until) };
        HistoryFilter { period, account, number, ..HistoryFilter::default() }
    }
}

/// What is looked up once for all records.
struct Lookups<'a> {
    ours: OwnNumbers<'a>,
    versions: PlanVersions<'a>,
}

/// The state of a replay.
struct Run<'a> {
    plan: &'a Plan,
    terms: &'a ReplayTerms,
    attachments: Attachments,
    reachable: Reachable,
    /// The changes that were not reported.
    changes: Vec<ReplayedChange>,
    counts: Replayed,
}

impl Run<'_> {
    async fn call(
        &mut self,
        record: &CallRecord,
        lookups: &mut Lookups<'_>,
    ) -> Result<(), PlanError> {
        let decision = record.decision.as_ref().filter(|_| !record.call.is_simulated());
        if !decision.is_some_and(|decision| self.is_meant(decision.at)) {
            return Ok(());
        }
        // The stored number of an outbound call is its caller.
        let (from, to) = (record.from.as_ref(), record.to.as_ref());
        let number =
            |side: Option<&Address>| side.and_then(Address::phone_number).map(Sender::from);
        let ours = &mut lookups.ours;
        let own = match (number(to), number(from)) {
            (Some(to), Some(from)) if !ours.has(to).await? && ours.has(from).await? => Some(from),
            (Some(to), _) => Some(to),
            (None, from) => from,
        };
        if let (Some(own), Some(mut recorded)) = (own, Recorded::of_call(record))
            && self.is_of(own, record.account, &record.organization)
        {
            lookups.versions.complete(&mut recorded).await?;
            self.counts.calls += 1;
            self.counts.without_facts += u64::from(record.facts.is_none());
            self.put_through(own, recorded);
        }
        Ok(())
    }

    async fn message(
        &mut self,
        record: &MessageRecord,
        lookups: &mut Lookups<'_>,
    ) -> Result<(), PlanError> {
        if !self.is_meant(record.first_seen_at) {
            return Ok(());
        }
        let own = match record.to.as_ref().and_then(Sender::of) {
            Some(own) if own.fallback().is_some() && !lookups.ours.has(own).await? => {
                own.fallback()
            }
            own => own,
        };
        if let (Some(own), Some(mut recorded)) = (own, Recorded::of_message(record))
            && self.is_of(own, record.account, &record.organization)
        {
            lookups.versions.complete(&mut recorded).await?;
            self.counts.messages += 1;
            self.put_through(own, recorded);
        }
        Ok(())
    }

    fn is_meant(&self, at: Timestamp) -> bool {
        self.terms.from <= at && at < self.terms.until
    }

    fn is_of(&self, number: Sender, account: AccountSid, organization: &OrganizationId) -> bool {
        match &self.terms.of {
            Replaying::Everything => true,
            Replaying::Plan(plan) => {
                self.attachments.nearest(number, account, organization) == Some(plan)
            }
            Replaying::Account(meant) => *meant == account,
            Replaying::Number(meant) => *meant == number,
        }
    }

    fn put_through(&mut self, called: Sender, recorded: Recorded) {
        let situation = recorded.situation(called);
        let (choice, destination) = decided(self.plan, &situation, &self.reachable);
        let is_candidate = |id: &AgentId| choice.candidates().any(|(_, agent)| agent.id == *id);
        if choice.ask().is_some()
            && matches!(&recorded.before, Before::Agent(id) if is_candidate(id))
        {
            self.counts.left_to_service += 1;
            return;
        }
        let (rule, after) = (choice.rule, DestinationSummary::of(&destination));
        if recorded.before.is_same_as(&after) {
            return;
        }
        self.counts.changed += 1;
        self.changes.push(ReplayedChange {
            channel: recorded.channel,
            event: recorded.event,
            at: recorded.at,
            from: recorded.from,
            to: called,
            before: recorded.before,
            after,
            rule,
        });
    }
}

impl Before {
    /// Whether the destinations are equal. Of an unknown action, only the kind is compared.
    fn is_same_as(&self, after: &DestinationSummary) -> bool {
        match (self, after) {
            (Self::Agent(before), DestinationSummary::Agent { id, .. }) => before == id,
            (Self::Action(before), DestinationSummary::Action(action)) => before == action,
            (Self::UnknownAction(before), DestinationSummary::Action(action)) => {
                before.is_none_or(|before| before == action.as_str())
            }
            (Self::Nobody, DestinationSummary::Nobody) => true,
            _ => false,
        }
    }
}

/// The numbers that are stored, looked up once each.
struct OwnNumbers<'a> {
    numbers: &'a dyn NumberStore,
    scope: &'a Scope,
    known: HashMap<Sender, bool>,
}

impl OwnNumbers<'_> {
    async fn has(&mut self, number: Sender) -> Result<bool, PlanError> {
        if let Some(is_ours) = self.known.get(&number) {
            return Ok(*is_ours);
        }
        let found = self.numbers.find(self.scope, number).await;
        let is_ours = found.map_err(PlanError::store("finding the number of a call"))?.is_some();
        self.known.insert(number, is_ours);
        Ok(is_ours)
    }
}
