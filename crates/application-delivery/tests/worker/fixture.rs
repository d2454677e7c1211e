//! A running worker, and what a test does around it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use switchboard_application::{ConsentGate, ReplyWaiters};
use switchboard_application_carrier::configuration::OpenAccess;
use switchboard_application_delivery::{
    AgentDelivery, ChatDelivery, ChatKeys, DeliveryWorker, Endpoints, EventDelivery,
    EventDistributor, LoopBreaker, ReplyAddresses, Sending, Subscriptions, WebhookSecrets,
    WorkerParts,
};
use switchboard_application_management::NewAgent;
use switchboard_application_management::fixtures::{
    accounts, agents, clock, new_account, number, profile, sealer, sid,
};
use switchboard_carrier_memory::MemoryCarrier;
use switchboard_domain::address::Address;
use switchboard_domain::agent::{
    Agent, ChatModel, Label, MessageTarget, Prompt, TokenLimits, WhatsAppTemplate,
};
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::carrier::{
    AccountStatus, Capabilities, CarrierAccount, CarrierNumber, CarrierSender,
};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::delivery::{
    AttemptOutcome, ConversationKey, Delivery, DeliveryItem, DeliveryState, Outgoing,
    OutgoingContent,
};
use switchboard_domain::identifier::{ConversationId, DeliveryId};
use switchboard_domain::message::{Body, InboundMessage, NewDelivery, ReceivedMessage};
use switchboard_domain::message_template::FilledTemplate;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{
    AgentStore, Clock as _, Conversation, ConversationStore as _, DeliveryFilter, DeliveryHistory,
    EndpointError, EndpointMessage, GoneTargetStore as _, Insertion, LeaseHolder, MessageEndpoint,
    MessageStore as _, Page,
};
use switchboard_domain::routing::Reason;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::{MessageSid, NumberSid, SenderSid};
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;
use switchboard_store_memory::{MemoryStore, operator};
use tokio::time::{Instant, sleep};

use crate::busy_carrier::BusyCarrier;
use crate::chat::ScriptedModel;
use crate::events::ScriptedSubscriber;

pub(crate) const OURS: &str = "+14155550100";

/// What the endpoint does next. Without a script, it replies.
pub(crate) enum Scripted {
    Fail(EndpointError),
    ReplyAfter(Duration),
}

/// A delivery that the endpoint received.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) at: Instant,
    pub(crate) id: DeliveryId,
    pub(crate) from: String,
    pub(crate) body: String,
    pub(crate) secrets: usize,
}

/// An endpoint that a test scripts. It replies to each text, except to `slow`, which it never answers.
#[derive(Default)]
pub(crate) struct ScriptedEndpoint {
    delivered: Mutex<Vec<Delivered>>,
    script: Mutex<VecDeque<Scripted>>,
    /// The agent whose requests fail.
    down: Mutex<Option<&'static str>>,
}

impl ScriptedEndpoint {
    pub(crate) fn script(&self, next: Scripted) {
        self.script.lock().unwrap().push_back(next);
    }

    pub(crate) fn set_down(&self, agent: Option<&'static str>) {
        *self.down.lock().unwrap() = agent;
    }

    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap().clone()
    }
}

#[async_trait]
impl MessageEndpoint for ScriptedEndpoint {
    async fn deliver(
        &self,
        _target: &WebUrl,
        secrets: &[Secret],
        message: &EndpointMessage,
    ) -> Result<Vec<OutgoingContent>, EndpointError> {
        let body = message.message.body.as_ref().unwrap().as_str().to_owned();
        let (at, id) = (Instant::now(), message.delivery.clone());
        let from = message.message.from.as_ref().unwrap().to_text();
        if *self.down.lock().unwrap() == Some(message.agent.profile.name.as_str()) {
            return Err(EndpointError::Status { status: 503, retry_after: None });
        }
        self.delivered.lock().unwrap().push(Delivered {
            at,
            id,
            from,
            body: body.clone(),
            secrets: secrets.len(),
        });
        if body == "slow" {
            std::future::pending::<()>().await;
        }
        let scripted = self.script.lock().unwrap().pop_front();
        match scripted {
            Some(Scripted::Fail(error)) => return Err(error),
            Some(Scripted::ReplyAfter(delay)) => sleep(delay).await,
            None => {}
        }
        Ok(OutgoingContent::of_reply(&format!("reply to {body}"), Vec::new()).unwrap())
    }
}

