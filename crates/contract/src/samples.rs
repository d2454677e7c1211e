//! Sample values, made from small numbers: the same number yields the same value.

use crate::prelude::*;
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::agent::{
    AgentParameters, ChatModel, MessageTarget, RelayAttributes, Reply, TemplateVariables,
    TokenLimits, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::call::CallDirection;
use switchboard_domain::connection::{ConnectApp, Connection};
use switchboard_domain::identifier::RejectionId;
use switchboard_domain::plan::{Attestation, Caller, Country, LocalDate};
use switchboard_domain::sealing::SecretVersion;
use switchboard_domain::sid::ConnectAppSid;
use switchboard_domain::sid::ContentSid;
use switchboard_domain::signature::NearMiss;
use switchboard_domain::web_address::StreamUrl;

/// Text in several scripts, with characters of up to four bytes, characters that are special in SQL
/// and shells, and letters that look alike.
pub const UNICODE: &str = "Zoë’s «Tür» – Привет, 世界 👩🏽‍🚀 'quoted' \"twice\" 100%_\\ $1 ? e\u{301}é";

/// The instant `second` seconds after a fixed one. Its microseconds are not whole milliseconds.
pub const fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_123_457).plus_seconds(second)
}

/// An author with access to what the scope covers.
pub fn author(scope: Scope) -> Author {
    Author::new(scope, Actor::CommandLine(None), None, at(0))
}

/// An author with access to everything.
pub fn operator() -> Author {
    author(Scope::Operator)
}

/// 80 bits for an id.
fn chance(n: u32) -> [u8; 10] {
    let mut chance = [0; 10];
    chance[6..].copy_from_slice(&n.to_be_bytes());
    chance
}

/// An organization other than the default one.
pub fn organization(n: u32) -> OrganizationId {
    OrganizationId::new(at(0), chance(n))
}

/// The id of an agent; a greater number sorts later.
pub fn agent_id(n: u32) -> AgentId {
    AgentId::new(at(0), chance(n))
}

/// The id of a rejection; a greater number sorts later.
pub fn rejection_id(n: u32) -> RejectionId {
    RejectionId::new(at(0), chance(n))
}

/// The id of a routing plan; a greater number sorts later.
pub fn plan_id(n: u32) -> PlanId {
    PlanId::new(at(0), chance(n))
}

/// The SID of an account; a greater number sorts later.
pub fn account_sid(n: u32) -> AccountSid {
    AccountSid::parse(&format!("AC{n:032x}")).unwrap()
}

/// The SID of an API key.
pub fn api_key_sid(n: u32) -> ApiKeySid {
    ApiKeySid::parse(&format!("SK{n:032x}")).unwrap()
}

/// The SID of a call; a greater number sorts later.
pub fn call_sid(n: u32) -> CallSid {
    CallSid::parse(&format!("CA{n:032x}")).unwrap()
}

/// The SID of a message; a greater number sorts later.
pub fn message_sid(n: u32) -> MessageSid {
    MessageSid::parse(&format!("SM{n:032x}")).unwrap()
}

/// A phone number; a greater number sorts later.
pub fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1415{n:07}")).unwrap()
}

/// A number as a sender.
pub fn sender(n: u32) -> Sender {
    phone(n).into()
}

/// A label with this text.
pub fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

/// A sealed secret. A store accepts any bytes, so this one contains every value of a byte.
pub fn sealed(n: u32) -> Sealed {
    let bytes = (0..=255).chain(n.to_be_bytes()).collect();
    Sealed::of_version(bytes, SecretVersion::from_number(i64::from(n)))
}

/// The URL of a media stream.
pub fn stream(n: u32) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(&format!("wss://media.example.com/agents/{n}")).unwrap())
}

/// A static reply.
pub fn reply(text: &str) -> MessageTarget {
    MessageTarget::Reply(Reply::parse(text).unwrap())
}

/// One voice target of each kind.
pub fn voice_targets() -> [VoiceTarget; 5] {
    let relay = StreamUrl::parse("ws://localhost:9000/relay").unwrap();
    let redirect = WebUrl::parse("https://example.com/twiml?agent=%C3%A9&x='1'").unwrap();
    [
        stream(1),
        VoiceTarget::ConversationRelay(relay),
        VoiceTarget::Redirect(redirect.clone()),
        VoiceTarget::Dial(phone(99)),
        VoiceTarget::Twilio(redirect),
    ]
}

