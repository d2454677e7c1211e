//! The fixtures of the use-case tests: accounts with sealed tokens, agents, numbers, and every use case over them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use switchboard_application::{
    AccountCache, AgentCache, AgentLoadTracker, AnswerCall, Authenticator, CacheInvalidator,
    CallAnswer, CallLookup, CallRecorder, ConnectAgent, ConsentGate, ContactLinks, ConversationIds,
    Deadlines, EndConnection, FallbackChain, FollowHandler, FollowUpAnswer, HandlerLinks,
    HealthCheck, MessageAnswer, MessageStores, OpenSession, PlanSources, ReceiveMessage,
    RecordStatus, RejectionLog, ReplyWaiters, ResponseLoops, RouteCache, RouteCacheParts, Router,
    SessionStores, StatusRecorded, VoiceAddresses, VoiceHandlers, WebhookError,
};
use switchboard_domain::account::{Account, NEXT_TOKEN, PRIMARY_TOKEN, SealedTokens};
use switchboard_domain::agent::{Agent, Label, MessageTarget, Profile, Prompt, Reply, VoiceTarget};
use switchboard_domain::call::CallRecord;
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::default_organization;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Clock, Page, Store};
use switchboard_domain::rejection::Rejection;
use switchboard_domain::sealing::{
    AssociatedData, EncryptionKey, KeyId, Keyring, Sealed, SecretVersion,
};
use switchboard_domain::secret::Secret;
use switchboard_domain::sender::Sender;
use switchboard_domain::session::SessionKeys;
use switchboard_domain::sid::{AccountSid, CallSid, MessageSid};
use switchboard_domain::signature::{PublicUrl, SigningKey};
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;
use switchboard_domain::web_address::{StreamUrl, WebUrl};
use switchboard_plan_document::PlanDocuments;
use switchboard_store_memory::{MemoryStore, operator};

pub(crate) use crate::app_options::AppOptions;
use crate::identifiers::CountingIdentifiers;
pub(crate) use crate::outcomes::{assert_unavailable, assert_unreadable, refusal};
use crate::outside::StubProbe;
use crate::requests::{CALL, HANDLER, Request, TEXT};

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
pub(crate) const STREAM: &str = "wss://voice.example.net/stream";

/// The URL that Twilio calls.
pub(crate) fn public_url() -> PublicUrl {
    PublicUrl::parse("https://calls.example.com").unwrap()
}

/// A clock that changes only when a test sets it.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// An account and its auth token.
#[derive(Clone)]
pub(crate) struct TestAccount {
    pub(crate) sid: AccountSid,
    pub(crate) parent: Option<AccountSid>,
    pub(crate) token: String,
    pub(crate) key: SigningKey,
}

/// The account with this index.
pub(crate) fn account(index: u32) -> TestAccount {
    let token = format!("{index:032x}");
    TestAccount {
        sid: AccountSid::parse(&format!("AC{index:032x}")).unwrap(),
        parent: None,
        key: SigningKey::new(&Secret::new(token.clone())).unwrap(),
        token,
    }
}

/// A subaccount of `parent`.
pub(crate) fn subaccount(index: u32, parent: &TestAccount) -> TestAccount {
    TestAccount { parent: Some(parent.sid), ..account(index) }
}

/// A keyring with one key.
pub(crate) fn keyring(id: &str, chance: u8) -> Arc<Keyring> {
    let key = EncryptionKey::generate(KeyId::parse(id).unwrap(), [chance; 32]).unwrap();
    Arc::new(Keyring::new(vec![key]).unwrap())
}

/// The stored account, with tokens sealed by `keyring`.
pub(crate) fn row(keyring: &Keyring, account: &TestAccount, next: Option<&str>) -> Account {
    let seal = |(table, column), token: &str| -> Sealed {
        let place = AssociatedData { table, column, key: account.sid.as_str() };
        keyring.seal(&place, SecretVersion::FIRST, &Secret::new(token.to_owned()), [9; 12]).unwrap()
    };
    Account {
        sid: account.sid,
        organization: default_organization(),
        name: label("Main"),
        parent: account.parent,
        tokens: SealedTokens {
            primary: seal(PRIMARY_TOKEN, &account.token),
            next: next.map(|token| seal(NEXT_TOKEN, token)),
        },
        api_key: None,
        region: Region::default(),
        status: AccountStatus::default(),
        validation: None,
        connection: None,
        created_at: NOW,
    }
}

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(crate) fn sender(text: &str) -> Sender {
    Sender::parse(text).unwrap()
}