/// A running worker.
pub(crate) struct Fixture {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) carrier: Arc<MemoryCarrier>,
    pub(crate) busy: Arc<BusyCarrier>,
    pub(crate) endpoint: Arc<ScriptedEndpoint>,
    pub(crate) model: Arc<ScriptedModel>,
    pub(crate) keys: ChatKeys,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) subscriber: Arc<ScriptedSubscriber>,
    pub(crate) worker: Arc<DeliveryWorker>,
    waiters: Arc<ReplyWaiters>,
    agent: Agent,
    other_agent: Agent,
    pub(crate) chat_agent: Agent,
}

fn start(worker: &Arc<DeliveryWorker>, distributor: EventDistributor) {
    let renewing = Arc::clone(worker);
    tokio::spawn(async move { renewing.renew_leases().await });
    tokio::spawn(Arc::clone(worker).run());
    tokio::spawn(async move { distributor.run().await });
}

fn subscriptions(store: &Arc<MemoryStore>) -> Subscriptions {
    Subscriptions {
        store: store.clone(),
        secrets: store.clone(),
        keyring: sealer().keyring,
        randomness: clock(),
        identifiers: clock(),
        clock: clock(),
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let carrier = Arc::new(MemoryCarrier::default());
        let busy = Arc::new(BusyCarrier::of(Arc::clone(&carrier)));
        let endpoint = Arc::new(ScriptedEndpoint::default());
        let model = Arc::new(ScriptedModel::default());
        let keys =
            ChatKeys { store: store.clone(), keyring: sealer().keyring, randomness: clock() };
        let waiters = Arc::new(ReplyWaiters::default());
        let account = new_account('a');
        let token = account.token.secret().clone();
        accounts(&store).add(&operator(), account).await.unwrap();
        seed(&carrier, token);
        let secrets = WebhookSecrets {
            store: store.clone(),
            keyring: sealer().keyring,
            randomness: clock(),
            clock: clock(),
        };
        let agents = agents(&store);
        let (agent, other_agent) = (
            add_agent(&agents, &secrets, "Sales").await,
            add_agent(&agents, &secrets, "Support").await,
        );
        let chat_agent = add_chat_agent(&agents).await;
        let consent = ConsentGate {
            consents: store.clone(),
            messages: store.clone(),
            contacts: store.clone(),
        };
        let loops =
            LoopBreaker { conversations: store.clone(), deliveries: store.clone(), clock: clock() };
        let subscriptions = subscriptions(&store);
        let subscriber = Arc::new(ScriptedSubscriber::default());
        let worker = Arc::new(DeliveryWorker::new(WorkerParts {
            store: store.clone(),
            outgoing: store.clone(),
            waiters: Arc::clone(&waiters),
            agents: AgentDelivery {
                messages: store.clone(),
                calls: store.clone(),
                contexts: store.clone(),
                secrets,
                endpoints: Endpoints { webhook: endpoint.clone(), twilio: endpoint.clone() },
                chat: ChatDelivery {
                    client: model.clone(),
                    keys: keys.clone(),
                    usage: store.clone(),
                    clock: clock(),
                },
                consent: consent.clone(),
                loops: loops.clone(),
                replies: ReplyAddresses {
                    base: PublicUrl::parse("https://calls.example.com").unwrap(),
                    keys: Arc::new(sealer().keyring.session_keys()),
                },
                clock: clock(),
            },
            sending: Sending {
                deliveries: store.clone(),
                access: OpenAccess { accounts: store.clone(), keyring: sealer().keyring },
                carrier: busy.clone(),
                messages: store.clone(),
                agents: store.clone(),
                consent,
                loops,
                clock: clock(),
                status_callback: WebUrl::parse("https://calls.example.com/status").unwrap(),
            },
            events: EventDelivery {
                events: store.clone(),
                subscriptions: subscriptions.clone(),
                endpoint: subscriber.clone(),
            },
            holder: LeaseHolder::named("worker"),
            clock: clock(),
            identifiers: clock(),
            randomness: clock(),
            poll_interval: Duration::from_millis(500),
        }));
        start(&worker, EventDistributor { store: store.clone(), waiters: Arc::clone(&waiters) });
        Self {
            store,
            carrier,
            busy,
            endpoint,
            model,
            keys,
            subscriptions,
            subscriber,
            worker,
            waiters,
            agent,
            other_agent,
            chat_agent,
        }
    }

    /// A message of the only contact.
    pub(crate) async fn receive(&self, n: u32, body: &str) {
        self.receive_from(n, body, 1).await;
    }

    /// A message that was received three days ago.
    pub(crate) async fn receive_late(&self, n: u32, body: &str) {
        self.insert(n, body, 1, &self.agent, -3 * 24 * 3_600).await;
    }

    /// A message of one of several contacts.
    pub(crate) async fn receive_from(&self, n: u32, body: &str, contact: u32) {
        self.insert(n, body, contact, &self.agent, 0).await;
    }

    pub(crate) async fn receive_for_other_agent(&self, n: u32, body: &str) {
        self.insert(n, body, n, &self.other_agent, 0).await;
    }

    /// A message of the only contact for the agent with a chat model, before the time at which the clock stands still.
    pub(crate) async fn receive_for_chat_agent(&self, n: u32, body: &str) {
        self.insert(n, body, 1, &self.chat_agent, -100).await;
    }

    /// A message by `WhatsApp` that was received so many seconds ago.
    pub(crate) async fn receive_by_whatsapp(&self, n: u32, body: &str, contact: u32, age: i64) {
        let late = -age - i64::from(n);
        self.insert_by("whatsapp:", n, body, contact, &self.agent, late).await;
    }

    /// Gives the agent a template.
    pub(crate) async fn set_template(&self, text: &str) {
        let mut agent = self.agent.clone();
        agent.profile.whatsapp_template = Some(WhatsAppTemplate::parse(text).unwrap());
        AgentStore::change(&*self.store, &operator(), None, &agent).await.unwrap();
    }

    async fn insert(&self, n: u32, body: &str, contact: u32, agent: &Agent, late: i64) {
        self.insert_by("", n, body, contact, agent, late).await;
    }

    async fn insert_by(
        &self,
        prefix: &str,
        n: u32,
        body: &str,
        contact: u32,
        agent: &Agent,
        late: i64,
    ) {
        let conversation = conversation_of(contact);
        let address = |text: &str| Address::parse(&format!("{prefix}{text}")).unwrap();
        let (from, to) = (address(&address_of(contact).to_text()), address(OURS));
        let new = Conversation {
            id: conversation.clone(),
            organization: default_organization(),
            key: ConversationKey::new(&to, &from),
            created_at: Timestamp::from_seconds(0),
            stopped_until: None,
        };
        self.store.find_or_add(&new).await.unwrap();
        let mut random = [0; 10];
        random[..4].copy_from_slice(&n.to_be_bytes());
        let id = DeliveryId::new(Timestamp::from_seconds(1), random);
        let message = ReceivedMessage {
            account: sid('a'),
            organization: default_organization(),
            inbound: InboundMessage {
                message: MessageSid::parse(&format!("SM{n:032x}")).unwrap(),
                from,
                to,
                body: Body::new(body),
                media_count: 0,
            },
            parameters: Body::new(""),
            agent: Some(agent.id.clone()),
            rule: None,
            reason: Reason::Assigned,
            verified_by: VerifiedBy::PrimaryToken,
            received_at: clock().now().plus_seconds(i64::from(n) + late),
            delivery: Some(NewDelivery { id, conversation, begins_conversation: false }),
        };
        assert_eq!(self.store.insert_once(&message).await.unwrap(), Insertion::Inserted);
        self.waiters.wake();
    }

    /// Forgets that the endpoint of the agent answered 410.
    pub(crate) async fn enable_target(&self) {
        self.store.enable_target(&operator(), &self.agent.id).await.unwrap();
    }

    /// Stops the conversation of a contact.
    pub(crate) async fn stop(&self, contact: u32) {
        let until = clock().now().plus_seconds(1);
        self.store.stop(&operator(), &conversation_of(contact), until).await.unwrap();
    }

    /// Waits until the worker has polled several times, so that it has nothing more to do now.
    pub(crate) async fn idle(&self) {
        sleep(Duration::from_secs(3)).await;
    }

    /// Passes the waits of a message whose outcome is unknown.
    pub(crate) async fn settle(&self) {
        for _ in 0..6 {
            self.idle().await;
            self.store.advance(Duration::from_secs(60));
        }
        self.idle().await;
    }

    pub(crate) async fn until_sent(&self, count: usize) {
        while self.sent().len() < count {
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn until_delivered(&self, count: usize) {
        while self.endpoint.delivered().len() < count {
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The texts that contacts got, oldest first.
    pub(crate) fn sent(&self) -> Vec<String> {
        let sent = self.carrier.messages(sid('a'));
        sent.into_iter().map(|(_, message)| message.body.as_str().to_owned()).collect()
    }

    /// The templates that contacts got, oldest first.
    pub(crate) fn templates(&self) -> Vec<FilledTemplate> {
        let sent = self.carrier.messages(sid('a'));
        sent.into_iter().filter_map(|(_, message)| message.template).collect()
    }

    pub(crate) async fn deliveries(&self) -> Vec<Delivery> {
        let all = DeliveryFilter::default();
        let mut all = DeliveryHistory::newest(&*self.store, &operator(), &all, &Page::first(1_000))
            .await
            .unwrap();
        all.reverse();
        all
    }

    /// The outgoing messages, oldest first.
    pub(crate) async fn outgoing(&self) -> Vec<Outgoing> {
        let outgoing = |delivery: Delivery| match delivery.item {
            DeliveryItem::Received(_) | DeliveryItem::Event(_) => None,
            DeliveryItem::Outgoing(outgoing) => Some(outgoing),
        };
        self.deliveries().await.into_iter().filter_map(outgoing).collect()
    }

    /// The outcomes of all attempts to send, oldest first.
    pub(crate) async fn outgoing_outcomes(&self) -> Vec<AttemptOutcome> {
        let is_outgoing = |delivery: &Delivery| matches!(delivery.item, DeliveryItem::Outgoing(_));
        let sent = self.deliveries().await.into_iter().filter(is_outgoing);
        sent.flat_map(|delivery| delivery.attempts).map(|attempt| attempt.outcome).collect()
    }

    /// The state and the last outcome of each delivery to an endpoint, oldest first.
    pub(crate) async fn received_outcomes(&self) -> Vec<(DeliveryState, AttemptOutcome)> {
        let received = self.deliveries().await.into_iter();
        let received =
            received.filter(|delivery| matches!(delivery.item, DeliveryItem::Received(_)));
        received
            .map(|delivery| (delivery.state, delivery.attempts.last().unwrap().outcome))
            .collect()
    }
}

fn conversation_of(contact: u32) -> ConversationId {
    let mut random = [0; 10];
    random[..4].copy_from_slice(&contact.to_be_bytes());
    ConversationId::new(Timestamp::from_seconds(0), random)
}

pub(crate) fn address_of(contact: u32) -> Address {
    Address::parse(&format!("+1415556{contact:04}")).unwrap()
}

async fn add_agent(
    agents: &switchboard_application_management::Agents,
    secrets: &WebhookSecrets,
    name: &str,
) -> Agent {
    let url = WebUrl::parse("https://agents.example.com/messages").unwrap();
    let target = Some(MessageTarget::Webhook(url));
    let profile =
        switchboard_domain::agent::Profile { message_target: target, ..profile(name, None) };
    let new = NewAgent { organization: default_organization(), profile, prompt: Prompt::default() };
    let agent = agents.add(&operator(), new).await.unwrap();
    secrets.create(&operator(), &agent).await.unwrap();
    agent
}

async fn add_chat_agent(agents: &switchboard_application_management::Agents) -> Agent {
    let chat = ChatModel {
        url: WebUrl::parse("https://models.example.com/v1").unwrap(),
        model: Label::parse("small").unwrap(),
        limits: TokenLimits {
            reply: TokenLimits::parse("100").unwrap(),
            daily: TokenLimits::parse("250").unwrap(),
        },
    };
    let message_target = Some(MessageTarget::ChatModel(chat));
    let profile = switchboard_domain::agent::Profile { message_target, ..profile("Chat", None) };
    let prompt = Prompt::parse("Be brief.").unwrap();
    let new = NewAgent { organization: default_organization(), profile, prompt };
    agents.add(&operator(), new).await.unwrap()
}

fn seed(carrier: &MemoryCarrier, token: Secret) {
    carrier.add_account(CarrierAccount {
        sid: sid('a'),
        name: "Main".to_owned(),
        owner: sid('a'),
        status: AccountStatus::Active,
        token: Some(token),
    });
    carrier.add_sender(
        sid('a'),
        CarrierSender {
            sid: SenderSid::parse(&format!("XE{}", "a".repeat(32))).unwrap(),
            address: Address::parse(&format!("whatsapp:{OURS}")).unwrap(),
            configuration: Configuration::new(),
        },
    );
    carrier.add_number(CarrierNumber {
        sid: NumberSid::parse(&format!("PN{}", "a".repeat(32))).unwrap(),
        sender: number(OURS),
        account: sid('a'),
        capabilities: Capabilities { voice: true, sms: true, ..Capabilities::default() },
        configuration: Configuration::new(),
    });
}