/// One message target of each kind, and one with the maximum length.
pub fn message_targets() -> [MessageTarget; 6] {
    let redirect = WebUrl::parse("http://example.com/messages?a=1&b=2").unwrap();
    [
        reply(&format!("  {UNICODE}\n\tsecond line\r\n")),
        reply(&"…".repeat(switchboard_domain::agent::MAX_REPLY_CHARACTERS)),
        MessageTarget::Webhook(redirect.clone()),
        MessageTarget::Twilio(redirect.clone()),
        MessageTarget::Redirect(redirect),
        MessageTarget::ChatModel(chat_model()),
    ]
}

/// A chat model with the greatest limits.
pub fn chat_model() -> ChatModel {
    let most = TokenLimits::parse("1000000000").unwrap();
    ChatModel {
        url: WebUrl::parse("https://models.example.com/v1?api-version='1'").unwrap(),
        model: Label::parse("org/größer:latest").unwrap(),
        limits: TokenLimits { reply: most, daily: most },
    }
}

/// Addresses of callers and senders: one of each kind, and texts that match no kind, because
/// carriers send any text.
pub fn addresses() -> Vec<Address> {
    let kinds = [
        "+14155550199",
        "whatsapp:+14155550199",
        "whatsapp:US.1234567890",
        "rcs:+14155550199",
        "rcs:acme_agent",
        "messenger:1234567890",
        "client:zoë o'brien",
        "sips:bob@example.com;transport=tls",
        "12345",
        "ACME & Sons",
        "",
        "4155550199 ext. 7",
    ];
    let prefixes = [
        "",
        "+",
        "+1",
        "sip:",
        "sips:",
        "client:",
        "tel:",
        "whatsapp:",
        "whatsapp:+",
        "rcs:",
        "rcs:+",
        "messenger:",
        "Client:",
        ":",
    ];
    let bodies = [
        "",
        " ",
        "0",
        "12",
        "266696687",
        "14155550199",
        "14155550199000000000",
        "anonymous",
        "Jo Public@x",
        "a b",
        "a%20b",
        "ünï ☎",
        "'; DROP TABLE calls; --",
        "\\x00",
        "{\"a\":1}",
        "+",
        "@",
    ];
    let foreign = prefixes.iter().flat_map(|prefix| bodies.map(|body| format!("{prefix}{body}")));
    let texts = kinds.into_iter().map(str::to_owned).chain(foreign);
    texts.map(|text| Address::parse_caller(&text).unwrap()).collect()
}

/// A connection that the customer has ended.
fn connection(n: u32) -> Connection {
    let sid = ConnectAppSid::parse(&format!("CN{n:032x}")).unwrap();
    let app = ConnectApp { sid, owner: account_sid(3_000_000 + n) };
    Connection { app, disconnected_at: Some(at(n.into())) }
}

/// An account in which every field has a value.
pub fn account(n: u32, owner: &OrganizationId) -> Account {
    Account {
        sid: account_sid(n),
        organization: owner.clone(),
        name: label(&format!("account {n} {UNICODE}")),
        parent: Some(account_sid(1_000_000 + n)),
        tokens: SealedTokens { primary: sealed(n), next: Some(sealed(1_000_000 + n)) },
        api_key: Some(SealedApiKey { sid: api_key_sid(n), secret: sealed(2_000_000 + n) }),
        region: Region::Ie1,
        status: AccountStatus::Suspended,
        validation: Some(AccountValidation::Report),
        connection: Some(connection(n)),
        created_at: at(n.into()),
    }
}