pub(crate) fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub(crate) fn stream(url: &str) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(url).unwrap())
}

pub(crate) fn reply(text: &str) -> MessageTarget {
    MessageTarget::Reply(Reply::parse(text).unwrap())
}

/// The agent with this index, with every target and label.
pub(crate) fn agent(index: u8, name: &str) -> Agent {
    Agent {
        id: AgentId::new(NOW, [index; 10]),
        organization: default_organization(),
        profile: Profile {
            external_id: Some(label(&format!("external-{index}"))),
            voice: Some(label("alloy")),
            model: Some(label("gpt-4o")),
            language: Some(label("en-US")),
            voice_target: Some(stream(STREAM)),
            message_target: Some(reply("Thanks & see you")),
            ..Profile::named(label(name))
        },
        prompt: Prompt::parse("You sell shoes.").unwrap(),
        created_at: NOW,
    }
}

/// All channels that a number can have.
pub(crate) fn all_channels() -> Channels {
    Channels::parse("voice,sms,whatsapp,rcs").unwrap()
}

/// Every use case over one in-memory store.
pub(crate) struct TestApp {
    /// The store, for tests that fill and read it.
    pub(crate) store: Arc<dyn Store>,
    /// The same store as the use cases see it, with the faults that a test injects.
    pub(crate) faults: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) sessions: Arc<SessionKeys>,
    pub(crate) directory: Arc<AccountCache>,
    pub(crate) rejection_log: Arc<RejectionLog>,
    pub(crate) routes: Arc<RouteCache>,
    pub(crate) agents: Arc<AgentCache>,
    pub(crate) recorder: Arc<CallRecorder>,
    pub(crate) answer_call: AnswerCall,
    pub(crate) receive_message: ReceiveMessage,
    pub(crate) waiters: Arc<ReplyWaiters>,
    pub(crate) record_status: RecordStatus,
    pub(crate) end_connection: EndConnection,
    pub(crate) follow_handler: FollowHandler,
    pub(crate) open_session: OpenSession,
    pub(crate) watcher: CacheInvalidator,
    pub(crate) probe: Arc<StubProbe>,
    pub(crate) health_check: HealthCheck,
}

impl TestApp {
    /// An app with an empty store.
    pub(crate) async fn empty() -> Self {
        Self::with(AppOptions::default()).await
    }

