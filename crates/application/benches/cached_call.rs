//! One voice webhook of a known number, from its bytes to its TwiML, without HTTP. Either the
//! number's own agent answers, or an agent that a routing plan of twenty rules chooses. Each call
//! is new, and is ended outside the measured time.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_application::{
    AccountCache, AgentCache, AgentLoadLimits, AgentLoadTracker, AnswerCall, Authenticator,
    CallLookup, CallRecorder, ConnectAgent, Deadlines, FallbackChain, HandlerLinks, HealthCheck,
    Parameters, PlanSources, RecorderLimits, RejectionLog, RouteCache, RouteCacheLimits,
    RouteCacheParts, Router, VoiceAddresses, VoiceHandlers, WebhookRequest,
};
use switchboard_domain::account::{Account, PRIMARY_TOKEN, SealedTokens};
use switchboard_domain::agent::{Agent, Label, Profile, Prompt, VoiceTarget};
use switchboard_domain::authentication::Validation;
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::form::Form;
use switchboard_domain::identifier::{
    AgentId, ApiKeyId, ConversationId, DeliveryId, OrganizationId, PlanId, RejectionId,
    SubscriptionId,
};
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::default_organization;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{DateRange, LocalDate};
use switchboard_domain::ports::{
    AccountStore, AgentLimits, AgentStore, CatalogueStore as _, Clock, Expected, Identifiers,
    MockDecisionService, MockVoiceHandler, MockVoiceProbe, NumberStore, PlanPlace,
    PlanPlaceStore as _, PlanStore as _, Reachability, SavedPlan,
};
use switchboard_domain::sealing::{AssociatedData, EncryptionKey, KeyId, Keyring, SecretVersion};
use switchboard_domain::secret::Secret;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::{Content, PublicUrl, SignedRequest, SigningKey, sign};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;
use switchboard_plan_document::PlanDocuments;
use switchboard_store_memory::{MemoryStore, operator};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Requests without host headers.
static NO_HOSTS: Vec<String> = Vec::new();
const TARGET: &str = "/api/twilio/voice";
const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
/// A number that its own agent answers, and one that a plan decides for.
const NUMBERS: [&str; 2] = ["+14155550100", "+14155550101"];
/// The number of concurrent calls before they are ended.
const CALLS: usize = 1_024;

/// Twenty parameters, as Twilio sends them for an incoming call.
fn body(index: usize, number: &str) -> String {
    let digits = number.trim_start_matches('+');
    format!(
        "AccountSid=AC0123456789abcdef0123456789abcdef&ApiVersion=2010-04-01&CallSid=CA{index:032x}\
        &CallStatus=ringing&Called=%2B{digits}&CalledCity=SAN+FRANCISCO&CalledCountry=US&CalledState=CA&CalledZip=94107\
        &Caller=%2B14155550199&CallerCity=COEUR+D%27ALENE&CallerCountry=US&CallerState=ID&CallerZip=83814&Direction=inbound\
        &From=%2B14155550199&FromCountry=US&To=%2B{digits}&ToCity=SAN+FRANCISCO&ToCountry=US"
    )
}

