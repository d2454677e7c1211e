//! The use cases behind the webhooks: answer a call, follow the links of handlers, receive a message, record a status,
//! end a connection and open a session.
//!
//! A use case holds ports and calls the decisions of the domain. It knows neither HTTP nor SQL.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

mod account_cache;
mod agent_cache;
mod answer_call;
mod authenticate;
mod cache_invalidation;
mod call_lookup;
mod connect_agent;
mod consent_gate;
mod contact_links;
mod conversation_ids;
mod deadline;
mod end_connection;
mod error;
mod failure_counters;
mod follow_handler;
mod open_session;
mod plan_runtime;
mod prepared_answer;
mod receive_message;
mod record_status;
mod recorder;
mod rejection_log;
mod reply_waiters;
mod response_loops;
mod route_cache;
mod router;
mod verified_webhook;
mod voice_handlers;
mod webhook_request;

pub use account_cache::{AccountCache, AccountCacheError};
pub use agent_cache::AgentCache;
pub use answer_call::{AnswerCall, CallAnswer};
pub use authenticate::Authenticator;
pub use cache_invalidation::CacheInvalidator;
pub use call_lookup::CallLookup;
pub use connect_agent::ConnectAgent;
pub use consent_gate::ConsentGate;
pub use contact_links::ContactLinks;
pub use conversation_ids::ConversationIds;
pub use deadline::Deadlines;
pub use end_connection::EndConnection;
pub use error::{Subject, WebhookError, WebhookFailure};
pub use follow_handler::{FollowHandler, FollowUpAnswer};
pub use open_session::{
    DecidingPlanNames, OpenSession, OpenedSession, SessionRefused, SessionStores,
};
pub use plan_runtime::{
    AgentLoadLimits, AgentLoadTracker, CompiledDocument, FallbackChain, HealthCheck,
    MaterialCatalogue, PlanSources, UnreadablePlan,
};
pub use prepared_answer::VoiceAddresses;
pub use receive_message::{MessageAnswer, MessageStores, ReceiveMessage};
pub use record_status::{RecordStatus, StatusRecorded};
pub use recorder::{CallRecorder, RecorderLimits};
pub use rejection_log::RejectionLog;
pub use reply_waiters::{Answering, OfferedReply, ReplyOffer, ReplyWaiters, Waiter};
pub use response_loops::ResponseLoops;
pub use route_cache::{RouteCache, RouteCacheLimits, RouteCacheParts};
pub use router::Router;
pub use voice_handlers::{HandlerLinks, VoiceHandlers};
pub use webhook_request::{ClaimedHosts, Parameters, WebhookRequest};
