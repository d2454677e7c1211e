//! Builds a server from its store and settings.

mod background;

use std::sync::Arc;
use std::time::Duration;

use switchboard_application::{
    AccountCache, AccountCacheError, AgentCache, AgentLoadLimits, AgentLoadTracker, AnswerCall,
    Authenticator, CacheInvalidator, CallLookup, CallRecorder, ConnectAgent, ConsentGate,
    ContactLinks, ConversationIds, Deadlines, EndConnection, FallbackChain, FollowHandler,
    HandlerLinks, HealthCheck, MessageStores, OpenSession, PlanSources, ReceiveMessage,
    RecordStatus, RecorderLimits, RejectionLog, ReplyWaiters, ResponseLoops, RouteCache,
    RouteCacheLimits, RouteCacheParts, Router, SessionStores, VoiceAddresses, VoiceHandlers,
};
use switchboard_application_carrier::configuration::OpenAccess;
use switchboard_application_carrier::connect::{CompleteConnect, Deauthorize};
use switchboard_application_delivery::{
    AcceptReplies, AgentDelivery, ChatDelivery, ChatKeys, DeliveryWorker, EventDelivery,
    EventDistributor, FetchMedia, LoopBreaker, ReplyAddresses, Sending, Subscriptions,
    WebhookSecrets, WorkerParts,
};
use switchboard_application_management::TokenSealer;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::authentication::Validation;
use switchboard_domain::client_sources::ClientSources;
use switchboard_domain::connection::ConnectApp;
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::ports::{Clock, Identifiers, LeaseHolder, Randomness, Store, StoreError};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::session::SessionKeys;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::twiml::TwimlTooLarge;
use switchboard_domain::web_address::{WebAddressError, WebUrl};
use switchboard_webhook::{AppState, BodyLimits, UseCases};

use crate::wiring::{self, Outside};

pub(super) use background::keep_running;

/// The dependencies of a server.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) sessions: SessionKeys,
    pub(crate) urls: Vec<PublicUrl>,
    pub(crate) own_url: PublicUrl,
    pub(crate) validation: Validation,
    pub(crate) connect_app: Option<ConnectApp>,
    pub(crate) voice_server: Option<VoiceTarget>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) identifiers: Arc<dyn Identifiers>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) outside: Outside,
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) longest_call: Duration,
    pub(crate) poll_interval: Duration,
    pub(crate) sources: ClientSources,
}

