//! Sample resources of a carrier, made from small numbers: the same number yields the same
//! resource.

use crate::prelude::*;
use switchboard_domain::carrier::Capabilities;
use switchboard_domain::sid::ApplicationSid;

pub(super) fn account(n: u32) -> AccountSid {
    AccountSid::parse(&format!("AC{n:032x}")).unwrap()
}

/// SIDs are unordered: a greater number may sort before a smaller one.
fn digits(n: u32) -> String {
    format!("{:08x}{n:024x}", n.wrapping_mul(2_654_435_761))
}

pub(super) fn number_sid(n: u32) -> NumberSid {
    NumberSid::parse(&format!("PN{}", digits(n))).unwrap()
}

pub(super) fn application_sid(n: u32) -> ApplicationSid {
    ApplicationSid::parse(&format!("AP{}", digits(n))).unwrap()
}

pub(super) fn service_sid(n: u32) -> ServiceSid {
    ServiceSid::parse(&format!("MG{}", digits(n))).unwrap()
}

pub(super) fn sender_sid(n: u32) -> SenderSid {
    SenderSid::parse(&format!("XE{}", digits(n))).unwrap()
}

pub(super) fn call_sid(n: u32) -> CallSid {
    CallSid::parse(&format!("CA{}", digits(n))).unwrap()
}

/// A file of a message, of which no two have the same content.
pub(super) fn media(n: u32) -> (MessageSid, MediaSid, MediaFile) {
    let message = MessageSid::parse(&format!("MM{}", digits(n))).unwrap();
    let media = MediaSid::parse(&format!("ME{}", digits(n))).unwrap();
    let content = (0..=u8::MAX).chain(n.to_be_bytes()).collect();
    (message, media, MediaFile { content_type: "image/png".to_owned(), content })
}

/// The auth token of an account.
pub(super) fn token(n: u32) -> Secret {
    Secret::new(format!("{:032x}", 0xa000_0000_u64 + u64::from(n)))
}

/// An API key of an account.
pub(super) fn api_key(n: u32) -> ApiKey {
    let sid = ApiKeySid::parse(&format!("SK{}", digits(n))).unwrap();
    ApiKey { sid, secret: Secret::new(format!("{:032x}", 0xb000_0000_u64 + u64::from(n))) }
}

/// A phone number; a greater number sorts later.
pub(super) fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1415{n:07}")).unwrap()
}

/// A number of an account, with some of its fields set.
pub(super) fn number(n: u32, account: AccountSid) -> CarrierNumber {
    CarrierNumber {
        sid: number_sid(n),
        sender: phone(n).into(),
        account,
        capabilities: Capabilities { voice: true, sms: true, mms: n.is_multiple_of(2) },
        configuration: number_configuration(n),
    }
}

/// A short code of an account; a greater number sorts later.
pub(super) fn short_code(n: u32, account: AccountSid) -> CarrierNumber {
    let configuration = Configuration::new()
        .with(Field::SmsUrl, format!("https://example.com/short/{n}"))
        .with(Field::SmsMethod, "POST")
        .with(Field::SmsFallbackMethod, "POST");
    let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Number);
    CarrierNumber {
        sid: NumberSid::parse(&format!("SC{}", digits(n))).unwrap(),
        sender: Sender::parse(&format!("{}", 12_000 + n)).unwrap(),
        account,
        capabilities: Capabilities { sms: true, ..Capabilities::default() },
        configuration: configuration.or(&fields.map(|field| (field, "")).collect()),
    }
}

fn number_configuration(n: u32) -> Configuration {
    let value = |field: Field| match field {
        Field::VoiceMethod if n.is_multiple_of(3) => "GET".to_owned(),
        field if field.is_method() => "POST".to_owned(),
        Field::VoiceUrl => format!("https://example.com/voice?number={n}&a=b+c%20d"),
        Field::SmsUrl if n.is_multiple_of(2) => format!("https://example.com/sms/{n}"),
        _ => String::new(),
    };
    let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Number);
    fields.map(|field| (field, value(field))).collect()
}

pub(super) fn application(n: u32) -> CarrierApplication {
    CarrierApplication {
        sid: application_sid(n),
        name: format!("Application {n}"),
        voice_url: format!("https://example.com/application/{n}"),
        sms_url: String::new(),
    }
}

pub(super) fn service(n: u32) -> MessagingService {
    MessagingService {
        sid: service_sid(n),
        name: format!("Service {n}"),
        inbound_webhook: if n.is_multiple_of(2) {
            InboundWebhook::Number
        } else {
            InboundWebhook::Service
        },
        inbound_url: if n.is_multiple_of(3) {
            String::new()
        } else {
            "https://example.com/in".to_owned()
        },
    }
}

/// A sender with this address, with some of its fields set.
pub(super) fn sender(n: u32, address: &str) -> CarrierSender {
    let value = |field| match field {
        Field::SenderCallbackUrl => format!("https://example.com/sender/{n}"),
        Field::SenderCallbackMethod => "POST".to_owned(),
        Field::SenderStatusCallbackUrl => "https://example.com/status".to_owned(),
        _ => String::new(),
    };
    let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Sender);
    CarrierSender {
        sid: sender_sid(n),
        address: Address::parse(address).unwrap(),
        configuration: fields.map(|field| (field, value(field))).collect(),
    }
}
