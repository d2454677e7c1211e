//! What switchboard does: answer a call, receive a message, hear of a status, hand out a session,
//! manage accounts, agents and numbers, and adopt those that are somewhere else already.
//!
//! A use case holds ports and calls the domain's decisions; it knows neither HTTP nor SQL.

pub mod adopt;
mod answer_call;
mod compiled;
mod connect_agent;
mod deadline;
mod directory;
mod end_connection;
mod front_door;
pub mod manage;
mod open_session;
mod outcome;
mod planned;
mod receive_message;
mod record_status;
mod recorder;
mod rejection_log;
mod route_cache;
pub mod routing_plans;
mod watcher;
pub mod webhooks;

pub use answer_call::{AnswerCall, CallAnswer};
pub use compiled::VoiceAddresses;
pub use connect_agent::ConnectAgent;
pub use deadline::Deadlines;
pub use directory::{AccountDirectory, DirectoryError};
pub use end_connection::EndConnection;
pub use front_door::{FrontDoor, Parameters, WebhookRequest};
pub use open_session::{AgentCache, OpenSession, OpenedSession, SessionRefused};
pub use outcome::Closed;
pub use planned::{
    AgentPresence, ClimbLadder, MaterialCatalogue, PlanSources, PresenceLimits, PresenceUpkeep,
    UnreadablePlan,
};
pub use receive_message::{MessageAnswer, ReceiveMessage};
pub use record_status::{RecordStatus, StatusHeard};
pub use recorder::{CallRecorder, RecorderLimits};
pub use rejection_log::RejectionLog;
pub use route_cache::{Planning, RouteCache, RouteCacheLimits};
pub use watcher::ChangeWatcher;
