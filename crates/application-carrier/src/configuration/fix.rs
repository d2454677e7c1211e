//! A fleet of numbers is brought to what it should be.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, stream};
use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::configuration::{
    Blocker, Drift, FieldChange, Observed, OverridePolicy, Part,
};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::ConfiguredNumber;
use switchboard_domain::sid::AccountSid;

use super::planned::planned;
use super::{
    Applied, ApplyChanges, CheckWebhooks, ConfigurationError, Mismatch, NumberReport, OpenAccess,
    PlannedNumber, Selection, Survey,
};

/// How many numbers are changed at once; the carrier bounds how many of one account.
const NUMBERS_AT_ONCE: usize = 16;

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
        blockers: Vec<Blocker>,
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
        error: ConfigurationError,
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
pub(super) struct Task {
    pub(super) configured: ConfiguredNumber,
    pub(super) observed: Observed,
    pub(super) changes: Vec<FieldChange>,
    /// What is wrong besides, and stays so.
    pub(super) blockers: Vec<Blocker>,
}

/// What is to be done about the numbers that were looked at.
#[derive(Default)]
pub(super) struct Agenda {
    /// What is to be written.
    pub(super) tasks: Vec<Task>,
    /// What is not, though it is not as it should be.
    pub(super) left: Vec<Fixed>,
    /// How many numbers besides are not as they should be, and are none of the plan's.
    pub(super) passed_over: usize,
}

impl FixWebhooks {
    /// Looks at the numbers of a selection and writes what is wrong of those whose policy is among `policies`. With a
    /// `plan`, what it says of them is written and nothing else, whatever `overrides` and `policies` say.
    pub async fn fix(
        &self,
        scope: &Scope,
        selection: Selection,
        overrides: OverridePolicy,
        policies: &[RepairPolicy],
        plan: Option<Vec<PlannedNumber>>,
        progress: &mut (dyn FixProgress + Send),
    ) -> Result<FixSummary, ConfigurationError> {
        // What a plan may clear is what would be cleared, and not what would be told of.
        let overrides = if plan.is_some() { OverridePolicy::TakeOver } else { overrides };
        let mut reports = Vec::new();
        let mut right = HashSet::new();
        let looked = self
            .check
            .check(scope, selection, overrides, &mut |report: NumberReport| {
                if report.drift.is_none() {
                    right.insert(report.configured.number.phone_number);
                } else {
                    reports.push(report);
                }
            })
            .await?;
        let mut summary = FixSummary { numbers: looked.numbers, ..FixSummary::default() };
        let agenda = match plan {
            Some(plan) => planned(plan, selection, reports, &right),
            None => unplanned(reports, policies),
        };
        progress.begun(agenda.tasks.len());
        summary.left = agenda.left.len() + agenda.passed_over;
        agenda.left.into_iter().for_each(|fixed| progress.done(fixed));
        let open = Accesses::open(&self.check.access, scope, &agenda.tasks).await;
        let work = agenda.tasks.into_iter().map(|task| self.number(scope, &open, task));
        let mut work = stream::iter(work).buffer_unordered(NUMBERS_AT_ONCE);
        while let Some(fixed) = work.next().await {
            match &fixed {
                Fixed::Written { changes, blockers, .. } => {
                    summary.changed += usize::from(!changes.is_empty());
                    summary.fields += changes.len();
                    summary.left += usize::from(!blockers.is_empty());
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
                Fixed::Written { number, changes, blockers: task.blockers }
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
    ) -> Result<Applied, ConfigurationError> {
        let Task { configured, observed, changes, .. } = task;
        let account = configured.number.account;
        let access = open.of(scope, account).await?;
        let parts: Vec<Part> = changes.iter().map(|change| change.field.part()).collect();
        let survey = Survey::new(self.apply.carrier.as_ref(), &access);
        let again = survey.again(observed, &parts).await;
        let Some(observed) = again.map_err(ConfigurationError::carrier(account, "read"))? else {
            let number = configured.number.phone_number;
            return Err(ConfigurationError::NotThere { number, account });
        };
        self.apply.apply(scope, &access, configured, &observed, changes).await
    }
}

/// What is wrong of numbers that may be written, and what is left to people.
fn unplanned(reports: Vec<NumberReport>, policies: &[RepairPolicy]) -> Agenda {
    let mut agenda = Agenda::default();
    for NumberReport { configured, drift, observed } in reports {
        let number = configured.number.phone_number;
        let may = policies.contains(&configured.policy);
        match observed {
            Some(observed) if may && !drift.changes.is_empty() => {
                let (changes, blockers) = (drift.changes, drift.blockers);
                agenda.tasks.push(Task { configured, observed, changes, blockers });
            }
            _ => agenda.left.push(Fixed::Left { number, drift }),
        }
    }
    agenda
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
    async fn of(
        &self,
        scope: &Scope,
        account: AccountSid,
    ) -> Result<CarrierAccess, ConfigurationError> {
        match self.opened.get(&account) {
            Some(access) => Ok(access.clone()),
            None => Ok(self.open.of(scope, account).await?),
        }
    }
}
