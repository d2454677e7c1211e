//! A fleet of numbers is looked at, by lists: one call tells of a thousand numbers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::account::Account;
use switchboard_domain::address::Channel;
use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::causes::Causes;
use switchboard_domain::configuration::{
    Drift, DriftReason, Observed, OverridePolicy, WebhookUrls, drift,
};
use switchboard_domain::number::Channels;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::ports::{
    Clock, ConfigurationStore, ConfiguredNumber, NumberFilter, Observation, Page,
};
use switchboard_domain::sid::AccountSid;

use super::shared_service::{leave_service, successor};
use super::{ConfigurationError, OpenAccess, Selection, Survey};
use switchboard_application_management::{ManageError, all_accounts, find_account};

/// How many accounts are looked at at once.
const ACCOUNTS_AT_ONCE: usize = 8;
const PAGE: u32 = 1_000;

/// What a number is like.
#[derive(Clone, Debug)]
pub struct NumberReport {
    /// The number, as it is kept here.
    pub configured: ConfiguredNumber,
    /// How it differs from what it should be.
    pub drift: Drift,
    /// What was seen, if it was found.
    pub observed: Option<Observed>,
}

/// What a look at many numbers came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckSummary {
    /// Accounts that were asked.
    pub accounts: usize,
    /// Numbers that were looked at: those that an agent answers, and those that we took something over of.
    pub numbers: usize,
    /// Numbers that are not as they should be.
    pub drifting: usize,
}

/// Looks at numbers.
#[derive(Clone)]
pub struct CheckWebhooks {
    /// Opens accounts at the carrier.
    pub access: OpenAccess,
    /// Where it is looked.
    pub carrier: Arc<dyn Carrier>,
    /// Where numbers are kept, and what was seen of them.
    pub configurations: Arc<dyn ConfigurationStore>,
    /// Our own addresses.
    pub urls: Arc<WebhookUrls>,
    /// Tells when something was seen.
    pub clock: Arc<dyn Clock>,
}

/// What one account came to.
#[derive(Default)]
struct AccountCheck {
    reports: Vec<NumberReport>,
    /// Numbers of ours that the account does not have at the carrier.
    absent: Vec<ConfiguredNumber>,
    /// Numbers that the account has at the carrier and not here.
    strangers: Vec<PhoneNumber>,
}

impl CheckWebhooks {
    /// Looks at the numbers of a selection, and hands each one to `report` as its account comes in.
    pub async fn check(
        &self,
        scope: &Scope,
        selection: Selection,
        overrides: OverridePolicy,
        report: &mut (dyn FnMut(NumberReport) + Send),
    ) -> Result<CheckSummary, ConfigurationError> {
        let mut summary = CheckSummary::default();
        let mut tell = |told: NumberReport| {
            summary.numbers += 1;
            summary.drifting += usize::from(!told.drift.is_none());
            report(told);
        };
        let accounts = self.accounts(scope, selection).await?;
        let mut absent = Vec::new();
        let mut strangers = HashMap::new();
        let mut looked_at = 0;
        let checks = accounts.into_iter().map(|account| async move {
            (account.sid, self.account(scope, &account, selection, overrides).await)
        });
        let mut checks = stream::iter(checks).buffer_unordered(ACCOUNTS_AT_ONCE);
        while let Some((sid, checked)) = checks.next().await {
            let checked = checked?;
            looked_at += 1;
            checked.reports.into_iter().for_each(&mut tell);
            absent.extend(checked.absent);
            strangers.extend(checked.strangers.into_iter().map(|number| (number, sid)));
        }
        for configured in absent {
            let drift = lost(strangers.get(&configured.number.phone_number).copied());
            tell(NumberReport { configured, drift, observed: None });
        }
        summary.accounts = looked_at;
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
                let found = found.map_err(ConfigurationError::store("finding the number"))?;
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
        let kept = self.kept(scope, account.sid).await?;
        let is_selected = |configured: &ConfiguredNumber| match selection {
            Selection::Number(number) => configured.number.phone_number == number,
            Selection::All | Selection::Account(_) => true,
        };
        // Numbers that nobody answers, and that we never touched, may be whatever they are.
        let is_ours = |configured: &ConfiguredNumber| {
            configured.number.assignment.is_some() || configured.adopted.is_some()
        };
        let ours: Vec<_> =
            kept.iter().filter(|number| is_selected(number) && is_ours(number)).cloned().collect();
        if ours.is_empty() && !matches!(selection, Selection::All) {
            return Ok(AccountCheck::default());
        }
        let access = match self.access.for_account(account).await {
            Ok(access) => access,
            Err(error) => return Ok(unreachable_account(ours, &error)),
        };
        let looked = self.look(scope, &access, &kept, ours.clone(), overrides).await;
        match looked {
            Err(ConfigurationError::Carrier { source, .. }) => {
                Ok(unreachable_account(ours, &source))
            }
            other => other,
        }
    }

