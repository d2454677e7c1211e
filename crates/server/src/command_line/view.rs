//! Accounts, agents and numbers as they are shown. Tokens never are.

use serde::Serialize;
use switchboard_domain::account::Account;
use switchboard_domain::address::Channel;
use switchboard_domain::agent::{Agent, AgentState, Label, MessageTarget, VoiceTarget};
use switchboard_domain::number::{Channels, Number};
use switchboard_domain::time::Timestamp;

use super::output::View;

const NONE: &str = "-";

/// An account.
#[derive(Debug, Serialize)]
pub(super) struct AccountView {
    sid: String,
    name: String,
    parent_sid: Option<String>,
    organization_id: String,
    /// Whether a next token is kept, for a rotation.
    has_next_token: bool,
    /// Which key sealed the primary token.
    encryption_key_id: Option<String>,
    created_at: String,
}

impl AccountView {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            sid: account.sid.to_string(),
            name: account.name.as_str().to_owned(),
            parent_sid: account.parent.map(|sid| sid.to_string()),
            organization_id: account.organization.to_string(),
            has_next_token: account.tokens.next.is_some(),
            encryption_key_id: account.tokens.primary.key_id().map(ToOwned::to_owned),
            created_at: instant(account.created_at),
        }
    }

    /// Line by line, for people.
    pub(super) fn sheet(&self) -> String {
        let next = if self.has_next_token { "kept, for a rotation" } else { NONE };
        sheet(&[
            ("SID", &self.sid),
            ("Name", &self.name),
            ("Parent", or_none(self.parent_sid.as_deref())),
            ("Next token", next),
            ("Sealed by key", or_none(self.encryption_key_id.as_deref())),
            ("Added", &self.created_at),
        ])
    }
}

impl View for AccountView {
    const COLUMNS: &'static [&'static str] = &["SID", "NAME", "PARENT", "ADDED"];

    fn cells(&self) -> Vec<String> {
        let parent = or_none(self.parent_sid.as_deref());
        [&self.sid, &self.name, parent, &self.created_at].map(ToOwned::to_owned).into()
    }
}

/// A voice or message target: its kind, and what goes with it under the name that the kind gives it.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum TargetView {
    Stream { url: String },
    ConversationRelay { url: String },
    Redirect { url: String },
    Dial { phone_number: String },
    Reply { text: String },
}

impl TargetView {
    pub(super) fn of_voice(target: &VoiceTarget) -> Self {
        let value = target.value().to_owned();
        match target {
            VoiceTarget::Stream(_) => Self::Stream { url: value },
            VoiceTarget::ConversationRelay(_) => Self::ConversationRelay { url: value },
            VoiceTarget::Redirect(_) => Self::Redirect { url: value },
            VoiceTarget::Dial(_) => Self::Dial { phone_number: value },
        }
    }

    pub(super) fn of_message(target: &MessageTarget) -> Self {
        let value = target.value().to_owned();
        match target {
            MessageTarget::Reply(_) => Self::Reply { text: value },
            MessageTarget::Redirect(_) => Self::Redirect { url: value },
        }
    }
}

impl std::fmt::Display for TargetView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stream { url } => write!(f, "stream to {url}"),
            Self::ConversationRelay { url } => write!(f, "conversation relay to {url}"),
            Self::Redirect { url } => write!(f, "redirect to {url}"),
            Self::Dial { phone_number } => write!(f, "dial {phone_number}"),
            Self::Reply { text } => write!(f, "reply {text:?}"),
        }
    }
}

/// An agent. Its prompt can be long, so lists leave it out.
#[derive(Debug, Serialize)]
pub(super) struct AgentView {
    id: String,
    external_id: Option<String>,
    name: String,
    enabled: bool,
    voice: Option<String>,
    model: Option<String>,
    language: Option<String>,
    voice_target: Option<TargetView>,
    message_target: Option<TargetView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<String>,
    organization_id: String,
    created_at: String,
}

