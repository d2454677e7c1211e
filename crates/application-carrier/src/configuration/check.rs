//! Checks many numbers through lists, which return up to a thousand numbers per request.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::account::Account;
use switchboard_domain::address::Channel;
use switchboard_domain::carrier::{Capabilities, CarrierAccess};
use switchboard_domain::causes::Causes;
use switchboard_domain::check_finding::{Unreachable, UnreachableReason};
use switchboard_domain::configuration::{
    Drift, DriftReason, Observed, OverridePolicy, WebhookUrls, drift,
};
use switchboard_domain::number::Channels;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::ports::{
    CheckFindingStore, Clock, ConfigurationStore, ConfiguredNumber, NumberFilter, Observation, Page,
};
use switchboard_domain::sender::{Sender, SenderKind};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::findings::{Findings, unreachable};
use super::shared_service::{leave_service, successor};
use super::survey::is_channel_sender;
use super::{ConfigurationError, OpenAccess, Selection, Survey};
use crate::OperationError;
use switchboard_application_management::{ManageError, all_accounts, find_account};

/// How many accounts are checked concurrently.
pub(super) const MAX_CONCURRENT_ACCOUNTS: usize = 8;
const PAGE: u32 = 1_000;

/// The result of checking one number.
#[derive(Clone, Debug)]
pub struct NumberReport {
    /// The number as it is stored.
    pub configured: ConfiguredNumber,
    /// Its difference from the desired configuration.
    pub drift: Drift,
    /// The configuration at the carrier, if the number was found.
    pub observed: Option<Observed>,
}

/// The totals of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckSummary {
    /// Checked accounts.
    pub accounts: usize,
    /// Checked numbers: those that an agent or a routing plan answers, and those with a saved previous configuration.
    pub numbers: usize,
    /// Numbers that differ from their desired configuration.
    pub drifting: usize,
}

/// Compares numbers with their desired configuration.
#[derive(Clone)]
pub struct CheckWebhooks {
    /// Provides credentials.
    pub access: OpenAccess,
    /// Lists numbers and their related resources.
    pub carrier: Arc<dyn Carrier>,
    /// Stores numbers and observations.
    pub configurations: Arc<dyn ConfigurationStore>,
    /// Stores what is found, which becomes events.
    pub findings: Arc<dyn CheckFindingStore>,
    /// The URLs of this server.
    pub urls: Arc<WebhookUrls>,
    /// Provides the time of observations.
    pub clock: Arc<dyn Clock>,
}

/// The result of checking one account.
struct AccountCheck {
    /// When its numbers began to be read: what changes a number later makes the result outdated.
    at: Timestamp,
    reports: Vec<NumberReport>,
    /// Stored numbers that the account does not own at the carrier.
    missing: Vec<ConfiguredNumber>,
    /// Numbers of the account at the carrier that are not stored with it.
    unknown: Vec<Sender>,
    /// Whether the account could be read; `None` if it was not tried.
    reached: Option<Result<(), Unreachable>>,
}

impl AccountCheck {
    /// Nothing was found yet.
    fn begun(at: Timestamp) -> Self {
        let (reports, missing, unknown) = (Vec::new(), Vec::new(), Vec::new());
        Self { at, reports, missing, unknown, reached: None }
    }
}

impl CheckWebhooks {
    /// Checks the numbers of a selection. Calls `report` with each result as soon as its account is read, and stores what was
    /// found about the account then. Only what another account may know about missing numbers is waited for.
    pub async fn check(
        &self,
        scope: &Scope,
        selection: Selection,
        overrides: OverridePolicy,
        report: &mut (dyn FnMut(NumberReport) + Send),
    ) -> Result<CheckSummary, ConfigurationError> {
        let mut summary = CheckSummary::default();
        let mut count = |checked: NumberReport, findings: &mut Findings, at: Timestamp| {
            findings.add_number(&checked, at);
            summary.numbers += 1;
            summary.drifting += usize::from(!checked.drift.is_none());
            report(checked);
        };
        let accounts = self.accounts(scope, selection).await?;
        let mut missing = Vec::new();
        let mut unknown = HashMap::new();
        let mut accounts_checked = 0;
        let checks = accounts.clone().into_iter().map(|account| async move {
            (account.sid, self.account(scope, &account, selection, overrides).await)
        });
        let mut checks = stream::iter(checks).buffer_unordered(MAX_CONCURRENT_ACCOUNTS);
        while let Some((sid, checked)) = checks.next().await {
            let checked = checked?;
            accounts_checked += 1;
            let mut findings = Findings::default();
            if let Some(result) = checked.reached {
                findings.add_account(sid, result, checked.at);
            }
            for report in checked.reports {
                count(report, &mut findings, checked.at);
            }
            findings.record(self.findings.as_ref(), scope).await?;
            missing.extend(checked.missing.into_iter().map(|number| (number, checked.at)));
            unknown.extend(checked.unknown.into_iter().map(|number| (number, sid)));
        }
        unknown.extend(self.elsewhere(accounts, &missing).await);
        let mut findings = Findings::default();
        for (configured, at) in missing {
            let sender = configured.number.sender;
            let drift = missing_drift(sender.kind().noun(), unknown.get(&sender).copied());
            count(NumberReport { configured, drift, observed: None }, &mut findings, at);
        }
        summary.accounts = accounts_checked;
        findings.record(self.findings.as_ref(), scope).await?;
        Ok(summary)
    }

