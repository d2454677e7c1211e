//! A fleet of numbers is brought to what it should be.

use std::collections::HashMap;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::configuration::{Drift, FieldChange, Hindrance, Observed, Overrides, Part};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::ConfiguredNumber;
use switchboard_domain::sid::AccountSid;

use super::{
    Applied, ApplyChanges, CheckWebhooks, Mismatch, NumberReport, OpenAccess, Selection, Survey,
    WebhookError,
};

/// How many numbers are changed at once; the carrier bounds how many of one account.
const NUMBERS_AT_ONCE: usize = 16;

/// What a plan says of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedNumber {
    /// The number.
    pub phone_number: PhoneNumber,
    /// The account that owned it when the plan was made.
    pub account: AccountSid,
    /// What is to be written.
    pub changes: Vec<FieldChange>,
}

/// What became of one number.
#[derive(Debug)]
pub enum Fixed {
    /// It is as it should be, by these changes; by none if it was already.
    Written {
        /// The number.
        number: PhoneNumber,
        /// What was written.
        changes: Vec<FieldChange>,
        /// What is wrong all the same, and no change of fields mends.
        hindrances: Vec<Hindrance>,
    },
    /// It is not as it should be, and nothing was written: no change of fields mends it, or its policy leaves it to
    /// people.
    Left {
        /// The number.
        number: PhoneNumber,
        /// What is wrong.
        drift: Drift,
    },
    /// Somebody changed it since the plan was made: nothing was written.
    Changed {
        /// The number.
        number: PhoneNumber,
        /// Where it is not as the plan saw it.
        mismatches: Vec<Mismatch>,
    },
    /// It could not be brought there.
    Failed {
        /// The number.
        number: PhoneNumber,
        /// Why.
        error: WebhookError,
    },
}

/// What the changes of many numbers came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixSummary {
    /// Numbers that were looked at.
    pub numbers: usize,
    /// Numbers that something was written of.
    pub changed: usize,
    /// Fields that were written.
    pub fields: usize,
    /// Numbers that are still not as they should be.
    pub left: usize,
}

/// Hears how far it has come.
pub trait FixProgress {
    /// So many numbers are to be written.
    fn begun(&mut self, numbers: usize);
    /// This became of one.
    fn done(&mut self, fixed: Fixed);
}

/// Brings numbers to what they should be.
#[derive(Clone)]
pub struct FixWebhooks {
    /// Looks at them first.
    pub check: CheckWebhooks,
    /// Writes.
    pub apply: ApplyChanges,
}

/// A number, what is to be written of it, and what was seen.
struct Task {
    configured: ConfiguredNumber,
    observed: Observed,
    changes: Vec<FieldChange>,
    hindrances: Vec<Hindrance>,
}

impl FixWebhooks {
    /// Looks at the numbers of a selection and writes what is wrong of those whose policy is among `policies`. With a
    /// `plan`, what it says is written and nothing else.
    pub async fn fix(
        &self,
        scope: &Scope,
        selection: Selection,
        overrides: Overrides,
        policies: &[RepairPolicy],
        plan: Option<Vec<PlannedNumber>>,
        progress: &mut (dyn FixProgress + Send),
    ) -> Result<FixSummary, WebhookError> {
        let mut reports = Vec::new();
        let looked = self
            .check
            .check(scope, selection, overrides, &mut |report: NumberReport| {
                if !report.drift.is_none() {
                    reports.push(report);
                }
            })
            .await?;
        let mut summary = FixSummary { numbers: looked.numbers, ..FixSummary::default() };
        let (tasks, left) = match plan {
            Some(plan) => planned(plan, reports),
            None => unplanned(reports, policies),
        };
        progress.begun(tasks.len());
        for fixed in left {
            summary.left += usize::from(!matches!(fixed, Fixed::Written { .. }));
            progress.done(fixed);
        }
        let open = Accesses::open(&self.check.access, scope, &tasks).await;
        let work = tasks.into_iter().map(|task| self.number(scope, &open, task));
        let mut work = stream::iter(work).buffer_unordered(NUMBERS_AT_ONCE);
        while let Some(fixed) = work.next().await {
            match &fixed {
                Fixed::Written { changes, hindrances, .. } => {
                    summary.changed += usize::from(!changes.is_empty());
                    summary.fields += changes.len();
                    summary.left += usize::from(!hindrances.is_empty());
                }
                Fixed::Left { .. } | Fixed::Changed { .. } | Fixed::Failed { .. } => {
                    summary.left += 1;
                }
            }
            progress.done(fixed);
        }
        Ok(summary)
    }

