//! The offline phone company: Twilio's REST API, and calls and messages, on one machine.
//!
//! A [`Company`] holds accounts and everything in them. [`serve`] answers for it over HTTP with Twilio's paths,
//! credentials, paging and errors; every request is remembered, and whatever can go wrong can be ordered
//! ([`control`]). The module [`phone`] delivers calls and messages as Twilio does, and knows nothing of accounts;
//! a [`Switchroom`] brings both together.
#![warn(missing_docs)]

mod company;
pub mod control;
pub mod phone;
mod rest;
mod server;
mod traffic;

pub use company::{
    AccountKind, AccountSeed, AccountStatus, Application, ApplicationSeed, ApplicationSettings,
    Call, CallStatus, Capabilities, ChannelSender, Company, Conditions, Direction, Fault,
    FaultKind, FieldChange, IncomingPhoneNumber, Instructions, KeyKind, KeySeed, Message,
    MessageStatus, NumberSeed, NumberSettings, Reached, ReceiveMode, RecordedRequest, Seed,
    SeedError, SenderMethod, SenderSeed, SenderWebhook, ServiceSeed, ServiceSettings, Sid, Target,
    Tokens, Unreachable, WebhookMethod,
};
pub use server::{Running, ServeError, serve, serve_through};
pub use traffic::{CallOrder, MessageOrder, Switchroom};
