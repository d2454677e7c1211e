//! The differences between the observed and the desired configuration.

use std::fmt;

use super::{
    AdoptedConfiguration, Configuration, Field, Membership, Observed, WebhookUrls, desired,
};
use crate::address::Channel;
use crate::carrier::{CarrierApplication, InboundWebhook, Region};
use crate::number::Channels;
use crate::sender::{Sender, SenderKind};
use crate::string_enum;

string_enum! {
    /// Why a field differs from its desired value, or has no effect.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum DriftReason {
        /// The URL differs.
        WrongUrl = "wrong_url",
        /// The URL is correct, but the method differs.
        WrongMethod = "wrong_method",
        /// The URL names its agent, as URLs of the legacy system do.
        LegacyAgentId = "legacy_agent_id",
        /// The agent no longer answers the channel, so the previous value is restored.
        ChannelOff = "channel_off",
        /// A SIP trunk gets the calls.
        OverriddenByTrunk = "overridden_by_trunk",
        /// A TwiML application gets the calls or the messages.
        OverriddenByApplication = "overridden_by_application",
        /// A Messaging Service gets the messages.
        OverriddenByService = "overridden_by_service",
        /// A Messaging Service gets the messages of a WhatsApp or RCS sender that is no number.
        SenderOverriddenByService = "sender_overridden_by_service",
        /// The agent answers the channel, but the number has no sender for it.
        SenderMissing = "sender_missing",
        /// The number does not support the channel.
        CapabilityMissing = "capability_missing",
        /// The number's calls are processed in a region other than the account's.
        RegionMismatch = "region_mismatch",
        /// The number now belongs to another stored account.
        MovedAccount = "moved_account",
        /// No stored account owns the number.
        NotFound = "not_found",
        /// The account could not be read at Twilio.
        Unreachable = "unreachable",
        /// Twilio has no API for the webhooks of this kind of sender.
        NotReadable = "not_readable",
    }
}

/// What to do with resources that get a number's calls or messages instead of its URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverridePolicy {
    /// They are reported and stay.
    #[default]
    Report,
    /// They are cleared, and saved so that they can be restored.
    TakeOver,
}

/// A field that is to be written at Twilio, with both of its values.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field of the number at Twilio.
    pub field: Field,
    /// The current value.
    pub from: String,
    /// The new value.
    pub to: String,
    /// What causes the difference.
    pub reason: DriftReason,
}

/// Shows no values, because a URL may hold a secret.
impl fmt::Debug for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldChange")
            .field("field", &self.field)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// A difference that no change of fields resolves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// What causes the difference.
    pub reason: DriftReason,
    /// A description without phone numbers.
    pub detail: String,
}

/// The differences of one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// The differences that a change of fields resolves, in the order in which fields are shown.
    pub changes: Vec<FieldChange>,
    /// The other differences.
    pub blockers: Vec<Blocker>,
}

impl Drift {
    /// Whether there are no differences.
    pub fn is_none(&self) -> bool {
        self.changes.is_empty() && self.blockers.is_empty()
    }

    /// A drift with a single difference.
    pub fn only(reason: DriftReason, detail: impl Into<String>) -> Self {
        Self { blockers: vec![Blocker { reason, detail: detail.into() }], ..Self::default() }
    }

    /// The drift of a sender whose webhooks no API of Twilio shows or changes; `None` if there is one.
    pub fn unreadable(sender: &Sender, urls: &WebhookUrls) -> Option<Self> {
        (sender.kind() == SenderKind::Messenger).then(|| {
            let detail = format!(
                "Twilio has no API for the webhooks of a {}; in its Console, messages must be sent to {} and status \
                 callbacks to {}",
                sender.kind().noun(),
                urls.message,
                urls.status
            );
            Self::only(DriftReason::NotReadable, detail)
        })
    }

    /// All reasons, each once.
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

/// The differences of a number that an agent answers on `channels`. `region` is the region of its account, and `taken` is
/// what switchboard has changed so far.
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
                // Fields of a missing resource cannot be changed; a missing sender is reported as such.
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

/// Whether a URL names an agent in its query, as URLs of the legacy system do.
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

/// The resources that get calls or messages instead of the URLs, unless they use the same URLs.
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
        if let Some(membership) = overriding(observed, urls) {
            clear(
                Field::ServiceDefers,
                "false",
                "true",
                DriftReason::OverriddenByService,
                taken_by_service(membership, ["number", "numbers"]),
            );
        }
    } else if observed.number.sender.as_number().is_none()
        && let Some(membership) = overriding(observed, urls)
    {
        // The service of a sender is not changed from here.
        let detail = taken_by_service(membership, ["sender", "senders"]);
        drift.hinder(DriftReason::SenderOverriddenByService, detail);
    }
}

/// The Messaging Service that gets the messages at another URL than ours.
fn overriding<'o>(observed: &'o Observed, urls: &WebhookUrls) -> Option<&'o Membership> {
    observed.service.as_ref().filter(|membership| {
        membership.service.inbound_webhook == InboundWebhook::Service
            && membership.service.inbound_url != urls.message
    })
}

fn taken_by_service(membership: &Membership, [one, more]: [&str; 2]) -> String {
    let Membership { service, others } = membership;
    let noun = if *others == 1 { one } else { more };
    format!(
        "Messaging Service {} ({}) takes the messages of this and {others} other {noun}",
        service.sid, service.name
    )
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

/// Restores fields that switchboard has changed and no longer needs, unless they were changed at Twilio since then.
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