    async fn number(&self, scope: &Scope, open: &Accesses<'_>, task: Task) -> Fixed {
        let number = task.configured.number.phone_number;
        match self.write(scope, open, &task).await {
            Ok(Applied::Written(changes)) => {
                Fixed::Written { number, changes, hindrances: task.hindrances }
            }
            Ok(Applied::Changed(mismatches)) => Fixed::Changed { number, mismatches },
            Err(error) => Fixed::Failed { number, error },
        }
    }

    /// Looks at the number once more, right before it is written.
    async fn write(
        &self,
        scope: &Scope,
        open: &Accesses<'_>,
        task: &Task,
    ) -> Result<Applied, WebhookError> {
        let Task { configured, observed, changes, .. } = task;
        let account = configured.number.account;
        let access = open.of(scope, account).await?;
        let parts: Vec<Part> = changes.iter().map(|change| change.field.part()).collect();
        let survey = Survey::new(&self.apply.carriers, &access);
        let again = survey.again(observed, &parts).await;
        let Some(observed) = again.map_err(WebhookError::carrier(account, "read"))? else {
            let number = configured.number.phone_number;
            return Err(WebhookError::NotThere { number, account });
        };
        self.apply.apply(scope, &access, configured, &observed, changes).await
    }
}

/// What is wrong of numbers that may be written, and what is left to people.
fn unplanned(reports: Vec<NumberReport>, policies: &[RepairPolicy]) -> (Vec<Task>, Vec<Fixed>) {
    let mut tasks = Vec::new();
    let mut left = Vec::new();
    for NumberReport { configured, drift, observed } in reports {
        let number = configured.number.phone_number;
        let may = policies.contains(&configured.policy);
        match observed {
            Some(observed) if may && !drift.changes.is_empty() => {
                let (changes, hindrances) = (drift.changes, drift.hindrances);
                tasks.push(Task { configured, observed, changes, hindrances });
            }
            _ => left.push(Fixed::Left { number, drift }),
        }
    }
    (tasks, left)
}

/// What a plan says of numbers, as far as they are where it saw them. What is not among `reports` is as it should be.
fn planned(plan: Vec<PlannedNumber>, reports: Vec<NumberReport>) -> (Vec<Task>, Vec<Fixed>) {
    let mut seen: HashMap<PhoneNumber, NumberReport> =
        reports.into_iter().map(|report| (report.configured.number.phone_number, report)).collect();
    let mut tasks = Vec::new();
    let mut left = Vec::new();
    for PlannedNumber { phone_number: number, account, changes } in plan {
        match seen.remove(&number) {
            Some(NumberReport { configured, drift, observed: Some(observed) })
                if configured.number.account == account =>
            {
                tasks.push(Task { configured, observed, changes, hindrances: drift.hindrances });
            }
            Some(report) => left.push(Fixed::Failed {
                number,
                error: WebhookError::NotThere { number, account: report.configured.number.account },
            }),
            None => {
                left.push(Fixed::Written { number, changes: Vec::new(), hindrances: Vec::new() });
            }
        }
    }
    (tasks, left)
}

/// The accesses of the accounts that something is written of, opened once each.
struct Accesses<'a> {
    open: &'a OpenAccess,
    opened: HashMap<AccountSid, CarrierAccess>,
}

impl<'a> Accesses<'a> {
    async fn open(open: &'a OpenAccess, scope: &Scope, tasks: &[Task]) -> Accesses<'a> {
        let mut opened = HashMap::new();
        for task in tasks {
            let account = task.configured.number.account;
            if !opened.contains_key(&account)
                && let Ok(access) = open.of(scope, account).await
            {
                opened.insert(account, access);
            }
        }
        Self { open, opened }
    }

    /// What did not open is tried again, to tell why.
    async fn of(&self, scope: &Scope, account: AccountSid) -> Result<CarrierAccess, WebhookError> {
        match self.opened.get(&account) {
            Some(access) => Ok(access.clone()),
            None => Ok(self.open.of(scope, account).await?),
        }
    }
}
