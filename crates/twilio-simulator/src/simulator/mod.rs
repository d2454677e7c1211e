//! The state of the simulated Twilio, independent of HTTP: accounts and their resources, the request log, and
//! injected faults.

mod account;
mod api;
mod application;
mod call;
mod connect;
mod direction;
mod faults;
mod inbound_routing;
mod live_calls;
mod message;
mod number;
mod paged_store;
mod request_log;
mod scripted_phone;
mod seed;
mod seeding;
mod sender;
mod service;
mod short_code;
mod sid;
mod state;
mod webhook;

pub use account::{AccountKind, AccountStatus, KeyKind, Tokens};
pub use api::Simulator;
pub use application::{Application, ApplicationSettings};
pub use call::{Call, CallStatus};
pub use connect::ConnectApp;
pub use direction::Direction;
pub use faults::{Conditions, Fault, FaultKind};
pub use inbound_routing::{InboundRoute, RouteError};
pub use message::{Message, MessageStatus};
pub use number::{Capabilities, IncomingPhoneNumber, NumberSettings, ReceiveMode};
pub use request_log::{FieldChange, RecordedRequest};
pub use scripted_phone::ScriptedPhone;
pub use seed::{
    AccountSeed, ApplicationSeed, ConnectAppSeed, KeySeed, NumberSeed, Seed, SeedError, SenderSeed,
    ServiceSeed, ShortCodeSeed,
};
pub use sender::{ChannelSender, SenderMethod, SenderWebhook};
pub use service::ServiceSettings;
pub use short_code::{ShortCode, ShortCodeSettings};
pub use sid::Sid;
pub use webhook::{Instructions, Target, WebhookMethod};

pub(crate) use account::{Account, Tokens as AccountTokens};
pub(crate) use live_calls::LiveCall;
pub(crate) use paged_store::{Keyed, PageStart, PagedStore};
pub(crate) use request_log::differences;
pub(crate) use scripted_phone::WINDOW_SECONDS;
pub(crate) use seeding::DEFAULT_REGION;
pub(crate) use service::{MessagingService, PoolMember};
pub(crate) use state::State;
