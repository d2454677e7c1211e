//! A number as JSON, and who answers it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_application_management::{Answerer, NamedPlan};
use switchboard_domain::address::Channel;
use switchboard_domain::number::Channels;
use switchboard_domain::ports::{ConfiguredNumber, PlanPlace};
use utoipa::ToSchema;

use super::instant;

/// Which channels of a number its agent answers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Channels)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the JSON")]
pub struct ChannelsObject {
    /// Calls.
    pub voice: bool,
    /// SMS and MMS.
    pub sms: bool,
    /// `WhatsApp`.
    pub whatsapp: bool,
    /// RCS.
    pub rcs: bool,
    /// Messenger.
    pub messenger: bool,
}

impl ChannelsObject {
    const fn of(channels: Channels) -> Self {
        Self {
            voice: channels.contains(Channel::Voice),
            sms: channels.contains(Channel::Sms),
            whatsapp: channels.contains(Channel::WhatsApp),
            rcs: channels.contains(Channel::Rcs),
            messenger: channels.contains(Channel::Messenger),
        }
    }
}

/// The routing plan that decides for a number, and what it is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DecidingPlan)]
pub struct DecidingPlanObject {
    /// Its id.
    pub id: String,
    /// Its name; `null` if the plan cannot be read.
    #[schema(required)]
    pub name: Option<String>,
    /// `number`, `account` or `organization`.
    pub attached_to: String,
}

impl DecidingPlanObject {
    /// Renders a plan.
    pub fn of(NamedPlan { plan, name }: &NamedPlan) -> Self {
        let attached_to = match plan.place {
            PlanPlace::Number(_) => "number",
            PlanPlace::Account(_) => "account",
            PlanPlace::Organization(_) => "organization",
        };
        Self {
            id: plan.id.to_string(),
            name: name.as_ref().map(|name| name.as_str().to_owned()),
            attached_to: attached_to.to_owned(),
        }
    }
}

/// A number or another sender, and who answers it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Number)]
pub struct NumberObject {
    /// The number with its country code, or the address of a sender that is none.
    pub phone_number: String,
    /// The account that it belongs to.
    pub account_sid: String,
    /// The agent that it is assigned to.
    #[schema(required)]
    pub agent_id: Option<String>,
    /// The name of that agent.
    #[schema(required)]
    pub agent_name: Option<String>,
    /// Which channels the agent answers; `null` if the number is not assigned.
    #[schema(required)]
    pub channels: Option<ChannelsObject>,
    /// The routing plan that decides: the number's, else its account's, else its organization's.
    #[schema(required)]
    pub plan: Option<DecidingPlanObject>,
    /// What answers: `plan`, `agent` or nothing. A plan takes precedence over the assigned agent.
    #[schema(required)]
    pub answered_by: Option<Cow<'static, str>>,
    /// Who repairs drift: `manual` or `automatic`.
    pub repair_policy: Cow<'static, str>,
    /// Whether the configuration that the number had before is saved.
    pub previous_configuration_saved: bool,
    /// When the configuration at Twilio was last seen.
    #[schema(required, format = DateTime)]
    pub observed_at: Option<String>,
    /// The organization that owns it.
    pub organization_id: String,
    /// When it was added.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl NumberObject {
    /// Renders a number.
    pub fn of(configured: &ConfiguredNumber, answerer: &Answerer) -> Self {
        let number = &configured.number;
        let assignment = number.assignment.as_ref();
        let plan = answerer.plan.as_ref().map(DecidingPlanObject::of);
        Self {
            phone_number: number.sender.as_str().to_owned(),
            account_sid: number.account.to_string(),
            agent_id: assignment.map(|assignment| assignment.agent.to_string()),
            agent_name: answerer.agent.as_ref().map(|name| name.as_str().to_owned()),
            channels: assignment.map(|assignment| ChannelsObject::of(assignment.channels)),
            answered_by: match (&plan, assignment) {
                (Some(_), _) => Some("plan".into()),
                (None, Some(_)) => Some("agent".into()),
                (None, None) => None,
            },
            plan,
            repair_policy: configured.policy.as_str().into(),
            previous_configuration_saved: configured.adopted.is_some(),
            observed_at: configured.observation.as_ref().map(|seen| instant(seen.at)),
            organization_id: number.organization.to_string(),
            created_at: instant(number.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::number::Channels;

    use super::ChannelsObject;

    #[test]
    fn each_channel_is_a_field() {
        let json = serde_json::to_string(&ChannelsObject::of(Channels::VOICE_AND_SMS)).unwrap();
        assert_eq!(
            json,
            r#"{"voice":true,"sms":true,"whatsapp":false,"rcs":false,"messenger":false}"#
        );
    }
}