    async fn accounts(
        &self,
        scope: &Scope,
        selection: Selection,
    ) -> Result<Vec<Account>, ConfigurationError> {
        let accounts = self.access.accounts.as_ref();
        let one = match selection {
            Selection::All => return Ok(all_accounts(accounts, scope).await?),
            Selection::Account(sid) => sid,
            Selection::Number(number) => {
                let found = self.configurations.find(scope, number).await;
                let found = found.map_err(OperationError::store("finding the number"))?;
                found.ok_or(ManageError::NumberUnknown { number })?.number.account
            }
        };
        Ok(vec![find_account(accounts, scope, one).await?])
    }

    async fn account(
        &self,
        scope: &Scope,
        account: &Account,
        selection: Selection,
        overrides: OverridePolicy,
    ) -> Result<AccountCheck, ConfigurationError> {
        let at = self.clock.now();
        let stored = self.stored_numbers(scope, account.sid).await?;
        let is_selected = |configured: &ConfiguredNumber| match selection {
            Selection::Number(number) => configured.number.sender == number,
            Selection::All | Selection::Account(_) => true,
        };
        // Other numbers were never configured by this server and need not be.
        let is_configured = |configured: &ConfiguredNumber| {
            configured.number.assignment.is_some()
                || configured.plan.is_some()
                || configured.adopted.is_some()
        };
        let ours: Vec<_> = stored
            .iter()
            .filter(|number| is_selected(number) && is_configured(number))
            .cloned()
            .collect();
        if ours.is_empty() && !matches!(selection, Selection::All) {
            return Ok(AccountCheck::begun(at));
        }
        let access = match self.access.for_account(account).await {
            Ok(access) => access,
            Err(error) => {
                let why = Unreachable { reason: UnreachableReason::Credentials, code: None };
                return Ok(unreachable_account(at, ours, why, &error));
            }
        };
        let read = self.read(scope, at, &access, &stored, ours.clone(), overrides).await;
        match read {
            Err(ConfigurationError::Operation(OperationError::Carrier { source, .. })) => {
                Ok(unreachable_account(at, ours, unreachable(&source), &source))
            }
            other => other,
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        at: Timestamp,
        access: &CarrierAccess,
        stored: &[ConfiguredNumber],
        ours: Vec<ConfiguredNumber>,
        overrides: OverridePolicy,
    ) -> Result<AccountCheck, ConfigurationError> {
        let failed = || OperationError::carrier(access.account, "reading the configuration");
        let survey = Survey::new(self.carrier.as_ref(), access);
        let mut listed = survey.numbers().await.map_err(failed())?;
        let is_short_code =
            |one: &ConfiguredNumber| one.number.sender.kind() == SenderKind::ShortCode;
        if ours.iter().any(is_short_code) {
            listed.extend(survey.short_codes().await.map_err(failed())?);
        }
        let known: HashSet<Sender> =
            stored.iter().map(|configured| configured.number.sender).collect();
        let mut check = AccountCheck {
            unknown: listed
                .iter()
                .map(|number| number.sender)
                .filter(|sender| !known.contains(sender))
                .collect(),
            reached: Some(Ok(())),
            ..AccountCheck::begun(at)
        };
        let mut listed_by_sender: HashMap<_, _> =
            listed.into_iter().map(|number| (number.sender, number)).collect();
        let (mut found, mut of_channels) = (Vec::new(), Vec::new());
        for configured in ours {
            let sender = configured.number.sender;
            if let Some(drift) = Drift::unreadable(&sender, &self.urls) {
                check.reports.push(NumberReport { configured, drift, observed: None });
            } else if is_channel_sender(sender) {
                of_channels.push(configured);
            } else if let Some(number) = listed_by_sender.remove(&sender) {
                found.push((configured, number));
            } else {
                check.missing.push(configured);
            }
        }
        let of_numbers = found
            .iter()
            .map(|(configured, number)| channels_to_check(configured, number.capabilities));
        let channels = of_channels
            .iter()
            .map(|configured| channels_to_check(configured, Capabilities::default()));
        let channels: Vec<_> = of_numbers.chain(channels).collect();
        let numbers: Vec<_> = found.iter().map(|(_, number)| number.clone()).collect();
        let related = survey.related_resources(&numbers, &channels).await.map_err(failed())?;
        let mut observed: Vec<_> = found
            .into_iter()
            .map(|(configured, number)| (configured, related.observe(number)))
            .collect();
        for configured in of_channels {
            match related.observe_sender(configured.number.sender, access.account) {
                Some(sender) => observed.push((configured, sender)),
                None => check.missing.push(configured),
            }
        }
        for (configured, observed) in observed {
            let channels = configured.channels(observed.number.capabilities);
            let adopted = configured.adopted.as_ref();
            let mut drift =
                drift(&observed, channels, adopted, &self.urls, access.region, overrides);
            if successor(&configured, stored).is_some() {
                leave_service(&mut drift);
            }
            check.reports.push(NumberReport { configured, drift, observed: Some(observed) });
        }
        self.record_observations(scope, at, &check.reports).await?;
        Ok(check)
    }

    /// Every stored number of the account.
    async fn stored_numbers(
        &self,
        scope: &Scope,
        account: AccountSid,
    ) -> Result<Vec<ConfiguredNumber>, ConfigurationError> {
        let filter = NumberFilter { account: Some(account), ..NumberFilter::default() };
        let mut stored = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let listed = self.configurations.list(scope, &filter, &page).await;
            let listed = listed.map_err(OperationError::store("listing numbers"))?;
            match listed.last() {
                Some(last) => page = Page::behind(last.number.sender, PAGE),
                None => return Ok(stored),
            }
            stored.extend(listed);
        }
    }