/// A plan of twenty rules with two calendars, none of which matches the caller.
fn plan() -> String {
    let kinds = [
        r#"{"called": ["+14155550101", BESIDES], "schedule": {"calendars": ["holidays", "closed"]}}"#,
        r#"{"called": ["+14155550101", BESIDES], "schedule": {"time_zone": "Europe/London", "weekly": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "17:30", "to": "09:00"}], "except": {"calendars": ["holidays"]}}}"#,
        r#"{"called": ["+14155550101", BESIDES], "caller": {"countries": ["CA", "MX", "GB"]}}"#,
        r#"{"called": ["+14155550101", BESIDES], "caller": {"prefixes": ["+4930"]}}"#,
        r#"{"called": ["+14155550101", BESIDES], "channels": ["voice"], "caller": {"lists": ["vip"]}, "share_percent": 10}"#,
    ];
    let rule = |index: usize| {
        let when = kinds[index % kinds.len()].replace("BESIDES", &format!("\"+1628{index:07}\""));
        format!(r#"{{"when": {when}, "then": {{"agents": ["sales"]}}}}"#)
    };
    let rules: Vec<_> = (0..20).map(rule).collect();
    let otherwise =
        r#"{"agents": [{"agent": "sales", "weight": 70}, {"agent": "reserve", "weight": 20}]}"#;
    let rules = rules.join(", ");
    format!(r#"{{"time_zone": "America/New_York", "rules": [{rules}], "otherwise": {otherwise}}}"#)
}

struct FixedIdentifiers;

impl Identifiers for FixedIdentifiers {
    fn organization(&self) -> OrganizationId {
        OrganizationId::new(NOW, [1; 10])
    }

    fn agent(&self) -> AgentId {
        AgentId::new(NOW, [1; 10])
    }

    fn plan(&self) -> PlanId {
        PlanId::new(NOW, [1; 10])
    }

    fn conversation(&self) -> ConversationId {
        ConversationId::new(NOW, [1; 10])
    }

    fn delivery(&self) -> DeliveryId {
        DeliveryId::new(NOW, [1; 10])
    }

    fn subscription(&self) -> SubscriptionId {
        SubscriptionId::new(NOW, [1; 10])
    }

    fn api_key(&self) -> ApiKeyId {
        ApiKeyId::new(NOW, [1; 10])
    }

    fn rejection(&self) -> RejectionId {
        RejectionId::new(NOW, [1; 10])
    }
}

async fn seed(store: &MemoryStore, keyring: &Keyring) {
    let sid = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
    let (table, column) = PRIMARY_TOKEN;
    let place = AssociatedData { table, column, key: sid.as_str() };
    let primary = keyring
        .seal(&place, SecretVersion::FIRST, &Secret::new(TOKEN.to_owned()), [1; 12])
        .unwrap();
    let organization = default_organization();
    let account = Account {
        sid,
        organization: organization.clone(),
        name: Label::parse("Main").unwrap(),
        parent: None,
        tokens: SealedTokens { primary, next: None },
        api_key: None,
        region: Region::default(),
        status: AccountStatus::default(),
        validation: None,
        connection: None,
        created_at: NOW,
    };
    AccountStore::add(store, &operator(), &account).await.unwrap();
    let agent = |name: &str| Agent {
        id: AgentId::new(NOW, [name.as_bytes()[0]; 10]),
        organization: organization.clone(),
        profile: Profile {
            external_id: Label::parse(name).ok(),
            voice: Label::parse("alloy").ok(),
            model: Label::parse("gpt-4o").ok(),
            language: Label::parse("en-US").ok(),
            voice_target: Some(VoiceTarget::Stream(
                StreamUrl::parse("wss://voice.example.com/stream").unwrap(),
            )),
            ..Profile::named(Label::parse(name).unwrap())
        },
        prompt: Prompt::default(),
        created_at: NOW,
    };
    let (sales, reserve) = (agent("sales"), agent("reserve"));
    for agent in [&sales, &reserve] {
        AgentStore::add(store, &operator(), agent).await.unwrap();
    }
    for number in NUMBERS {
        let assignment = Assignment { agent: sales.id.clone(), channels: Channels::VOICE_AND_SMS };
        let number = Number {
            sender: Sender::parse(number).unwrap(),
            organization: organization.clone(),
            account: sid,
            assignment: Some(assignment),
            created_at: NOW,
        };
        NumberStore::add(store, &operator(), &number).await.unwrap();
    }
    seed_plan(store, &organization).await;
}

async fn seed_plan(store: &MemoryStore, organization: &OrganizationId) {
    let name = |name| Label::parse(name).unwrap();
    for (calendar, day) in [("holidays", "25"), ("closed", "03")] {
        let day = |month| LocalDate::parse(&format!("2026-{month:02}-{day}")).unwrap();
        let days = (1..=12).map(|month| DateRange::day(day(month))).collect();
        let calendar = name(calendar);
        store
            .set_calendar(&operator(), organization, &calendar, &Expected::Anything, Some(days))
            .await
            .unwrap();
    }
    let vip = (0..10_000).map(|index| PhoneNumber::parse(&format!("+1212555{index:04}")).unwrap());
    let vip = Some(vip.collect());
    store
        .set_list(&operator(), organization, &name("vip"), &Expected::Anything, vip)
        .await
        .unwrap();
    let limits = AgentLimits { capacity: Some(100_000), ..AgentLimits::default() };
    let sales = AgentId::new(NOW, [b's'; 10]);
    store.set_limits(&operator(), &sales, &limits).await.unwrap();
    let saved = SavedPlan {
        id: FixedIdentifiers.plan(),
        organization: organization.clone(),
        name: name("Front desk"),
        version: 1,
        document: plan().into(),
        author: name("bench"),
        saved_at: NOW,
    };
    store.save(&operator(), &saved).await.unwrap();
    let place = PlanPlace::Number(Sender::parse(NUMBERS[1]).unwrap());
    store.attach(&operator(), &place, Some(saved.id)).await.unwrap();
}

/// The use case, and what makes it forget its calls.
struct Desk {
    answer_call: AnswerCall,
    health_check: HealthCheck,
}

async fn desk(url: &PublicUrl) -> Desk {
    let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [7; 32]).unwrap();
    let keyring = Arc::new(Keyring::new(vec![key]).unwrap());
    let sessions = Arc::new(keyring.session_keys());
    let store = Arc::new(MemoryStore::new());
    seed(&store, &keyring).await;
    let clock: Arc<dyn Clock> = Arc::new(NOW);
    let accounts = Arc::new(AccountCache::load(store.clone(), Arc::clone(&keyring)).await.unwrap());
    let urls = vec![url.clone()];
    let rejections = Arc::new(RejectionLog::new(
        store.clone(),
        Arc::clone(&accounts),
        Arc::new(FixedIdentifiers),
        urls.clone(),
    ));
    let authenticator =
        Authenticator::new(Validation::Enforced, urls, accounts, rejections, Arc::clone(&clock));
    let authenticator = Arc::new(authenticator);
    let deadlines = Deadlines::default();
    let agent_load = Arc::new(AgentLoadTracker::new(AgentLoadLimits::default()));
    let sources = PlanSources {
        plans: store.clone(),
        catalogue: store.clone(),
        codec: Arc::new(PlanDocuments),
    };
    let routes = RouteCache::new(RouteCacheParts {
        store: store.clone(),
        plans: sources,
        agent_load: Arc::clone(&agent_load),
        clock: Arc::clone(&clock),
        deadlines,
        limits: RouteCacheLimits::default(),
        voice_server: None,
        addresses: VoiceAddresses::below(url),
    });
    let request_router = Arc::new(Router::new(Arc::clone(&authenticator), Arc::new(routes)));
    let agents = Arc::new(AgentCache::new(store.clone(), deadlines));
    let recorder = Arc::new(CallRecorder::new(
        store.clone(),
        store.clone(),
        // Nothing is written, so that each call stays new, and no end of a call is known.
        RecorderLimits { waiting: 1_000, ..RecorderLimits::default() },
    ));
    let mut probe = MockVoiceProbe::new();
    probe.expect_check().returning(|_, _, _| Reachability::Reachable);
    // An hour later, calls that the store does not know are over.
    let an_hour_later = Arc::new(NOW.plus_seconds(3_600));
    let health_check = HealthCheck::new(
        Arc::clone(&agent_load),
        store.clone(),
        store.clone(),
        Arc::new(probe),
        an_hour_later,
    );
    let fallback_chain = FallbackChain {
        connect: ConnectAgent::new(agents, Arc::clone(&sessions)).unwrap(),
        decisions: Arc::new(MockDecisionService::new()),
        agent_load,
        calls: CallLookup::new(store.clone(), deadlines),
        handlers: Arc::new(VoiceHandlers::new(
            Arc::new(MockVoiceHandler::new()),
            store.clone(),
            keyring,
            Arc::clone(&clock),
            deadlines,
            HandlerLinks {
                base: format!("{}/api/twilio/voice/handler", url.as_str()),
                keys: Arc::clone(&sessions),
            },
        )),
        addresses: VoiceAddresses::below(url),
        voice_server: None,
    };
    let answer_call =
        AnswerCall::new(authenticator, request_router, fallback_chain, recorder, clock);
    Desk { answer_call, health_check }
}

fn cached_call(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let url = PublicUrl::parse("https://voice.example.com").unwrap();
    let desk = runtime.block_on(desk(&url));
    let key = SigningKey::new(&Secret::new(TOKEN.to_owned())).unwrap();
    let signed = |index: usize, number: &str| {
        let body = body(index, number);
        let form = Form::parse(body.as_bytes()).unwrap();
        let request = SignedRequest { target: TARGET, content: Content::Form(&form) };
        let signature = sign(&key, &url, &request);
        (body, signature)
    };
    for (kind, number) in ["its own agent", "a plan of 20 rules"].into_iter().zip(NUMBERS) {
        let calls: Vec<_> = (0..CALLS).map(|index| signed(index, number)).collect();
        criterion.bench_function(&format!("voice webhook of a known number, {kind}"), |bencher| {
            bencher.iter_custom(|iterations| runtime.block_on(measure(&desk, &calls, iterations)));
        });
    }
}

/// Measures the time of this many answers.
async fn measure(desk: &Desk, calls: &[(String, String)], iterations: u64) -> Duration {
    let mut left = usize::try_from(iterations).unwrap();
    let mut taken = Duration::ZERO;
    while left > 0 {
        let begun = Instant::now();
        for (body, signature) in calls.iter().take(left) {
            let request = WebhookRequest {
                target: TARGET,
                parameters: Parameters::Form(body.as_bytes()),
                signature: Some(signature),
                hosts: &NO_HOSTS,
            };
            black_box(desk.answer_call.answer(black_box(request)).await.unwrap().twiml);
        }
        taken += begun.elapsed();
        left = left.saturating_sub(calls.len());
        desk.health_check.once().await;
    }
    taken
}

criterion_group!(benches, cached_call);
criterion_main!(benches);
