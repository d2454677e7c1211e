//! How what is differs from what should be.

use super::{AdoptedConfiguration, Configuration, Field, Observed, WebhookUrls, desired};
use crate::address::Channel;
use crate::carrier::{CarrierApplication, InboundWebhook, Region};
use crate::number::Channels;
use crate::string_enum;

string_enum! {
    /// Why a field is not what it should be, or does not count.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum DriftReason {
        /// Another URL.
        WrongUrl = "wrong_url",
        /// The URL is right, the method is not.
        WrongMethod = "wrong_method",
        /// A URL that names its agent, as the legacy system wrote them.
        LegacyAgentId = "legacy_agent_id",
        /// The channel is not the agent's any more: what was there before us comes back.
        ChannelOff = "channel_off",
        /// A SIP trunk takes the calls.
        OverriddenByTrunk = "overridden_by_trunk",
        /// A TwiML application takes the calls or the messages.
        OverriddenByApplication = "overridden_by_application",
        /// A Messaging Service takes the messages.
        OverriddenByService = "overridden_by_service",
        /// The channel is to be answered, but the number has no sender for it.
        SenderMissing = "sender_missing",
        /// The number cannot carry the channel.
        CapabilityMissing = "capability_missing",
        /// Another region than the account's processes the number's calls.
        RegionMismatch = "region_mismatch",
        /// Another account of ours has the number now.
        MovedAccount = "moved_account",
        /// No account of ours has the number.
        NotFound = "not_found",
        /// The account could not be asked.
        Unreachable = "unreachable",
    }
}

/// What is done about what takes a number's calls or messages in place of its URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverridePolicy {
    /// It is reported and stays.
    #[default]
    Report,
    /// It is cleared, and saved so that it can come back.
    TakeOver,
}

/// A field that is to get another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub field: Field,
    /// What it is.
    pub from: String,
    /// What it is to be.
    pub to: String,
    /// Why.
    pub reason: DriftReason,
}

/// What a change of fields does not mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// What kind of thing.
    pub reason: DriftReason,
    /// What it is. Contains no phone number.
    pub detail: String,
}

/// How a number differs from what it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What a change of fields mends, in the order in which fields are shown.
    pub changes: Vec<FieldChange>,
    /// What it does not.
    pub blockers: Vec<Blocker>,
}

impl Drift {
    /// Whether everything is as it should be.
    pub fn is_none(&self) -> bool {
        self.changes.is_empty() && self.blockers.is_empty()
    }

    /// Only this is wrong.
    pub fn only(reason: DriftReason, detail: impl Into<String>) -> Self {
        Self { blockers: vec![Blocker { reason, detail: detail.into() }], ..Self::default() }
    }

    /// Every reason that it gives, each once.
    pub fn reasons(&self) -> Vec<DriftReason> {
        let changes = self.changes.iter().map(|change| change.reason);
        let mut reasons: Vec<_> =
            changes.chain(self.blockers.iter().map(|blocker| blocker.reason)).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    fn hinder(&mut self, reason: DriftReason, detail: String) {
        self.blockers.push(Blocker { reason, detail });
    }
}

/// How a number that is answered on `channels` differs from what it should be. `region` is its account's, `taken`
/// what we changed about it so far.
pub fn drift(
    observed: &Observed,
    channels: Option<Channels>,
    adopted: Option<&AdoptedConfiguration>,
    urls: &WebhookUrls,
    region: Region,
    overrides: OverridePolicy,
) -> Drift {
    let mut drift = Drift::default();
    let seen = observed.configuration();
    if let Some(channels) = channels {
        missing(&mut drift, observed, channels);
        let wanted = desired(channels, urls);
        for (field, to) in wanted.iter() {
            match seen.get(field) {
                Some(from) if from != to => drift.changes.push(FieldChange {
                    field,
                    from: from.to_owned(),
                    to: to.to_owned(),
                    reason: difference(field, from),
                }),
                // What is not there cannot be changed: a missing sender is reported as such.
                Some(_) | None => {}
            }
        }
        overridden(&mut drift, observed, channels, urls, overrides);
        if let Some(actual) = observed.region
            && actual != region
            && channels.contains(Channel::Voice)
        {
            drift.hinder(
                DriftReason::RegionMismatch,
                format!(
                    "calls are processed in region {actual}, but the account is set to {region}"
                ),
            );
        }
    }
    give_back(&mut drift, &seen, channels, adopted);
    drift.changes.sort_by_key(|change| change.field);
    drift
}

fn difference(field: Field, from: &str) -> DriftReason {
    if field.is_method() {
        DriftReason::WrongMethod
    } else if names_agent(from) {
        DriftReason::LegacyAgentId
    } else {
        DriftReason::WrongUrl
    }
}

/// Whether a URL names an agent in its query, as the legacy system wrote them.
fn names_agent(url: &str) -> bool {
    let before_fragment = url.split('#').next().unwrap_or_default();
    let query = before_fragment.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.split('=').next() == Some("agentId"))
}

