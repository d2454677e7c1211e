//! Numbers, as they are printed.

use serde::Serialize;
use switchboard_domain::address::Channel;
use switchboard_domain::agent::Label;
use switchboard_domain::number::{Channels, Number};

use super::{NONE, instant, sheet};
use crate::command_line::output::View;

/// Which channels of a number its agent answers.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the JSON")]
struct ChannelsView {
    voice: bool,
    sms: bool,
    whatsapp: bool,
    rcs: bool,
}

impl ChannelsView {
    const fn of(channels: Channels) -> Self {
        Self {
            voice: channels.contains(Channel::Voice),
            sms: channels.contains(Channel::Sms),
            whatsapp: channels.contains(Channel::WhatsApp),
            rcs: channels.contains(Channel::Rcs),
        }
    }
}

/// A number. `channels` is `None` if it is not assigned.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct NumberView {
    phone_number: String,
    account_sid: String,
    agent_id: Option<String>,
    agent_name: Option<String>,
    channels: Option<ChannelsView>,
    organization_id: String,
    created_at: String,
    #[serde(skip)]
    channel_list: String,
}

impl NumberView {
    pub(in crate::command_line) fn of(number: &Number, agent_name: Option<&Label>) -> Self {
        let channels = number.assignment.as_ref().map(|assignment| assignment.channels);
        Self {
            phone_number: number.phone_number.as_str().to_owned(),
            account_sid: number.account.to_string(),
            agent_id: number.assignment.as_ref().map(|assignment| assignment.agent.to_string()),
            agent_name: agent_name.map(|name| name.as_str().to_owned()),
            channels: channels.map(ChannelsView::of),
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
            ("Agent", &self.agent()),
            ("Channels", &self.channel_list),
            ("Added", &self.created_at),
        ])
    }

    /// The number itself.
    pub(in crate::command_line) fn phone_number(&self) -> &str {
        &self.phone_number
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
    const COLUMNS: &'static [&'static str] = &["NUMBER", "ACCOUNT", "CHANNELS", "AGENT"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.phone_number.clone(),
            self.account_sid.clone(),
            self.channel_list.clone(),
            self.agent(),
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
        assert_eq!(json, r#"{"voice":true,"sms":true,"whatsapp":false,"rcs":false}"#);
    }
}
