use super::{Drift, DriftReason, OverridePolicy, drift};
use crate::address::Address;
use crate::carrier::{
    Capabilities, CarrierApplication, CarrierNumber, CarrierSender, InboundWebhook,
    MessagingService, Region,
};
use crate::configuration::{
    AdoptedConfiguration, Field, Membership, Observed, Part, WebhookUrls, desired,
};
use crate::number::Channels;
use crate::sender::Sender;
use crate::sid::{AccountSid, ApplicationSid, NumberSid, SenderSid, ServiceSid};
use crate::signature::PublicUrl;

const DIGITS: &str = "0123456789abcdef0123456789abcdef";

fn urls() -> WebhookUrls {
    WebhookUrls::below(&PublicUrl::parse("https://voice.example.com").unwrap())
}

fn channels(text: &str) -> Channels {
    Channels::parse(text).unwrap()
}

/// A number that is answered by nobody: every field is there and empty, methods are `POST`.
fn fresh() -> Observed {
    let empty = |field: Field| (field, if field.is_method() { "POST" } else { "" });
    let number = Field::ALL.into_iter().filter(|field| field.part() == Part::Number);
    Observed::of(CarrierNumber {
        sid: NumberSid::parse(&format!("PN{DIGITS}")).unwrap(),
        sender: Sender::parse("+14155550100").unwrap(),
        account: AccountSid::parse(&format!("AC{DIGITS}")).unwrap(),
        capabilities: Capabilities { voice: true, sms: true, mms: true },
        configuration: number.map(empty).collect(),
    })
}

fn right(on: &str) -> Observed {
    let mut observed = fresh();
    observed.number.configuration =
        desired(channels(on), &urls()).or(&observed.number.configuration);
    observed
}

fn of(observed: &Observed, on: &str, overrides: OverridePolicy) -> Drift {
    drift(observed, Some(channels(on)), None, &urls(), Region::Us1, overrides)
}

fn set(observed: &mut Observed, field: Field, value: &str) {
    observed.number.configuration.extend([(field, value)]);
}

#[test]
fn a_number_that_is_right_has_no_drift_and_a_fresh_one_lacks_every_url() {
    assert!(of(&right("voice,sms"), "voice,sms", OverridePolicy::Report).is_none());
    let drift = of(&fresh(), "voice,sms", OverridePolicy::Report);
    let fields: Vec<_> = drift.changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, [Field::VoiceUrl, Field::StatusCallback, Field::SmsUrl]);
    assert_eq!(drift.reasons(), [DriftReason::WrongUrl]);
}

#[test]
fn each_way_to_be_wrong_has_its_reason() {
    for (field, value, reason) in [
        (Field::VoiceUrl, "https://elsewhere.example.com", DriftReason::WrongUrl),
        (Field::SmsMethod, "GET", DriftReason::WrongMethod),
        (
            Field::VoiceUrl,
            "https://voice.example.com/api/twilio/voice?agentId=sales#rc=2",
            DriftReason::LegacyAgentId,
        ),
        (Field::VoiceUrl, "https://x.example.com/?myagentId=sales", DriftReason::WrongUrl),
    ] {
        let mut observed = right("voice,sms");
        set(&mut observed, field, value);
        let drift = of(&observed, "voice,sms", OverridePolicy::Report);
        assert_eq!((drift.changes.len(), drift.reasons()), (1, vec![reason]), "{value}");
    }
}

#[test]
fn what_overrides_the_urls_is_reported_and_cleared_only_when_asked() {
    let mut observed = right("voice,sms");
    set(&mut observed, Field::TrunkSid, "TK1");
    set(&mut observed, Field::VoiceApplicationSid, "AP1");
    set(&mut observed, Field::SmsApplicationSid, "AP2");
    observed.service = Some(service(InboundWebhook::Service, "https://elsewhere.example.com"));
    let reasons = [
        DriftReason::OverriddenByTrunk,
        DriftReason::OverriddenByApplication,
        DriftReason::OverriddenByService,
    ];
    let reported = of(&observed, "voice,sms", OverridePolicy::Report);
    assert_eq!((reported.changes.len(), reported.blockers.len()), (0, 4));
    assert_eq!(reported.reasons(), reasons);
    let cleared = of(&observed, "voice,sms", OverridePolicy::TakeOver);
    assert_eq!((cleared.changes.len(), cleared.blockers.len()), (4, 0));
    assert_eq!(cleared.reasons(), reasons);
    let service = cleared.changes.iter().find(|change| change.field == Field::ServiceDefers);
    assert_eq!(service.map(|change| (&*change.from, &*change.to)), Some(("false", "true")));
    // A channel that is not ours does not mind.
    assert_eq!(of(&observed, "sms", OverridePolicy::Report).blockers.len(), 2);
}

