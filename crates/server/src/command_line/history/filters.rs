//! Options that select calls and messages.

use clap::Args;
use switchboard_admin::party::Party;
use switchboard_admin::when;
use switchboard_domain::history::{HistoryFilter, Period, Records};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Clock as _;
use switchboard_domain::routing::Reason;
use switchboard_domain::time::Timestamp;

use super::tail::Start;
use crate::ambient::SystemClock;
use crate::command_line::input::parse_given;
use crate::command_line::named_objects::NamedObjects;
use crate::command_line::remote::{Client, RemoteNames, Resource};
use crate::failure::Failure;
use crate::installation::Installation;

/// A period of time.
#[derive(Clone, Debug, Args)]
pub(super) struct PeriodOptions {
    /// Only entries at or after this time: an age such as 24h or 7d, a date such as 2026-11-28 (UTC), or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only entries before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

impl PeriodOptions {
    pub(super) fn period(&self, now: Timestamp) -> Result<Period, Failure> {
        let at = |argument, text: Option<&String>| {
            parse_given(argument, text.map(String::as_str), |text| when::parse(text, now))
        };
        let since = at("--since", self.since.as_ref())?;
        let until = at("--until", self.until.as_ref())?;
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(Failure::usage("--since is not before --until, so nothing can match"));
        }
        Ok(Period { since, until })
    }

    /// The same for a list of the API, which reads the same texts.
    pub(super) fn select(&self, list: Resource) -> Result<Resource, Failure> {
        self.period(SystemClock.now())?;
        let (since, until) = (self.since.as_deref(), self.until.as_deref());
        Ok(list.with_given("since", since).with_given("until", until))
    }
}

/// Parses a reason that these records can have.
fn reason(records: Records, text: &str) -> Result<Reason, String> {
    let found = records.reasons().find(|reason| reason.as_str() == text);
    found.ok_or_else(|| one_of(records.reasons().map(Reason::as_str)))
}

/// What selects calls and messages.
#[derive(Clone, Debug, Args)]
pub(super) struct FilterOptions {
    #[command(flatten)]
    period: PeriodOptions,
    /// Only entries from this address: a number, anonymous, or another address as Twilio writes it
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// Only entries to this address
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// Only entries from or to this number
    #[arg(long)]
    number: Option<String>,
    /// Only entries of this agent, by its id, external id or name
    #[arg(long)]
    agent: Option<String>,
    /// Only entries of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only entries whose decision has this reason, for example assigned or unassigned
    #[arg(long)]
    reason: Option<String>,
    /// Only entries that this routing plan decided, by its id or name
    #[arg(long)]
    plan: Option<String>,
}

impl FilterOptions {
    /// The filter, after looking up what the options name.
    pub(super) async fn filter(
        &self,
        installation: &Installation,
        records: Records,
    ) -> Result<HistoryFilter, Failure> {
        let filter = self.parsed(installation.ambient.clock.now(), records)?;
        let mut named = NamedObjects::of_records(installation);
        let agent = named.agent(self.agent.as_ref()).await?;
        let plan = named.plan(self.plan.as_ref()).await?;
        let account = named.account(self.account.as_ref()).await?;
        named.of_one_organization()?;
        Ok(HistoryFilter { account, agent, plan, ..filter })
    }

    /// The same for a list of the API.
    pub(super) async fn select(
        &self,
        client: &Client,
        records: Records,
        list: Resource,
    ) -> Result<Resource, Failure> {
        self.parsed(SystemClock.now(), records)?;
        let mut named = RemoteNames::of_records(client);
        let agent = named.agent(self.agent.as_ref()).await?;
        let plan = named.plan(self.plan.as_ref()).await?;
        let account = named.account(self.account.as_ref()).await?;
        named.of_one_organization()?;
        let list = self.period.select(list)?;
        Ok(list
            .with_given("from", self.from.as_deref())
            .with_given("to", self.to.as_deref())
            .with_given("number", self.number.as_deref())
            .with_given("reason", self.reason.as_deref())
            .with_given("agent_id", agent)
            .with_given("plan_id", plan)
            .with_given("account_sid", account))
    }

    /// The filter without what has to be looked up.
    fn parsed(&self, now: Timestamp, records: Records) -> Result<HistoryFilter, Failure> {
        let period = self.period.period(now)?;
        let address = |argument, text: Option<&String>| {
            let party = parse_given(argument, text.map(String::as_str), Party::parse)?;
            Ok::<_, Failure>(party.map(|party| party.address))
        };
        let from = address("--from", self.from.as_ref())?;
        let to = address("--to", self.to.as_ref())?;
        let number = parse_given("--number", self.number.as_deref(), PhoneNumber::parse_typed)?;
        let filter = HistoryFilter { period, from, to, number, ..HistoryFilter::default() };
        if filter.names_third_party() {
            return Err(Failure::usage(
                "--number is neither --from nor --to, so nothing can match",
            ));
        }
        let reason =
            parse_given("--reason", self.reason.as_deref(), |text| self::reason(records, text))?;
        Ok(HistoryFilter { reason, ..filter })
    }
}

/// The start of what is followed: `--since`, or else now.
pub(super) fn start(period: Period, now: Timestamp) -> Result<Start, Failure> {
    if period.until.is_some_and(|until| until <= period.since.unwrap_or(now)) {
        return Err(Failure::usage(
            "--until is in the past, so nothing new can match; omit it, or add --since",
        ));
    }
    Ok(period.since.map_or(Start::Now(now), Start::Since))
}

/// The error of a word that is not one of these.
pub(in crate::command_line) fn one_of(words: impl IntoIterator<Item = &'static str>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    format!("is not one of {}", words.join(", "))
}