/// An agent in which every field has a value.
pub fn agent(n: u32, owner: &OrganizationId) -> Agent {
    Agent {
        id: agent_id(n),
        organization: owner.clone(),
        profile: Profile {
            name: label(&format!("agent {n} {UNICODE}")),
            external_id: Some(label(&format!("external {n}"))),
            voice: Some(label("alloy")),
            model: Some(label("gpt-4o")),
            language: Some(label("en-US")),
            parameters: AgentParameters::new([
                ("tier".to_owned(), "gold & \"more\"".to_owned()),
                ("notes".to_owned(), "line one\nline two é😀".to_owned()),
            ])
            .unwrap(),
            relay: RelayAttributes::new([
                ("hints".to_owned(), "coffee & \"tea\" é😀".to_owned()),
                ("interruptible".to_owned(), "speech".to_owned()),
                ("language.es-ES.hints".to_owned(), "té é😀".to_owned()),
                ("language.multi.speechModel".to_owned(), "nova-3".to_owned()),
            ])
            .unwrap(),
            voice_target: Some(stream(n)),
            message_target: Some(reply(&format!("this is agent {n}"))),
            whatsapp_template: Some(whatsapp_template()),
            state: AgentState::Enabled,
        },
        prompt: Prompt::parse(&format!("You are agent {n}.\n\n{UNICODE}\r\n")).unwrap(),
        created_at: at(n.into()),
    }
}

