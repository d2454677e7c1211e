//! What the phone company is and has, without a wire: accounts and everything in them, what was asked of it,
//! and what was ordered to go wrong.

mod account;
mod application;
mod books;
mod call;
mod direction;
mod faults;
mod handle;
mod live;
mod message;
mod number;
mod planting;
mod reception;
mod requests;
mod seed;
mod sender;
mod service;
mod shelf;
mod sid;
mod webhook;

pub use account::{AccountKind, AccountStatus, KeyKind, Tokens};
pub use application::{Application, ApplicationSettings};
pub use call::{Call, CallStatus};
pub use direction::Direction;
pub use faults::{Conditions, Fault, FaultKind};
pub use handle::Company;
pub use message::{Message, MessageStatus};
pub use number::{Capabilities, IncomingPhoneNumber, NumberSettings, ReceiveMode};
pub use reception::{Reached, Unreachable};
pub use requests::{FieldChange, RecordedRequest};
pub use seed::{
    AccountSeed, ApplicationSeed, KeySeed, NumberSeed, Seed, SeedError, SenderSeed, ServiceSeed,
};
pub use sender::{ChannelSender, SenderMethod, SenderWebhook};
pub use service::ServiceSettings;
pub use sid::Sid;
pub use webhook::{Instructions, Target, WebhookMethod};

pub(crate) use account::{Account, Tokens as AccountTokens};
pub(crate) use books::Books;
pub(crate) use live::LiveCall;
pub(crate) use planting::DEFAULT_REGION;
pub(crate) use requests::differences;
pub(crate) use service::{MessagingService, PoolMember};
pub(crate) use shelf::{Kept, Shelf, Start};