impl AgentView {
    pub(super) fn of(agent: &Agent) -> Self {
        let profile = &agent.profile;
        let text = |label: &Option<Label>| label.as_ref().map(|label| label.as_str().to_owned());
        Self {
            id: agent.id.to_string(),
            external_id: text(&profile.external_id),
            name: profile.name.as_str().to_owned(),
            enabled: profile.state == AgentState::Enabled,
            voice: text(&profile.voice),
            model: text(&profile.model),
            language: text(&profile.language),
            voice_target: profile.voice_target.as_ref().map(TargetView::of_voice),
            message_target: profile.message_target.as_ref().map(TargetView::of_message),
            prompt: None,
            organization_id: agent.organization.to_string(),
            created_at: instant(agent.created_at),
        }
    }

    /// With its prompt.
    pub(super) fn whole(agent: &Agent) -> Self {
        Self { prompt: Some(agent.prompt.as_str().to_owned()), ..Self::of(agent) }
    }

    /// Line by line, for people.
    pub(super) fn sheet(&self) -> String {
        let shown = |target: &Option<TargetView>| target.as_ref().map_or_else(|| NONE.to_owned(), ToString::to_string);
        let mut text = sheet(&[
            ("Id", &self.id),
            ("External id", or_none(self.external_id.as_deref())),
            ("Name", &self.name),
            ("State", self.state()),
            ("Voice", or_none(self.voice.as_deref())),
            ("Model", or_none(self.model.as_deref())),
            ("Language", or_none(self.language.as_deref())),
            ("Calls", &shown(&self.voice_target)),
            ("Messages", &shown(&self.message_target)),
            ("Added", &self.created_at),
        ]);
        if let Some(prompt) = self.prompt.as_deref().filter(|prompt| !prompt.is_empty()) {
            text.push_str("\n\n");
            text.push_str(prompt.trim_end());
        }
        text
    }

    fn state(&self) -> &'static str {
        if self.enabled { "enabled" } else { "disabled" }
    }
}

impl View for AgentView {
    const COLUMNS: &'static [&'static str] = &["ID", "EXTERNAL ID", "NAME", "STATE", "CALLS", "MESSAGES"];

    fn cells(&self) -> Vec<String> {
        let kind = |target: &Option<TargetView>| match target {
            None => NONE,
            Some(TargetView::Stream { .. }) => "stream",
            Some(TargetView::ConversationRelay { .. }) => "conversation relay",
            Some(TargetView::Redirect { .. }) => "redirect",
            Some(TargetView::Dial { .. }) => "dial",
            Some(TargetView::Reply { .. }) => "reply",
        };
        let external_id = or_none(self.external_id.as_deref());
        let (calls, messages) = (kind(&self.voice_target), kind(&self.message_target));
        [&self.id, external_id, &self.name, self.state(), calls, messages].map(ToOwned::to_owned).into()
    }
}

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

/// A number. `channels` is none where nobody answers it.
#[derive(Debug, Serialize)]
pub(super) struct NumberView {
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
    pub(super) fn of(number: &Number, agent_name: Option<&Label>) -> Self {
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
    pub(super) fn sheet(&self) -> String {
        sheet(&[
            ("Number", &self.phone_number),
            ("Account", &self.account_sid),
            ("Agent", &self.agent()),
            ("Channels", &self.channel_list),
            ("Added", &self.created_at),
        ])
    }

    /// Who answers it: name and id.
    pub(super) fn agent(&self) -> String {
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
        vec![self.phone_number.clone(), self.account_sid.clone(), self.channel_list.clone(), self.agent()]
    }
}

/// An instant as RFC 3339 writes it, to the second.
fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).map_or_else(|_beyond| NONE.to_owned(), |at| at.to_string())
}

fn or_none(text: Option<&str>) -> &str {
    text.unwrap_or(NONE)
}

fn sheet(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = lines.iter().map(|(name, value)| format!("{name:width$}  {value}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use switchboard_domain::number::Channels;
    use switchboard_domain::time::Timestamp;

    use super::{ChannelsView, instant};

    #[test]
    fn instants_are_rfc_3339() {
        assert_eq!(instant(Timestamp::from_seconds(1_795_000_000)), "2026-11-18T11:06:40Z");
    }

    #[test]
    fn channels_are_told_one_by_one() {
        let json = serde_json::to_string(&ChannelsView::of(Channels::VOICE_AND_SMS)).unwrap();
        assert_eq!(json, r#"{"voice":true,"sms":true,"whatsapp":false,"rcs":false}"#);
    }
}
