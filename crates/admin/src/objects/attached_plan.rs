//! A routing plan that was attached, as JSON.

use serde::{Deserialize, Serialize};
use switchboard_application_management::routing_plans::Attachment;
use switchboard_domain::ports::PlanPlace;
use utoipa::ToSchema;

/// What a plan is attached to: one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanPlace)]
pub struct PlanPlaceObject {
    /// A number or another sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The numbers of an account, except those with their own plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The numbers of the organization, except those with their own plan or a plan of their account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<bool>,
}

impl PlanPlaceObject {
    /// Renders a place. The organization is that of the plan.
    pub fn of(place: &PlanPlace) -> Self {
        match place {
            PlanPlace::Number(number) => {
                Self { number: Some(number.as_str().to_owned()), ..Self::default() }
            }
            PlanPlace::Account(account) => {
                Self { account: Some(account.to_string()), ..Self::default() }
            }
            PlanPlace::Organization(_) => Self { organization: Some(true), ..Self::default() },
        }
    }
}

/// Who answered numbers before, by the number of numbers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AnsweredBefore)]
pub struct AnsweredBeforeObject {
    /// The same plan: it was attached already, here or to the account or the organization.
    pub plan: usize,
    /// Another plan.
    pub other_plan: usize,
    /// The agent that the number is assigned to.
    pub agent: usize,
    /// Nobody.
    pub nobody: usize,
}

/// A routing plan that was attached, or would be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AttachedPlan)]
pub struct AttachedPlanObject {
    /// The id of the plan.
    pub attached: String,
    /// Its name.
    pub name: String,
    /// What it is attached to.
    pub to: PlanPlaceObject,
    /// Whether nothing was changed, because only the impact was asked for.
    pub dry_run: bool,
    /// The numbers for which it decides: those without a nearer plan.
    pub numbers: usize,
    /// Those among them that were never configured at Twilio.
    pub not_configured: usize,
    /// Who answered these numbers before.
    pub answered_before: AnsweredBeforeObject,
}

impl AttachedPlanObject {
    /// Renders a plan that was attached.
    pub fn of(attachment: &Attachment) -> Self {
        let before = attachment.answered_before();
        Self {
            attached: attachment.plan.id.as_str().to_owned(),
            name: attachment.plan.name.as_str().to_owned(),
            to: PlanPlaceObject::of(&attachment.place),
            dry_run: false,
            numbers: attachment.numbers.len(),
            not_configured: attachment.not_configured(),
            answered_before: AnsweredBeforeObject {
                plan: before.plan,
                other_plan: before.other_plan,
                agent: before.agent,
                nobody: before.nobody,
            },
        }
    }

    /// Renders a plan that would be attached.
    pub fn planned(attachment: &Attachment) -> Self {
        Self { dry_run: true, ..Self::of(attachment) }
    }
}