    /// An app with an empty store and these options.
    #[expect(clippy::too_many_lines, reason = "the wiring reads from top to bottom like a recipe")]
    pub(crate) async fn with(options: AppOptions) -> Self {
        let store = MemoryStore::new();
        let faults = Arc::new(store.separate_faults());
        let store: Arc<dyn Store> = Arc::new(store);
        let calls = options.calls.unwrap_or_else(|| faults.clone());
        let messages = options.messages.unwrap_or_else(|| faults.clone());
        let clock = Arc::new(ManualClock(AtomicI64::new(NOW.micros())));
        let ticking: Arc<dyn Clock> = clock.clone();
        let keyring = keyring("k1", 7);
        let sessions = Arc::new(keyring.session_keys());
        let urls = vec![public_url()];
        let version = store.changes().version().await.unwrap();
        let directory = AccountCache::load(faults.clone(), Arc::clone(&keyring)).await.unwrap();
        let directory = Arc::new(directory);
        let rejection_log = Arc::new(RejectionLog::new(
            faults.clone(),
            Arc::clone(&directory),
            Arc::new(CountingIdentifiers::default()),
            urls.clone(),
        ));
        let authenticator = Arc::new(Authenticator::new(
            options.validation,
            urls,
            Arc::clone(&directory),
            Arc::clone(&rejection_log),
            Arc::clone(&ticking),
        ));
        let agent_load = Arc::new(AgentLoadTracker::new(options.agent_load));
        let sources = PlanSources {
            plans: faults.clone(),
            catalogue: faults.clone(),
            codec: Arc::new(PlanDocuments),
        };
        let routes = Arc::new(RouteCache::new(RouteCacheParts {
            store: faults.clone(),
            plans: sources,
            agent_load: Arc::clone(&agent_load),
            clock: Arc::clone(&ticking),
            deadlines: options.deadlines,
            limits: options.limits,
            voice_server: options.voice_server.clone(),
            addresses: VoiceAddresses::below(&public_url()),
        }));
        let request_router = Arc::new(Router::new(Arc::clone(&authenticator), Arc::clone(&routes)));
        let agents = Arc::new(AgentCache::new(faults.clone(), options.deadlines));
        let recorder = Arc::new(CallRecorder::new(calls, faults.clone(), options.recorder));
        let fallback_chain = FallbackChain {
            connect: ConnectAgent::new(Arc::clone(&agents), Arc::clone(&sessions)).unwrap(),
            decisions: options.decisions,
            agent_load: Arc::clone(&agent_load),
            calls: CallLookup::new(faults.clone(), options.deadlines),
            handlers: Arc::new(VoiceHandlers::new(
                options.handler,
                faults.clone(),
                Arc::clone(&keyring),
                Arc::clone(&ticking),
                options.deadlines,
                HandlerLinks {
                    base: format!("{}{HANDLER}", public_url().as_str()),
                    keys: Arc::clone(&sessions),
                },
            )),
            addresses: VoiceAddresses::below(&public_url()),
            voice_server: options.voice_server,
        };
        let probe = Arc::new(StubProbe::default());
        let health_check = HealthCheck::new(
            agent_load,
            faults.clone(),
            faults.clone(),
            Arc::clone(&probe) as _,
            Arc::clone(&ticking),
        );
        let waiters = Arc::new(ReplyWaiters::default());
        Self {
            waiters: Arc::clone(&waiters),
            answer_call: AnswerCall::new(
                Arc::clone(&authenticator),
                Arc::clone(&request_router),
                fallback_chain.clone(),
                Arc::clone(&recorder),
                Arc::clone(&ticking),
            ),
            receive_message: ReceiveMessage::new(
                Arc::clone(&authenticator),
                Arc::clone(&request_router),
                MessageStores {
                    messages: Arc::clone(&messages),
                    deliveries: faults.clone(),
                    conversations: ConversationIds::new(
                        faults.clone(),
                        Arc::new(CountingIdentifiers::default()),
                    ),
                    contacts: ContactLinks::new(faults.clone(), options.deadlines),
                    consent: ConsentGate {
                        consents: faults.clone(),
                        messages: Arc::clone(&messages),
                        contacts: faults.clone(),
                    },
                    loops: ResponseLoops {
                        messages: Arc::clone(&messages),
                        conversations: faults.clone(),
                    },
                    waiters: Arc::clone(&waiters),
                },
                fallback_chain.clone(),
                options.deadlines,
                Arc::clone(&ticking),
                WebUrl::parse("https://calls.example.com/api/twilio/status").unwrap(),
            )
            .unwrap(),
            record_status: RecordStatus::new(
                Arc::clone(&authenticator),
                Arc::clone(&request_router),
                Arc::clone(&recorder),
                faults.clone(),
                ConsentGate { consents: faults.clone(), messages, contacts: faults.clone() },
                options.deadlines,
                Arc::clone(&ticking),
            ),
            follow_handler: FollowHandler::new(
                Arc::clone(&authenticator),
                Arc::clone(&request_router),
                fallback_chain.clone(),
                Arc::clone(&recorder),
                Arc::clone(&agents),
                Arc::clone(&sessions),
                Arc::clone(&ticking),
            ),
            end_connection: EndConnection::new(
                authenticator,
                request_router,
                fallback_chain,
                Arc::clone(&recorder),
                Arc::clone(&ticking),
            ),
            open_session: OpenSession::new(
                Arc::clone(&sessions),
                SessionStores {
                    agents: Arc::clone(&agents),
                    calls: faults.clone(),
                    recorder: Arc::clone(&recorder),
                    messages: faults.clone(),
                    conversations: faults.clone(),
                    contacts: faults.clone(),
                    deliveries: faults.clone(),
                    plans: faults.clone(),
                    codec: Arc::new(PlanDocuments),
                },
                Deadlines::default(),
                ticking,
            ),
            watcher: CacheInvalidator::new(
                faults.clone(),
                version,
                Arc::clone(&directory),
                Arc::clone(&routes),
                Arc::clone(&agents),
            ),
            store,
            faults,
            clock,
            keyring,
            sessions,
            directory,
            rejection_log,
            routes,
            agents,
            recorder,
            probe,
            health_check,
        }
    }

