//! Routing plans as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use switchboard_application_management::routing_plans::{Replayed, Touched};
use switchboard_domain::plan::{PlanDocument, PlanProblem};
use switchboard_domain::ports::{PlanPlace, SavedPlan};
use switchboard_domain::sid::AccountSid;
use utoipa::ToSchema;

use super::{PlanPlaceObject, instant};

/// A version of a routing plan.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanObject {
    /// The id of the plan, which is the same for all versions. A new plan that a dry run does not save has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<String>,
    /// Its name, which is unique in the organization.
    pub name: String,
    /// The number of the version, from 1.
    pub version: u32,
    /// Who saved it, as whoever saved it says; only the audit log is a proof.
    pub author: String,
    /// When it was saved.
    #[schema(format = DateTime)]
    pub saved_at: String,
    /// The organization that owns it.
    pub organization_id: String,
    /// What the plan is attached to; not in lists of versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attached: Option<Vec<PlanPlaceObject>>,
    /// Why rules are skipped, or why the plan is not used; empty for a valid plan. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problems: Option<Vec<PlanProblemObject>>,
    /// The document, which names agents by their ids; a text if it can no longer be read. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub document: Option<Value>,
}

impl PlanObject {
    /// Renders a version without its state and its document.
    pub fn of(plan: &SavedPlan) -> Self {
        Self {
            id: Some(plan.id.to_string()),
            name: plan.name.as_str().to_owned(),
            version: plan.version,
            author: plan.author.as_str().to_owned(),
            saved_at: instant(plan.saved_at),
            organization_id: plan.organization.to_string(),
            attached: None,
            problems: None,
            document: None,
        }
    }

    /// A version that is not saved: a new plan has no id yet.
    #[must_use]
    pub fn unsaved(self) -> Self {
        if self.version == 1 { Self { id: None, ..self } } else { self }
    }

    /// With what the plan is attached to.
    #[must_use]
    pub fn with_places(self, places: &[PlanPlace]) -> Self {
        Self { attached: Some(places.iter().map(PlanPlaceObject::of).collect()), ..self }
    }

    /// With what the plan is attached to, and what is wrong with it.
    #[must_use]
    pub fn with_state(self, places: &[PlanPlace], problems: Vec<PlanProblemObject>) -> Self {
        Self { problems: Some(problems), ..self.with_places(places) }
    }

    /// With its document.
    #[must_use]
    pub fn with_document(self, document: &PlanDocument) -> Self {
        let read = serde_json::from_str(document);
        let shown = read.unwrap_or_else(|_unreadable| Value::String(document.to_string()));
        Self { document: Some(shown), ..self }
    }
}

/// A mistake in a routing plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanProblem)]
pub struct PlanProblemObject {
    /// The JSON Pointer of the value in the document.
    pub at: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it, if the problem does not say it.
    #[schema(required)]
    pub remedy: Option<Cow<'static, str>>,
}

impl PlanProblemObject {
    /// Renders a mistake.
    pub fn of(problem: &PlanProblem, remedy: Option<&'static str>) -> Self {
        let (at, problem) = (problem.at.as_str().to_owned(), problem.kind.to_string());
        Self { at, problem, remedy: remedy.map(Cow::Borrowed) }
    }
}

/// A routing plan that was saved, or would be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SavedPlan)]
pub struct SavedPlanObject {
    /// The version that was saved, or would be; the newest one if it is the same.
    #[serde(flatten)]
    pub plan: PlanObject,
    /// Whether a version was saved: not by a dry run, and not if the newest version is the same.
    pub saved: bool,
    /// What the plan applies to; `null` if the newest version is the same.
    #[schema(required)]
    pub touches: Option<PlanImpactObject>,
}

