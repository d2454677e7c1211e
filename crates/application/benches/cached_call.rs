//! One voice webhook of a known number, from its bytes to its TwiML: everything but HTTP.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use switchboard_application::{
    AccountDirectory, AgentCache, AgentPresence, AnswerCall, CallRecorder, ClimbLadder,
    ConnectAgent, Deadlines, FrontDoor, Parameters, PlanSources, Planning, PresenceLimits,
    RecorderLimits, RejectionLog, RouteCache, RouteCacheLimits, VoiceAddresses, WebhookRequest,
};
use switchboard_domain::account::{Account, PRIMARY_TOKEN, SealedTokens};
use switchboard_domain::admission::Validation;
use switchboard_domain::agent::{Agent, AgentState, Label, Profile, Prompt, VoiceTarget};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::form::Form;
use switchboard_domain::identifier::{AgentId, PlanId, RejectionId};
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    AccountStore, AgentStore, Clock, Identifiers, MockDecisionService, NumberStore,
};
use switchboard_domain::sealing::{EncryptionKey, KeyId, Keyring, Place};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::{Content, PublicUrl, SignedRequest, SigningKey, sign};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;
use switchboard_plan_document::PlanDocuments;
use switchboard_store_memory::MemoryStore;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const TARGET: &str = "/api/twilio/voice";
const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
/// Twenty parameters, as Twilio sends them for an incoming call.
const BODY: &str = "AccountSid=AC0123456789abcdef0123456789abcdef&ApiVersion=2010-04-01&CallSid=CA0123456789abcdef0123456789abcdef\
    &CallStatus=ringing&Called=%2B14155550100&CalledCity=SAN+FRANCISCO&CalledCountry=US&CalledState=CA&CalledZip=94107\
    &Caller=%2B14155550199&CallerCity=COEUR+D%27ALENE&CallerCountry=US&CallerState=ID&CallerZip=83814&Direction=inbound\
    &From=%2B14155550199&FromCountry=US&To=%2B14155550100&ToCity=SAN+FRANCISCO&ToCountry=US";

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        NOW
    }
}

impl Identifiers for Standing {
    fn agent(&self) -> AgentId {
        AgentId::new(NOW, [1; 10])
    }

    fn plan(&self) -> PlanId {
        PlanId::new(NOW, [1; 10])
    }

    fn rejection(&self) -> RejectionId {
        RejectionId::new(NOW, [1; 10])
    }
}

async fn seed(store: &MemoryStore, keyring: &Keyring) {
    let sid = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
    let (table, column) = PRIMARY_TOKEN;
    let place = Place { table, column, key: sid.as_str() };
    let primary = keyring.seal(&place, &Secret::new(TOKEN.to_owned()), [1; 12]).unwrap();
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
        created_at: NOW,
    };
    AccountStore::add(store, &Scope::Operator, &account).await.unwrap();
    let agent = Agent {
        id: Standing.agent(),
        organization: organization.clone(),
        profile: Profile {
            name: Label::parse("Sales").unwrap(),
            external_id: Label::parse("sales").ok(),
            voice: Label::parse("alloy").ok(),
            model: Label::parse("gpt-4o").ok(),
            language: Label::parse("en-US").ok(),
            voice_target: Some(VoiceTarget::Stream(
                StreamUrl::parse("wss://voice.example.com/stream").unwrap(),
            )),
            message_target: None,
            state: AgentState::Enabled,
        },
        prompt: Prompt::default(),
        created_at: NOW,
    };
    AgentStore::add(store, &Scope::Operator, &agent).await.unwrap();
    let number = Number {
        phone_number: PhoneNumber::parse("+14155550100").unwrap(),
        organization,
        account: sid,
        assignment: Some(Assignment { agent: agent.id, channels: Channels::VOICE_AND_SMS }),
        created_at: NOW,
    };
    NumberStore::add(store, &Scope::Operator, &number).await.unwrap();
}

async fn desk(url: &PublicUrl) -> AnswerCall {
    let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [7; 32]).unwrap();
    let keyring = Arc::new(Keyring::new(vec![key]).unwrap());
    let sessions = Arc::new(keyring.session_keys());
    let store = Arc::new(MemoryStore::new());
    seed(&store, &keyring).await;
    let clock: Arc<dyn Clock> = Arc::new(Standing);
    let directory = Arc::new(AccountDirectory::load(store.clone(), keyring).await.unwrap());
    let urls = vec![url.clone()];
    let rejections = Arc::new(RejectionLog::new(
        store.clone(),
        Arc::clone(&directory),
        Arc::new(Standing),
        urls.clone(),
    ));
    let door =
        FrontDoor::new(Validation::Enforced, urls, directory, rejections, Arc::clone(&clock));
    let deadlines = Deadlines::default();
    let presence = Arc::new(AgentPresence::new(PresenceLimits::default()));
    let sources = PlanSources {
        plans: store.clone(),
        catalogue: store.clone(),
        reader: Arc::new(PlanDocuments),
    };
    let routes = RouteCache::new(
        store.clone(),
        Planning { sources, presence: Arc::clone(&presence) },
        Arc::clone(&clock),
        deadlines,
        RouteCacheLimits::default(),
        None,
        VoiceAddresses::below(url),
    );
    let agents = Arc::new(AgentCache::new(store.clone(), deadlines));
    let recorder = Arc::new(CallRecorder::new(
        store,
        RecorderLimits { waiting: 1_000, ..RecorderLimits::default() },
    ));
    let ladder = ClimbLadder {
        connect: ConnectAgent::new(agents, sessions).unwrap(),
        decisions: Arc::new(MockDecisionService::new()),
        presence,
        addresses: VoiceAddresses::below(url),
        voice_server: None,
    };
    AnswerCall::new(Arc::new(door), Arc::new(routes), ladder, recorder, clock)
}

fn cached_call(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let url = PublicUrl::parse("https://voice.example.com").unwrap();
    let answer_call = runtime.block_on(desk(&url));
    let form = Form::parse(BODY.as_bytes()).unwrap();
    let key = SigningKey::new(&Secret::new(TOKEN.to_owned())).unwrap();
    let signature =
        sign(&key, &url, &SignedRequest { target: TARGET, content: Content::Form(&form) });
    let request = WebhookRequest {
        target: TARGET,
        parameters: Parameters::Form(BODY.as_bytes()),
        signature: Some(&signature),
        hosts: &[],
    };
    criterion.bench_function("voice webhook of a known number", |bencher| {
        bencher.iter(|| runtime.block_on(answer_call.answer(black_box(request))).unwrap().twiml);
    });
}

criterion_group!(benches, cached_call);
criterion_main!(benches);
