//! What a check found out, so that changes of it become events.

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::check_finding::{
    AccountFinding, FoundBlocker, FoundChange, FoundDrift, NumberFinding, Unreachable,
    UnreachableReason,
};
use switchboard_domain::configuration::{Blocker, Drift, DriftReason, FieldChange};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::CheckFindingStore;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::{ConfigurationError, NumberReport};
use crate::OperationError;

/// The findings of one check.
#[derive(Default)]
pub(super) struct Findings {
    numbers: Vec<NumberFinding>,
    accounts: Vec<AccountFinding>,
}

impl Findings {
    pub(super) fn add_account(
        &mut self,
        account: AccountSid,
        reached: Result<(), Unreachable>,
        at: Timestamp,
    ) {
        self.accounts.push(AccountFinding { account, unreachable: reached.err(), at });
    }

    /// Adds what was found about a number, which began to be read at `at`. What could not be read says nothing.
    pub(super) fn add_number(&mut self, report: &NumberReport, at: Timestamp) {
        let mut reasons = report.drift.reasons();
        let is_unknown = |reason: &DriftReason| {
            matches!(reason, DriftReason::Unreachable | DriftReason::NotReadable)
        };
        if reasons.iter().any(is_unknown) {
            reasons.retain(|reason| !is_unknown(reason));
            if reasons.is_empty() {
                return;
            }
        }
        self.numbers.push(NumberFinding {
            sender: report.configured.number.sender,
            subject: subject(report),
            reasons: reasons.into_iter().map(DriftReason::as_str).collect(),
            drift: found(&report.drift),
            assignment: report.configured.number.assignment.clone(),
            at,
        });
    }

    pub(super) async fn record(
        self,
        store: &dyn CheckFindingStore,
        scope: &Scope,
    ) -> Result<(), ConfigurationError> {
        let failed = || OperationError::store("storing what the check has found");
        store.report_accounts(scope, &self.accounts).await.map_err(failed())?;
        Ok(store.report_numbers(scope, &self.numbers).await.map_err(failed())?)
    }
}

/// What differs, as it is stored.
fn found(drift: &Drift) -> FoundDrift {
    let change = |change: &FieldChange| FoundChange {
        field: change.field.to_string(),
        from: change.from.clone(),
        to: change.to.clone(),
        reason: change.reason.as_str().to_owned(),
    };
    let blocker = |blocker: &Blocker| FoundBlocker {
        reason: blocker.reason.as_str().to_owned(),
        detail: blocker.detail.clone(),
    };
    FoundDrift {
        changes: drift.changes.iter().map(change).collect(),
        blockers: drift.blockers.iter().map(blocker).collect(),
    }
}

/// The SID of a number or sender at Twilio, or that of its account if it is not there.
fn subject(report: &NumberReport) -> String {
    let sender =
        |sid: Option<_>| sid.map(|sid: switchboard_domain::sid::SenderSid| sid.to_string());
    let observed = report.observed.as_ref();
    let adopted = report.configured.adopted.as_ref();
    let of_number = || {
        let observed = observed.map(|observed| observed.number.sid);
        observed.or_else(|| adopted.map(|adopted| adopted.number)).map(|sid| sid.to_string())
    };
    let of_sender = || {
        let observed = observed.and_then(|observed| observed.sender.as_ref());
        sender(observed.map(|sender| sender.sid).or_else(|| adopted?.sender))
    };
    let number = &report.configured.number;
    let own = if number.sender.as_number().is_some() { of_number() } else { of_sender() };
    own.unwrap_or_else(|| number.account.to_string())
}

/// Why an account could not be read.
pub(super) fn unreachable(error: &CarrierError) -> Unreachable {
    let of = |reason, code| Unreachable { reason, code };
    match error {
        CarrierError::Unauthorized { response, .. } => {
            of(UnreachableReason::Unauthorized, response.code)
        }
        CarrierError::Inactive { response, .. } => of(UnreachableReason::Inactive, response.code),
        CarrierError::NotFound { response, .. } | CarrierError::Refused { response, .. } => {
            of(UnreachableReason::Refused, response.code)
        }
        CarrierError::Busy { response, .. } => of(UnreachableReason::RateLimited, response.code),
        CarrierError::Unavailable { .. } => of(UnreachableReason::Unavailable, None),
        CarrierError::Unreadable { .. } => of(UnreachableReason::Unreadable, None),
    }
}