    /// An app with one account and one of its numbers, which is assigned to one agent on all
    /// channels.
    pub(crate) async fn with_one_number(options: AppOptions) -> (Self, TestAccount, Agent) {
        let app = Self::with(options).await;
        let main = account(1);
        app.add_account(&main).await;
        let sales = agent(1, "Sales");
        app.add_agent(&sales).await;
        app.add_number(NUMBER, &main, Some(&sales)).await;
        (app, main, sales)
    }

    /// Adds an account and refreshes the cache.
    pub(crate) async fn add_account(&self, account: &TestAccount) {
        let row = row(&self.keyring, account, None);
        self.store.accounts().add(&operator(), &row).await.unwrap();
        self.directory.refresh().await.unwrap();
    }

    pub(crate) async fn add_agent(&self, agent: &Agent) {
        self.store.agents().add(&operator(), agent).await.unwrap();
    }

    /// Adds a number, assigned to `agent` on all channels.
    pub(crate) async fn add_number(
        &self,
        number: &str,
        account: &TestAccount,
        agent: Option<&Agent>,
    ) {
        let number = Number {
            sender: sender(number),
            organization: default_organization(),
            account: account.sid,
            assignment: agent
                .map(|agent| Assignment { agent: agent.id.clone(), channels: all_channels() }),
            created_at: NOW,
        };
        self.store.numbers().add(&operator(), &number).await.unwrap();
    }

    /// Assigns a number to another agent or unassigns it, as another process would.
    pub(crate) async fn assign(&self, number: &str, agent: Option<&Agent>) {
        let assignment =
            agent.map(|agent| Assignment { agent: agent.id.clone(), channels: all_channels() });
        self.store.numbers().assign(&operator(), sender(number), assignment).await.unwrap();
    }

    pub(crate) async fn voice(&self, request: &Request) -> Result<CallAnswer, WebhookError> {
        self.answer_call.answer(request.webhook()).await.map_err(|failure| failure.error)
    }

    pub(crate) async fn message(&self, request: &Request) -> Result<MessageAnswer, WebhookError> {
        self.receive_message.receive(request.webhook()).await.map_err(|failure| failure.error)
    }

    pub(crate) async fn status(&self, request: &Request) -> Result<StatusRecorded, WebhookError> {
        self.record_status.record(request.webhook()).await.map_err(|failure| failure.error)
    }

    pub(crate) async fn connected(&self, request: &Request) -> Result<Twiml, WebhookError> {
        self.end_connection.end(request.webhook()).await.map_err(|failure| failure.error)
    }

    pub(crate) async fn follow(&self, request: &Request) -> Result<FollowUpAnswer, WebhookError> {
        self.follow_handler.follow(request.webhook()).await.map_err(|failure| failure.error)
    }

    /// The stored record of the call, after the queue is written.
    pub(crate) async fn call_of(&self, account: &TestAccount) -> Option<CallRecord> {
        self.recorder.drain().await.unwrap();
        self.store
            .calls()
            .find(&operator(), account.sid, CallSid::parse(CALL).unwrap())
            .await
            .unwrap()
    }

    /// All stored calls, after the queue is written.
    pub(crate) async fn calls(&self) -> Vec<CallRecord> {
        self.recorder.drain().await.unwrap();
        self.store.calls().list(&operator(), &Page::first(1_000)).await.unwrap()
    }

    pub(crate) async fn message_of(&self, account: &TestAccount) -> Option<MessageRecord> {
        let sid = MessageSid::parse(TEXT).unwrap();
        self.store.messages().find(&operator(), account.sid, sid).await.unwrap()
    }

    pub(crate) async fn messages(&self) -> Vec<MessageRecord> {
        self.store.messages().list(&operator(), &Page::first(1_000)).await.unwrap()
    }

    /// The stored refusals, after the counts are written.
    pub(crate) async fn rejections(&self) -> Vec<Rejection> {
        self.rejection_log.flush().await.unwrap();
        self.store.rejections().list(&operator(), &Page::first(1_000)).await.unwrap()
    }
}

/// The number that most tests call.
pub(crate) const NUMBER: &str = "+14155550100";
