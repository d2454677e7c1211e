//! A configuration plan, as it is printed and as a file that `plan` writes and `fix` reads.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use switchboard_admin::objects::{BlockerObject, ChangeObject, DecidingPlanObject};
use switchboard_application_carrier::configuration::{NumberReport, PlannedNumber};
use switchboard_domain::configuration::{Blocker, DriftReason, Field, FieldChange};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use crate::command_line::view::plan_text;
use crate::command_line::{input, remedies};
use crate::failure::Failure;

/// The version of the file format; others are refused.
const VERSION: u32 = 1;

/// A plan in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanView {
    version: u32,
    numbers: Vec<PlannedView>,
}

/// A number, its changes, and what blocks its configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedView {
    pub(super) phone_number: String,
    pub(super) account_sid: String,
    pub(super) agent_id: Option<String>,
    /// The routing plan that decides for the number. Files of previous releases do not contain it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<DecidingPlanObject>,
    pub(super) changes: Vec<ChangeObject>,
    pub(super) blockers: Vec<BlockerObject>,
}

impl PlanView {
    pub(super) fn of(numbers: Vec<PlannedView>) -> Self {
        Self { version: VERSION, numbers }
    }
}

/// A line for each change of a restoration, aligned. The reasons are those of taking the number over.
pub(super) fn change_lines_without_reasons(
    changes: &[ChangeObject],
) -> impl Iterator<Item = String> {
    let width = changes.iter().map(|change| change.field.len()).max().unwrap_or_default();
    changes.iter().map(move |change| {
        let (from, to) = (shown(&change.from), shown(&change.to));
        format!("    {:width$}  {from} → {to}", change.field)
    })
}

/// A line for each change, aligned.
pub(in crate::command_line) fn change_lines(
    changes: &[ChangeObject],
) -> impl Iterator<Item = String> {
    let lines = change_lines_without_reasons(changes);
    lines.zip(changes).map(|(line, change)| format!("{line}  ({})", change.reason))
}

fn parse_change(change: &ChangeObject) -> Result<FieldChange, String> {
    let ChangeObject { field, from, to, reason } = change;
    let field = Field::parse(field).ok_or_else(|| format!("field {field:?} is unknown"))?;
    let reason =
        DriftReason::parse(reason).ok_or_else(|| format!("reason {reason:?} is unknown"))?;
    Ok(FieldChange { field, from: from.clone(), to: to.clone(), reason })
}

/// What a blocker is, and what to do about it.
pub(in crate::command_line) fn explained(blocker: &Blocker) -> String {
    format!("{}; {}", blocker.detail, remedies::drift(blocker.reason))
}

/// A value, for people.
pub(super) fn shown(value: &str) -> String {
    if value.is_empty() { "(nothing)".to_owned() } else { format!("{value:?}") }
}

impl PlannedView {
    pub(super) fn of(report: &NumberReport, plan: Option<DecidingPlanObject>) -> Self {
        let number = &report.configured.number;
        let blocker = |blocker: &Blocker| BlockerObject {
            reason: blocker.reason.as_str().to_owned(),
            detail: explained(blocker),
        };
        Self {
            phone_number: number.sender.as_str().to_owned(),
            account_sid: number.account.to_string(),
            agent_id: number.assignment.as_ref().map(|answered| answered.agent.to_string()),
            plan,
            changes: report.drift.changes.iter().map(ChangeObject::of).collect(),
            blockers: report.drift.blockers.iter().map(blocker).collect(),
        }
    }

    /// The number and its reasons in a line.
    pub(super) fn line(&self) -> String {
        let changes = self.changes.iter().map(|change| change.reason.as_str());
        let mut reasons: Vec<_> =
            changes.chain(self.blockers.iter().map(|blocker| blocker.reason.as_str())).collect();
        reasons.dedup();
        let (number, account, reasons) =
            (&self.phone_number, &self.account_sid, reasons.join(", "));
        format!("{number}  {account}  {reasons}  ({})", self.answerer())
    }

    /// Who decides for the number.
    fn answerer(&self) -> String {
        match (&self.plan, &self.agent_id) {
            (Some(plan), _) => plan_text(plan),
            (None, Some(agent)) => format!("agent {agent}"),
            (None, None) => "nobody".to_owned(),
        }
    }

    /// The number, and a line for each field and each blocker.
    pub(super) fn paragraph(&self) -> String {
        let sign = if self.changes.is_empty() { '!' } else { '~' };
        let mut text =
            format!("{sign} {}  {}  {}", self.phone_number, self.account_sid, self.answerer());
        for line in change_lines(&self.changes) {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{line}");
        }
        for blocker in &self.blockers {
            let _ = write!(text, "\n    ! {}: {}", blocker.reason, blocker.detail);
        }
        text
    }

    fn parse(&self) -> Result<PlannedNumber, String> {
        Ok(PlannedNumber {
            sender: Sender::parse(&self.phone_number)
                .map_err(|error| format!("phone_number {error}"))?,
            account: AccountSid::parse(&self.account_sid)
                .map_err(|error| format!("account_sid: {error}"))?,
            changes: self.changes.iter().map(parse_change).collect::<Result<_, _>>()?,
        })
    }
}

/// Writes a plan to a file, atomically; to a pipe or a device, directly.
pub(super) fn write(path: &str, plan: &PlanView) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::local(format!("--out {path} cannot be written: {error}"))
    };
    // Renaming a file over a device would remove the device.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let mut out =
            std::fs::OpenOptions::new().write(true).open(path).map_err(|error| failed(&error))?;
        serde_json::to_writer_pretty(&mut out, plan).map_err(|error| failed(&error))?;
        return Ok(());
    }
    let folder =
        std::path::Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(std::path::Path::new(".")))
        .map_err(|error| failed(&error))?;
    serde_json::to_writer_pretty(&mut file, plan).map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error))?;
    Ok(())
}

/// Reads a plan from a file.
pub(super) fn read(path: &str) -> Result<Vec<PlannedNumber>, Failure> {
    let refused = |why: String| {
        Failure::local(format!(
            "--plan {path} is not a plan: {why}; make one with `switchboard webhooks plan --out FILE`"
        ))
    };
    let text = input::text("--plan", path)?;
    let plan: PlanView = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    if plan.version != VERSION {
        return Err(refused(format!("it has version {}", plan.version)));
    }
    let parsed = plan.numbers.iter().enumerate().map(|(index, number)| {
        number.parse().map_err(|error| refused(format!("entry {}: {error}", index + 1)))
    });
    parsed.collect()
}

#[cfg(test)]
mod tests {
    use super::{PlanView, VERSION, read, write};

    const PLAN: PlanView = PlanView { version: VERSION, numbers: Vec::new() };

    #[test]
    fn a_plan_replaces_a_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        std::fs::write(&path, "an older one").unwrap();
        write(path.to_str().unwrap(), &PLAN).unwrap();
        assert!(read(path.to_str().unwrap()).unwrap().is_empty());

        assert!(write(folder.path().to_str().unwrap(), &PLAN).is_err());
        assert!(folder.path().is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced() {
        use std::os::unix::fs::{FileTypeExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nothing");
        symlink("/dev/null", &path).unwrap();
        write(path.to_str().unwrap(), &PLAN).unwrap();
        assert!(path.is_symlink());
        assert!(std::fs::metadata(&path).unwrap().file_type().is_char_device());
    }
}
