//! Numbers, as they are printed.

use serde::Serialize;
use switchboard_domain::address::Channel;
use switchboard_domain::agent::Label;
use switchboard_domain::number::Channels;
use switchboard_domain::ports::ConfiguredNumber;

use super::{DecidingView, NONE, instant, sheet};
use crate::command_line::output::View;

/// Which channels of a number its agent answers.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the JSON")]
struct ChannelsView {
    voice: bool,
    sms: bool,
    whatsapp: bool,
    rcs: bool,
    messenger: bool,
}

impl ChannelsView {
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

/// A number, and who answers it. `channels` is `None` if it is not assigned.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct NumberView {
    phone_number: String,
    account_sid: String,
    agent_id: Option<String>,
    agent_name: Option<String>,
    channels: Option<ChannelsView>,
    /// The routing plan that decides: the number's, else its account's, else its organization's.
    plan: Option<DecidingView>,
    /// What answers: `plan`, `agent` or nothing. A plan takes precedence over the assigned agent.
    answered_by: Option<&'static str>,
    /// Who repairs drift: `manual` or `automatic`.
    repair_policy: &'static str,
    /// Whether the configuration that the number had before is saved.
    previous_configuration_saved: bool,
    /// When the configuration at Twilio was last seen.
    observed_at: Option<String>,
    organization_id: String,
    created_at: String,
    #[serde(skip)]
    channel_list: String,
}

impl NumberView {
    pub(in crate::command_line) fn of(
        configured: &ConfiguredNumber,
        agent_name: Option<&Label>,
        plan: Option<DecidingView>,
    ) -> Self {
        let number = &configured.number;
        let channels = number.assignment.as_ref().map(|assignment| assignment.channels);
        Self {
            phone_number: number.sender.as_str().to_owned(),
            account_sid: number.account.to_string(),
            agent_id: number.assignment.as_ref().map(|assignment| assignment.agent.to_string()),
            agent_name: agent_name.map(|name| name.as_str().to_owned()),
            channels: channels.map(ChannelsView::of),
            answered_by: match (&plan, &number.assignment) {
                (Some(_), _) => Some("plan"),
                (None, Some(_)) => Some("agent"),
                (None, None) => None,
            },
            plan,
            repair_policy: configured.policy.as_str(),
            previous_configuration_saved: configured.adopted.is_some(),
            observed_at: configured.observation.as_ref().map(|seen| instant(seen.at)),
            organization_id: number.organization.to_string(),
            created_at: instant(number.created_at),
            channel_list: channels.map_or_else(|| NONE.to_owned(), |channels| channels.to_string()),
        }
    }

    /// Line by line, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        sheet(&[
            ("Number", &self.phone_number),
            ("Account", &self.account_sid),
            ("Answered by", &self.answerer()),
            ("Plan", &self.plan()),
            ("Agent", &self.agent()),
            ("Channels", &self.channel_list),
            ("Repair", self.repair_policy),
            ("At Twilio", &self.at_twilio()),
            ("Added", &self.created_at),
        ])
    }

    /// The number itself.
    pub(in crate::command_line) fn phone_number(&self) -> &str {
        &self.phone_number
    }

    /// The plan that decides, with what it is attached to.
    pub(in crate::command_line) fn plan(&self) -> String {
        self.plan.as_ref().map_or_else(|| NONE.to_owned(), DecidingView::text)
    }

    /// Whether a plan decides, so that the assigned agent only answers if the plan cannot.
    pub(in crate::command_line) const fn has_plan(&self) -> bool {
        self.plan.is_some()
    }

    fn answerer(&self) -> String {
        match self.answered_by {
            Some("plan") => self.plan(),
            Some(_) => format!("agent {}", self.agent()),
            None => "nobody".to_owned(),
        }
    }

    fn at_twilio(&self) -> String {
        let saved = if self.previous_configuration_saved {
            "configured; the previous configuration is saved"
        } else {
            "not configured"
        };
        match &self.observed_at {
            Some(at) => format!("{saved}; last seen {at}"),
            None => saved.to_owned(),
        }
    }

    /// The agent, by name and id.
    pub(in crate::command_line) fn agent(&self) -> String {
        match (&self.agent_name, &self.agent_id) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            (None, Some(id)) => id.clone(),
            (_, None) => NONE.to_owned(),
        }
    }
}

impl View for NumberView {
    const COLUMNS: &'static [&'static str] = &["NUMBER", "ACCOUNT", "CHANNELS", "AGENT", "PLAN"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.phone_number.clone(),
            self.account_sid.clone(),
            self.channel_list.clone(),
            self.agent(),
            self.plan(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::number::Channels;

    use super::ChannelsView;

    #[test]
    fn each_channel_is_a_field() {
        let json = serde_json::to_string(&ChannelsView::of(Channels::VOICE_AND_SMS)).unwrap();
        assert_eq!(
            json,
            r#"{"voice":true,"sms":true,"whatsapp":false,"rcs":false,"messenger":false}"#
        );
    }
}