/// Why a server could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssemblyError {
    /// The accounts could not be loaded.
    #[error("accounts could not be loaded")]
    Directory(#[source] AccountCacheError),
    /// The store did not answer.
    #[error("the store did not answer")]
    Store(#[source] StoreError),
    /// The public URL is not a URL for status callbacks.
    #[error("the public URL is not a URL for status callbacks")]
    StatusCallback(#[source] WebAddressError),
    /// A fixed response is too large, which is a bug.
    #[error("a fixed response is too large")]
    Twiml(#[source] TwimlTooLarge),
}

/// A server that is ready to answer.
pub(crate) struct Assembly {
    pub(crate) state: Arc<AppState>,
    pub(crate) directory: Arc<AccountCache>,
    recorder: Arc<CallRecorder>,
    rejections: Arc<RejectionLog>,
    cache_invalidator: Arc<CacheInvalidator>,
    agents: Arc<AgentCache>,
    health_check: Arc<HealthCheck>,
    worker: Arc<DeliveryWorker>,
    distributor: Arc<EventDistributor>,
}

impl Assembly {
    #[expect(
        clippy::too_many_lines,
        reason = "the parts are built one after the other, from top to bottom"
    )]
    pub(crate) async fn new(parts: Parts) -> Result<Self, AssemblyError> {
        let Parts {
            store,
            keyring,
            sessions,
            urls,
            own_url,
            validation,
            connect_app,
            voice_server,
            clock,
            identifiers,
            randomness,
            outside,
            carrier,
            longest_call,
            poll_interval,
            sources: client_sources,
        } = parts;
        let status_callback = format!("{}/api/twilio/status", own_url.as_str());
        let status_callback =
            WebUrl::parse(&status_callback).map_err(AssemblyError::StatusCallback)?;
        let deadlines = Deadlines::default();
        // The version is read before anything is cached, so that no change is missed in between.
        let version = store.changes().version().await.map_err(AssemblyError::Store)?;
        let directory = AccountCache::load(store.clone(), Arc::clone(&keyring))
            .await
            .map_err(AssemblyError::Directory)?;
        let directory = Arc::new(directory);
        let rejections = Arc::new(RejectionLog::new(
            store.clone(),
            Arc::clone(&directory),
            Arc::clone(&identifiers),
            urls.clone(),
        ));
        let authenticator = Arc::new(Authenticator::new(
            validation,
            urls,
            Arc::clone(&directory),
            Arc::clone(&rejections),
            Arc::clone(&clock),
        ));
        let agent_load = Arc::new(AgentLoadTracker::new(AgentLoadLimits {
            longest_call: i64::try_from(longest_call.as_secs()).unwrap_or(i64::MAX),
            ..AgentLoadLimits::default()
        }));
        let sources = PlanSources {
            plans: store.clone(),
            catalogue: store.clone(),
            codec: wiring::plan_codec(),
        };
        let addresses = VoiceAddresses::below(&own_url);
        let routes = Arc::new(RouteCache::new(RouteCacheParts {
            store: store.clone(),
            plans: sources,
            agent_load: Arc::clone(&agent_load),
            clock: Arc::clone(&clock),
            deadlines,
            limits: RouteCacheLimits::default(),
            voice_server: voice_server.clone(),
            addresses: addresses.clone(),
        }));
        let request_router = Arc::new(Router::new(Arc::clone(&authenticator), Arc::clone(&routes)));
        let agents = Arc::new(AgentCache::new(store.clone(), deadlines));
        let recorder =
            Arc::new(CallRecorder::new(store.clone(), store.clone(), RecorderLimits::default()));
        let sessions = Arc::new(sessions);
        let fallback_chain = FallbackChain {
            connect: ConnectAgent::new(Arc::clone(&agents), Arc::clone(&sessions))
                .map_err(AssemblyError::Twiml)?,
            decisions: outside.decisions,
            agent_load: Arc::clone(&agent_load),
            calls: CallLookup::new(store.clone(), deadlines),
            handlers: Arc::new(VoiceHandlers::new(
                outside.handler,
                store.clone(),
                Arc::clone(&keyring),
                Arc::clone(&clock),
                deadlines,
                HandlerLinks {
                    base: format!("{}/api/twilio/voice/handler", own_url.as_str()),
                    keys: Arc::clone(&sessions),
                },
            )),
            addresses,
            voice_server,
        };
        let health_check = HealthCheck::new(
            agent_load,
            store.clone(),
            store.clone(),
            outside.probe,
            Arc::clone(&clock),
        );
        health_check.count_calls().await;
        let answer_call = AnswerCall::new(
            Arc::clone(&authenticator),
            Arc::clone(&request_router),
            fallback_chain.clone(),
            Arc::clone(&recorder),
            Arc::clone(&clock),
        );
        let waiters = Arc::new(ReplyWaiters::default());
        let consent = ConsentGate {
            consents: store.clone(),
            messages: store.clone(),
            contacts: store.clone(),
        };
        let receive_message = ReceiveMessage::new(
            Arc::clone(&authenticator),
            Arc::clone(&request_router),
            MessageStores {
                messages: store.clone(),
                deliveries: store.clone(),
                conversations: ConversationIds::new(store.clone(), Arc::clone(&identifiers)),
                contacts: ContactLinks::new(store.clone(), deadlines),
                consent: consent.clone(),
                loops: ResponseLoops { messages: store.clone(), conversations: store.clone() },
                waiters: Arc::clone(&waiters),
            },
            fallback_chain.clone(),
            deadlines,
            Arc::clone(&clock),
            status_callback.clone(),
        )
        .map_err(AssemblyError::Twiml)?;
        let record_status = RecordStatus::new(
            Arc::clone(&authenticator),
            Arc::clone(&request_router),
            Arc::clone(&recorder),
            store.clone(),
            consent.clone(),
            deadlines,
            Arc::clone(&clock),
        );
        let follow_handler = FollowHandler::new(
            Arc::clone(&authenticator),
            Arc::clone(&request_router),
            fallback_chain.clone(),
            Arc::clone(&recorder),
            Arc::clone(&agents),
            Arc::clone(&sessions),
            Arc::clone(&clock),
        );
        let end_connection = EndConnection::new(
            Arc::clone(&authenticator),
            Arc::clone(&request_router),
            fallback_chain,
            Arc::clone(&recorder),
            Arc::clone(&clock),
        );
        let session_stores = SessionStores {
            agents: Arc::clone(&agents),
            calls: store.clone(),
            recorder: Arc::clone(&recorder),
            messages: store.clone(),
            conversations: store.clone(),
            contacts: store.clone(),
            deliveries: store.clone(),
            plans: store.clone(),
            codec: wiring::plan_codec(),
        };
        let accept_replies = AcceptReplies {
            messages: store.clone(),
            deliveries: store.clone(),
            outgoing: store.clone(),
            keys: Arc::clone(&sessions),
            codec: wiring::reply_codec(),
            waiters: Arc::clone(&waiters),
            identifiers: Arc::clone(&identifiers),
            clock: Arc::clone(&clock),
        };
        let fetch_media = FetchMedia {
            messages: store.clone(),
            access: OpenAccess { accounts: store.clone(), keyring: Arc::clone(&keyring) },
            carrier: carrier.clone(),
            keys: Arc::clone(&sessions),
            clock: Arc::clone(&clock),
            reading: Arc::default(),
        };
        let access = OpenAccess { accounts: store.clone(), keyring: Arc::clone(&keyring) };
        let complete_connect = CompleteConnect {
            app: connect_app,
            links: store.clone(),
            keys: Arc::clone(&sessions),
            access: access.clone(),
            sealer: TokenSealer {
                keyring: Arc::clone(&keyring),
                randomness: Arc::clone(&randomness),
            },
            carrier: carrier.clone(),
            clock: Arc::clone(&clock),
            verifying: CompleteConnect::limit(),
        };
        let deauthorize = Arc::new(Deauthorize::new(
            connect_app,
            Arc::clone(&directory),
            access,
            carrier.clone(),
            Arc::clone(&clock),
        ));
        let loops = LoopBreaker {
            conversations: store.clone(),
            deliveries: store.clone(),
            clock: Arc::clone(&clock),
        };
        let events = EventDelivery {
            events: store.clone(),
            subscriptions: Subscriptions {
                store: store.clone(),
                secrets: store.clone(),
                keyring: Arc::clone(&keyring),
                randomness: Arc::clone(&randomness),
                identifiers: Arc::clone(&identifiers),
                clock: Arc::clone(&clock),
            },
            endpoint: outside.events,
        };
        let distributor = EventDistributor { store: store.clone(), waiters: Arc::clone(&waiters) };
        let worker = DeliveryWorker::new(WorkerParts {
            store: store.clone(),
            outgoing: store.clone(),
            waiters,
            agents: AgentDelivery {
                messages: store.clone(),
                calls: store.clone(),
                contexts: store.clone(),
                secrets: WebhookSecrets {
                    store: store.clone(),
                    keyring: Arc::clone(&keyring),
                    randomness: Arc::clone(&randomness),
                    clock: Arc::clone(&clock),
                },
                endpoints: outside.endpoints,
                chat: ChatDelivery {
                    client: outside.chat,
                    keys: ChatKeys {
                        store: store.clone(),
                        keyring: Arc::clone(&keyring),
                        randomness: Arc::clone(&randomness),
                    },
                    usage: store.clone(),
                    clock: Arc::clone(&clock),
                },
                consent: consent.clone(),
                loops: loops.clone(),
                replies: ReplyAddresses { base: own_url.clone(), keys: Arc::clone(&sessions) },
                clock: Arc::clone(&clock),
            },
            sending: Sending {
                deliveries: store.clone(),
                access: OpenAccess { accounts: store.clone(), keyring },
                carrier,
                messages: store.clone(),
                agents: store.clone(),
                consent,
                loops,
                clock: Arc::clone(&clock),
                status_callback,
            },
            events,
            holder: LeaseHolder::random(randomness.as_ref()),
            clock: Arc::clone(&clock),
            identifiers,
            randomness,
            poll_interval,
        });
        let open_session = OpenSession::new(sessions, session_stores, deadlines, clock);
        let use_cases = UseCases {
            answer_call,
            receive_message,
            record_status,
            end_connection,
            follow_handler,
            open_session,
            accept_replies,
            fetch_media,
            complete_connect,
            deauthorize,
        };
        let state = Arc::new(AppState::new(
            use_cases,
            authenticator,
            BodyLimits::default(),
            client_sources,
        ));
        let cache_invalidator = Arc::new(CacheInvalidator::new(
            store.clone(),
            version,
            Arc::clone(&directory),
            routes,
            Arc::clone(&agents),
        ));
        Ok(Self {
            state,
            directory,
            recorder,
            rejections,
            cache_invalidator,
            agents,
            health_check: Arc::new(health_check),
            worker: Arc::new(worker),
            distributor: Arc::new(distributor),
        })
    }
}
