//! A routing plan that was attached, as JSON.

use serde::Serialize;
use switchboard_domain::ports::{ConfiguredNumber, PlanPlace, SavedPlan};
use utoipa::ToSchema;

/// What a plan is attached to: one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
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

/// A routing plan that was attached.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AttachedPlan)]
pub struct AttachedPlanObject {
    /// The id of the plan.
    pub attached: String,
    /// Its name.
    pub name: String,
    /// What it is attached to.
    pub to: PlanPlaceObject,
    /// The numbers for which it decides: those without a nearer plan.
    pub numbers: usize,
    /// Those among them that were never configured at Twilio.
    pub not_configured: usize,
}

impl AttachedPlanObject {
    /// Renders a plan at a place, where it decides for these numbers.
    pub fn of(plan: &SavedPlan, place: &PlanPlace, decided: &[ConfiguredNumber]) -> Self {
        let is_new =
            |one: &&ConfiguredNumber| one.adopted.is_none() && one.number.assignment.is_none();
        Self {
            attached: plan.id.as_str().to_owned(),
            name: plan.name.as_str().to_owned(),
            to: PlanPlaceObject::of(place),
            numbers: decided.len(),
            not_configured: decided.iter().filter(is_new).count(),
        }
    }
}