/// A template with several variables.
pub fn whatsapp_template() -> WhatsAppTemplate {
    let variables = [("1", "Sales & \"more\" é"), ("text", "{body}")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    WhatsAppTemplate {
        content: ContentSid::parse(&format!("HX{}", "0".repeat(32))).unwrap(),
        variables: TemplateVariables::new(variables).unwrap(),
    }
}

/// A profile without optional values.
pub fn bare_profile() -> Profile {
    Profile { state: AgentState::Disabled, ..Profile::named(label("bare")) }
}

/// A prompt of at least 20,000 bytes in several scripts.
pub fn long_prompt() -> Prompt {
    let prompt = Prompt::parse(&UNICODE.repeat(20_000 / UNICODE.len() + 1)).unwrap();
    assert!(prompt.as_str().len() >= 20_000);
    prompt
}

/// An assignment to an agent for voice and SMS.
pub fn assignment(agent: &Agent) -> Assignment {
    Assignment { agent: agent.id.clone(), channels: Channels::VOICE_AND_SMS }
}

/// A number of an account.
pub fn number(n: u32, account: &Account, agent: Option<&Agent>) -> Number {
    Number {
        sender: sender(n),
        organization: account.organization.clone(),
        account: account.sid,
        assignment: agent.map(assignment),
        created_at: at(n.into()),
    }
}

/// A value for every field, some of them empty, made from `word` and the name of the field.
pub fn configuration(word: &str) -> Configuration {
    let value = |(place, field): (usize, Field)| match place % 5 {
        4 => (field, String::new()),
        _ => (field, format!("https://{word}.example.com/{field}?{UNICODE}")),
    };
    Field::ALL.into_iter().enumerate().map(value).collect()
}

/// A saved configuration in which every field has a value.
pub fn adopted(n: u32) -> AdoptedConfiguration {
    AdoptedConfiguration {
        number: NumberSid::parse(&format!("PN{n:032x}")).unwrap(),
        sender: Some(SenderSid::parse(&format!("XE{n:032x}")).unwrap()),
        service: Some(ServiceSid::parse(&format!("MG{n:032x}")).unwrap()),
        before: configuration(&format!("before-{n}")),
        ours: configuration(&format!("ours-{n}")),
    }
}

/// An observation of a number, `second` seconds after the fixed instant.
pub fn observation(word: &str, second: i64) -> Observation {
    Observation { configuration: configuration(word), at: at(second) }
}

/// A version of a routing plan. A store accepts any text as its document.
pub fn plan(n: u32, owner: &OrganizationId, version: u32) -> SavedPlan {
    SavedPlan {
        id: plan_id(n),
        organization: owner.clone(),
        name: label(&format!("plan {n} {UNICODE}")),
        version,
        document: format!("{{\n  \"version\": {version}\n}} {UNICODE}\r\n").into(),
        author: label(&format!("author {version} {UNICODE}")),
        saved_at: at(version.into()),
    }
}

/// Limits in which every field has a value.
pub fn limits(n: u32) -> AgentLimits {
    AgentLimits {
        capacity: Some(n),
        hours: Some(format!("{{\"hours\": {n}}} {UNICODE}").into()),
        health_url: Some(WebUrl::parse(&format!("https://example.com/health/{n}?a=1")).unwrap()),
    }
}

/// The range from one day to another.
pub fn days(first: &str, last: &str) -> DateRange {
    let day = |text| LocalDate::parse(text).unwrap();
    DateRange::new(day(first), day(last)).unwrap()
}

/// Caller facts in which every field has a value.
pub fn facts() -> CallerFacts {
    CallerFacts::of(&Caller {
        country: Country::parse("DE"),
        state: "Baden-Württemberg",
        city: "Zell & Söhne = 100% + more",
        postal_code: " 079 ",
        attestation: Some(Attestation::B),
        ..Caller::of(&Address::Phone(phone(199)))
    })
}

/// An attempt, `second` seconds after the fixed instant.
pub fn attempt(second: i64, destination: AttemptDestination) -> AttemptRecord {
    AttemptRecord { at: at(second), destination }
}

/// A call in which every field has a value.
pub fn call(n: u32, account: AccountSid, owner: &OrganizationId) -> CallRecord {
    CallRecord {
        account,
        call: call_sid(n),
        organization: owner.clone(),
        from: Some(Address::Phone(phone(199))),
        to: Some(Address::Phone(phone(100))),
        direction: Some(CallDirection::OutboundApi),
        decision: Some(CallDecision {
            rule: Some(RuleRef { plan: plan_id(n), version: u32::MAX, rule: Some(n) }),
            agent: Some(agent_id(n)),
            reason: Reason::Assigned,
            verified_by: VerifiedBy::PrimaryToken,
            at: at(1),
        }),
        progress: Some(CallProgress {
            status: CallStatus::Completed,
            duration_seconds: Some(42),
            at: at(4),
        }),
        session_opened_at: Some(at(2)),
        facts: Some(facts()),
        attempts: vec![
            attempt(1, AttemptDestination::Agent(agent_id(n))),
            attempt(2, AttemptDestination::Action("voicemail")),
            attempt(3, AttemptDestination::Exhausted),
        ],
        disconnection: Some(Disconnection { error_code: Some(31_921), at: at(3) }),
        first_seen_at: at(0),
    }
}

/// An inbound message.
pub fn received(n: u32, account: AccountSid, owner: &OrganizationId) -> ReceivedMessage {
    ReceivedMessage {
        account,
        organization: owner.clone(),
        inbound: InboundMessage {
            message: message_sid(n),
            from: Address::Phone(phone(199)),
            to: Address::Phone(phone(100)),
            body: Body::new(&format!("message {n}: {UNICODE}\n")),
            media_count: 2,
        },
        parameters: Body::new("Body=message&NumMedia=2&MediaUrl0=https%3A%2F%2Fexample.com"),
        agent: Some(agent_id(n)),
        rule: Some(RuleRef {
            plan: plan_id(n),
            version: n,
            rule: n.is_multiple_of(2).then_some(n),
        }),
        reason: Reason::Assigned,
        verified_by: VerifiedBy::PrimaryToken,
        received_at: at(n.into()),
        delivery: None,
    }
}

/// A status event of a message, `second` seconds after the fixed instant.
pub fn progress(
    n: u32,
    account: AccountSid,
    owner: &OrganizationId,
    status: MessageStatus,
    second: i64,
) -> MessageProgress {
    MessageProgress {
        account,
        organization: owner.clone(),
        message: message_sid(n),
        from: Some(Address::Phone(phone(100))),
        to: Some(Address::Phone(phone(199))),
        status,
        error_code: None,
        at: at(second),
    }
}

/// A rejection in which every field has a value.
pub fn rejection(n: u32, owner: Option<&OrganizationId>) -> Rejection {
    Rejection {
        id: rejection_id(n),
        organization: owner.cloned(),
        endpoint: Endpoint::Voice,
        refusal: Refusal::SignatureWrong,
        account: Some(account_sid(n)),
        near_miss: Some(NearMiss::Port {
            public_url: format!("https://voice.example.com/{UNICODE}"),
        }),
        count: n + 1,
        at: at(n.into()),
        sample: Some(RecordSid::parse(call_sid(n).as_str()).unwrap()),
    }
}