/// What a routing plan applies to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanImpact)]
pub struct PlanImpactObject {
    /// Whether it is the default of its organization.
    pub organization: bool,
    /// The accounts that it is attached to.
    pub accounts: Vec<String>,
    /// The numbers for which it decides.
    pub numbers: u64,
    /// Their calls of the last seven days; only of the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub calls: Option<u64>,
    /// Their messages of the last seven days; only of the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub messages: Option<u64>,
    /// The calls and messages that this version decides differently; only of the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changed: Option<u64>,
}

impl PlanImpactObject {
    /// Renders what a plan applies to, without its calls and messages.
    pub fn of(touched: &Touched) -> Self {
        Self {
            organization: touched.organization,
            accounts: touched.accounts.iter().map(AccountSid::to_string).collect(),
            numbers: touched.numbers,
            calls: None,
            messages: None,
            changed: None,
        }
    }

    /// With the calls and messages of the last seven days.
    #[must_use]
    pub fn with_replayed(self, replayed: &Replayed) -> Self {
        let Replayed { calls, messages, changed, .. } = *replayed;
        Self { calls: Some(calls), messages: Some(messages), changed: Some(changed), ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_application_management::routing_plans::Touched;
    use switchboard_domain::agent::Label;
    use switchboard_domain::identifier::PlanId;
    use switchboard_domain::organization::default_organization;
    use switchboard_domain::plan::{PlanProblem, Pointer, ProblemKind};
    use switchboard_domain::ports::{PlanPlace, SavedPlan};
    use switchboard_domain::time::Timestamp;

    use super::{PlanImpactObject, PlanObject, PlanProblemObject};

    #[test]
    fn a_plan_is_shown_with_as_much_as_is_read() {
        let saved = SavedPlan {
            id: PlanId::parse("pln_01m8jwaxz29rbqtyphtjq1q9h6").unwrap(),
            organization: default_organization(),
            name: Label::parse("Front desk").unwrap(),
            version: 2,
            document: "{\"otherwise\":{}}".into(),
            author: Label::parse("ci").unwrap(),
            saved_at: Timestamp::from_seconds(0),
        };
        let version = json!({
            "id": "pln_01m8jwaxz29rbqtyphtjq1q9h6", "name": "Front desk", "version": 2, "author": "ci",
            "saved_at": "1970-01-01T00:00:00Z", "organization_id": "org_00000000000000000000000000",
        });
        assert_eq!(serde_json::to_value(PlanObject::of(&saved)).unwrap(), version);
        let problem =
            PlanProblem { at: Pointer::root().at("otherwise"), kind: ProblemKind::NothingToDo };
        let problem = PlanProblemObject::of(&problem, None);
        let place = PlanPlace::Organization(default_organization());
        let whole = PlanObject::of(&saved).with_state(&[place], vec![problem]);
        let mut shown = serde_json::to_value(whole.clone().with_document(&saved.document)).unwrap();
        assert_eq!(shown["attached"], json!([{ "organization": true }]));
        assert_eq!(
            shown["problems"],
            json!([{ "at": "/otherwise", "problem": "has neither agents nor actions; add one", "remedy": null }])
        );
        assert_eq!(shown["document"].take(), json!({ "otherwise": {} }));
        assert_eq!(whole.clone().unsaved().id.as_deref(), Some(saved.id.as_str()));
        assert_eq!(PlanObject { version: 1, ..whole.clone() }.unsaved().id, None);
        let unreadable = whole.with_document(&"{".into());
        assert_eq!(unreadable.document, Some(json!("{")));
    }

    #[test]
    fn an_impact_has_calls_only_if_they_were_replayed() {
        let touched = Touched { numbers: 2, ..Touched::default() };
        let impact = PlanImpactObject::of(&touched);
        let expected = json!({ "organization": false, "accounts": [], "numbers": 2 });
        assert_eq!(serde_json::to_value(&impact).unwrap(), expected);
        let replayed = serde_json::to_value(impact.with_replayed(&touched.replayed)).unwrap();
        assert_eq!((&replayed["calls"], &replayed["changed"]), (&json!(0), &json!(0)));
    }
}