fn missing(drift: &mut Drift, observed: &Observed, channels: Channels) {
    let capabilities = observed.number.capabilities;
    let mut cannot = |channel: Channel| {
        let detail = format!("the number cannot carry {}", channel.as_str());
        drift.hinder(DriftReason::CapabilityMissing, detail);
    };
    if channels.contains(Channel::Voice) && !capabilities.voice {
        cannot(Channel::Voice);
    }
    if channels.contains(Channel::Sms) && !capabilities.sms && !capabilities.mms {
        cannot(Channel::Sms);
    }
    let sender = [Channel::WhatsApp, Channel::Rcs];
    if let Some(channel) = sender.into_iter().find(|channel| channels.contains(*channel))
        && observed.sender.is_none()
    {
        let detail = format!("the number has no {} sender", channel.as_str());
        drift.hinder(DriftReason::SenderMissing, detail);
    }
}

/// What takes calls or messages in place of the URLs, unless it leads to us all the same.
fn overridden(
    drift: &mut Drift,
    observed: &Observed,
    channels: Channels,
    urls: &WebhookUrls,
    overrides: OverridePolicy,
) {
    let set = |field| observed.number.configuration.get(field).filter(|sid| !sid.is_empty());
    let mut clear = |field, from: &str, to: &str, reason, detail: String| match overrides {
        OverridePolicy::TakeOver => drift.changes.push(FieldChange {
            field,
            from: from.to_owned(),
            to: to.to_owned(),
            reason,
        }),
        OverridePolicy::Report => drift.hinder(reason, detail),
    };
    if channels.contains(Channel::Voice) {
        if let Some(trunk) = set(Field::TrunkSid) {
            clear(
                Field::TrunkSid,
                trunk,
                "",
                DriftReason::OverriddenByTrunk,
                format!("SIP trunk {trunk} takes the calls"),
            );
        }
        if let Some(application) = set(Field::VoiceApplicationSid)
            && !leads_to(observed.voice_application.as_ref(), |known| &known.voice_url, &urls.voice)
        {
            clear(
                Field::VoiceApplicationSid,
                application,
                "",
                DriftReason::OverriddenByApplication,
                format!(
                    "{} takes the calls",
                    named(application, observed.voice_application.as_ref())
                ),
            );
        }
    }
    if channels.contains(Channel::Sms) {
        if let Some(application) = set(Field::SmsApplicationSid)
            && !leads_to(observed.sms_application.as_ref(), |known| &known.sms_url, &urls.message)
        {
            clear(
                Field::SmsApplicationSid,
                application,
                "",
                DriftReason::OverriddenByApplication,
                format!(
                    "{} takes the messages",
                    named(application, observed.sms_application.as_ref())
                ),
            );
        }
        if let Some(membership) = &observed.service
            && membership.service.inbound_webhook == InboundWebhook::Service
            && membership.service.inbound_url != urls.message
        {
            clear(
                Field::ServiceDefers,
                "false",
                "true",
                DriftReason::OverriddenByService,
                format!(
                    "Messaging Service {} ({}) takes the messages of this and {} other {}",
                    membership.service.sid,
                    membership.service.name,
                    membership.others,
                    if membership.others == 1 { "number" } else { "numbers" }
                ),
            );
        }
    }
}

fn leads_to(
    application: Option<&CarrierApplication>,
    url: impl FnOnce(&CarrierApplication) -> &String,
    ours: &str,
) -> bool {
    application.is_some_and(|application| url(application) == ours)
}

fn named(sid: &str, application: Option<&CarrierApplication>) -> String {
    match application {
        Some(known) => format!("TwiML application {sid} ({})", known.name),
        None => format!("TwiML application {sid}"),
    }
}

/// What we took and do not need any more goes back to what it was, unless somebody else has changed it since.
fn give_back(
    drift: &mut Drift,
    seen: &Configuration,
    channels: Option<Channels>,
    adopted: Option<&AdoptedConfiguration>,
) {
    let Some(adopted) = adopted else { return };
    let is_needed = |field: Field| {
        channels.is_some_and(|channels| channels.iter().any(|channel| field.serves(channel)))
    };
    for (field, ours) in adopted.ours.iter().filter(|(field, _)| !is_needed(*field)) {
        if let (Some(from), Some(before)) = (seen.get(field), adopted.before.get(field))
            && from == ours
            && from != before
        {
            drift.changes.push(FieldChange {
                field,
                from: from.to_owned(),
                to: before.to_owned(),
                reason: DriftReason::ChannelOff,
            });
        }
    }
}

#[cfg(test)]
mod tests;