    /// Stores the observed configurations, so that lists show them without a request to the carrier.
    async fn record_observations(
        &self,
        scope: &Scope,
        at: Timestamp,
        reports: &[NumberReport],
    ) -> Result<(), ConfigurationError> {
        let seen = reports.iter().filter_map(|report| {
            let configuration = report.observed.as_ref()?.configuration();
            Some((report.configured.number.sender, Observation { configuration, at }))
        });
        let seen: Vec<_> = seen.collect();
        if seen.is_empty() {
            return Ok(());
        }
        let stored = self.configurations.observe(scope, &seen).await;
        Ok(stored.map_err(OperationError::store("storing the observed configurations"))?)
    }
}

/// The channels to check: the answered ones, or the configured ones if nobody answers the number any more.
fn channels_to_check(
    configured: &ConfiguredNumber,
    capabilities: Capabilities,
) -> Option<Channels> {
    configured.channels(capabilities).or_else(|| {
        let adopted = configured.adopted.as_ref()?;
        let all = [Channel::Voice, Channel::Sms, Channel::WhatsApp, Channel::Rcs];
        let has = |channel: &Channel| adopted.ours.iter().any(|(field, _)| field.serves(*channel));
        Channels::of(all.into_iter().filter(has))
    })
}

fn missing_drift(noun: &str, elsewhere: Option<AccountSid>) -> Drift {
    let (reason, detail) = match elsewhere {
        Some(account) => {
            (DriftReason::MovedAccount, format!("account {account} has the {noun} now"))
        }
        None => (DriftReason::NotFound, format!("the account does not have the {noun} at Twilio")),
    };
    Drift::only(reason, detail)
}

fn unreachable_account(
    at: Timestamp,
    ours: Vec<ConfiguredNumber>,
    why: Unreachable,
    error: &(dyn std::error::Error + 'static),
) -> AccountCheck {
    let detail = Causes(error).to_string();
    let reports = ours.into_iter().map(|configured| NumberReport {
        configured,
        drift: Drift::only(DriftReason::Unreachable, &*detail),
        observed: None,
    });
    let reports = reports.collect();
    AccountCheck { reports, reached: Some(Err(why)), ..AccountCheck::begun(at) }
}