    async fn look(
        &self,
        scope: &Scope,
        access: &CarrierAccess,
        kept: &[ConfiguredNumber],
        ours: Vec<ConfiguredNumber>,
        overrides: OverridePolicy,
    ) -> Result<AccountCheck, ConfigurationError> {
        let failed = || ConfigurationError::carrier(access.account, "read");
        let survey = Survey::new(self.carrier.as_ref(), access);
        let listed = survey.numbers().await.map_err(failed())?;
        let known: HashSet<PhoneNumber> =
            kept.iter().map(|configured| configured.number.phone_number).collect();
        let mut check = AccountCheck {
            strangers: listed
                .iter()
                .map(|number| number.phone_number)
                .filter(|number| !known.contains(number))
                .collect(),
            ..AccountCheck::default()
        };
        let mut there: HashMap<_, _> =
            listed.into_iter().map(|number| (number.phone_number, number)).collect();
        let mut found = Vec::new();
        for configured in ours {
            match there.remove(&configured.number.phone_number) {
                Some(number) => found.push((configured, number)),
                None => check.absent.push(configured),
            }
        }
        let channels: Vec<_> = found.iter().map(|(configured, _)| watched(configured)).collect();
        let numbers: Vec<_> = found.iter().map(|(_, number)| number.clone()).collect();
        let surroundings = survey.surroundings(&numbers, &channels).await.map_err(failed())?;
        for (configured, number) in found {
            let observed = surroundings.around(number);
            let channels = configured.number.assignment.as_ref().map(|answered| answered.channels);
            let adopted = configured.adopted.as_ref();
            let mut drift =
                drift(&observed, channels, adopted, &self.urls, access.region, overrides);
            if successor(&configured, kept).is_some() {
                leave_service(&mut drift);
            }
            check.reports.push(NumberReport { configured, drift, observed: Some(observed) });
        }
        self.note(scope, &check.reports).await?;
        Ok(check)
    }

    /// Every number of the account that is kept here.
    async fn kept(
        &self,
        scope: &Scope,
        account: AccountSid,
    ) -> Result<Vec<ConfiguredNumber>, ConfigurationError> {
        let filter = NumberFilter { account: Some(account), ..NumberFilter::default() };
        let mut kept = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let listed = self.configurations.list(scope, &filter, &page).await;
            let listed = listed.map_err(ConfigurationError::store("listing numbers"))?;
            match listed.last() {
                Some(last) => page = Page::behind(last.number.phone_number, PAGE),
                None => return Ok(kept),
            }
            kept.extend(listed);
        }
    }

    /// Keeps what was seen, so that lists can show it without asking the carrier.
    async fn note(
        &self,
        scope: &Scope,
        reports: &[NumberReport],
    ) -> Result<(), ConfigurationError> {
        let at = self.clock.now();
        let seen = reports.iter().filter_map(|report| {
            let configuration = report.observed.as_ref()?.configuration();
            Some((report.configured.number.phone_number, Observation { configuration, at }))
        });
        let seen: Vec<_> = seen.collect();
        if seen.is_empty() {
            return Ok(());
        }
        let kept = self.configurations.observe(scope, &seen).await;
        kept.map_err(ConfigurationError::store("keeping what was seen"))
    }
}

/// The channels that matter for a number: those that are answered, and where nobody answers any more those that were
/// taken over.
fn watched(configured: &ConfiguredNumber) -> Option<Channels> {
    let answered = configured.number.assignment.as_ref().map(|answered| answered.channels);
    answered.or_else(|| {
        let adopted = configured.adopted.as_ref()?;
        let all = [Channel::Voice, Channel::Sms, Channel::WhatsApp, Channel::Rcs];
        let has = |channel: &Channel| adopted.ours.iter().any(|(field, _)| field.serves(*channel));
        Channels::of(all.into_iter().filter(has))
    })
}

fn lost(elsewhere: Option<AccountSid>) -> Drift {
    match elsewhere {
        Some(account) => {
            Drift::only(DriftReason::MovedAccount, format!("account {account} has the number now"))
        }
        None => {
            Drift::only(DriftReason::NotFound, "the account does not have the number at Twilio")
        }
    }
}

fn unreachable_account(
    ours: Vec<ConfiguredNumber>,
    error: &(dyn std::error::Error + 'static),
) -> AccountCheck {
    let detail = Causes(error).to_string();
    let reports = ours.into_iter().map(|configured| NumberReport {
        configured,
        drift: Drift::only(DriftReason::Unreachable, &*detail),
        observed: None,
    });
    AccountCheck { reports: reports.collect(), ..AccountCheck::default() }
}