#[test]
fn what_leads_to_us_overrides_nothing() {
    let mut observed = right("voice,sms");
    let application = CarrierApplication {
        sid: ApplicationSid::parse(&format!("AP{DIGITS}")).unwrap(),
        name: "shared".to_owned(),
        voice_url: urls().voice,
        sms_url: urls().message,
    };
    for field in [Field::VoiceApplicationSid, Field::SmsApplicationSid] {
        set(&mut observed, field, application.sid.as_str());
    }
    observed.voice_application = Some(application.clone());
    observed.sms_application = Some(application);
    observed.service = Some(service(InboundWebhook::Service, &urls().message));
    assert!(of(&observed, "voice,sms", OverridePolicy::Report).is_none());
    observed.service = Some(service(InboundWebhook::Number, "https://elsewhere.example.com"));
    assert!(of(&observed, "voice,sms", OverridePolicy::Report).is_none());
}

fn service(inbound_webhook: InboundWebhook, inbound_url: &str) -> Membership {
    let service = MessagingService {
        sid: ServiceSid::parse(&format!("MG{DIGITS}")).unwrap(),
        name: "campaign".to_owned(),
        inbound_webhook,
        inbound_url: inbound_url.to_owned(),
    };
    Membership { service, others: 3 }
}

#[test]
fn what_is_missing_is_reported() {
    let mut observed = right("voice,sms");
    assert_eq!(
        of(&observed, "voice,whatsapp", OverridePolicy::Report).reasons(),
        [DriftReason::SenderMissing]
    );
    observed.number.capabilities = Capabilities { voice: true, sms: false, mms: false };
    assert_eq!(
        of(&observed, "voice,sms", OverridePolicy::Report).reasons(),
        [DriftReason::CapabilityMissing]
    );
    observed.region = Some(Region::Ie1);
    assert_eq!(
        of(&observed, "voice", OverridePolicy::Report).reasons(),
        [DriftReason::RegionMismatch]
    );
}

#[test]
fn a_senders_webhook_is_part_of_what_should_be() {
    let mut observed = fresh();
    let empty = Field::ALL.into_iter().filter(|field| field.part() == Part::Sender);
    observed.sender = Some(CarrierSender {
        sid: SenderSid::parse(&format!("XE{DIGITS}")).unwrap(),
        address: Address::parse("whatsapp:+14155550100").unwrap(),
        configuration: empty.map(|field| (field, "")).collect(),
    });
    let drift = of(&observed, "whatsapp", OverridePolicy::Report);
    assert_eq!(drift.changes.len(), 4);
    assert!(drift.changes.iter().all(|change| change.field.part() == Part::Sender));
}

#[test]
fn a_channel_that_is_off_goes_back_unless_somebody_else_changed_it() {
    let before = fresh().configuration().with(Field::SmsUrl, "https://old.example.com");
    let adopted = AdoptedConfiguration {
        number: fresh().number.sid,
        sender: None,
        service: None,
        before,
        ours: desired(channels("voice,sms"), &urls()),
    };
    let back = |observed: &Observed, on: Option<&str>| {
        drift(
            observed,
            on.map(channels),
            Some(&adopted),
            &urls(),
            Region::Us1,
            OverridePolicy::Report,
        )
    };
    let mut observed = right("voice,sms");
    let drift = back(&observed, Some("voice"));
    assert_eq!(drift.reasons(), [DriftReason::ChannelOff]);
    let [change] = &drift.changes[..] else { panic!("{drift:?}") };
    assert_eq!((change.field, &*change.to), (Field::SmsUrl, "https://old.example.com"));
    assert_eq!(back(&observed, None).changes.len(), 3);
    set(&mut observed, Field::SmsUrl, "https://theirs.example.com");
    assert!(back(&observed, Some("voice")).is_none());
}

#[test]
fn every_reason_is_read_as_it_is_written() {
    for reason in DriftReason::ALL {
        assert_eq!(DriftReason::parse(reason.as_str()), Some(reason));
    }
}
