//! An offline simulator of Twilio: its REST API, webhooks, calls and messages, on one machine.
//!
//! A [`Simulator`] holds accounts with their numbers, senders and services. [`serve`] exposes it over HTTP with
//! Twilio's paths, authentication, paging and errors, records every request, and injects faults on demand
//! ([`control`]). The module [`phone`] delivers calls and messages as Twilio does and does not depend on accounts; a
//! [`Dispatcher`] connects the two.
#![warn(missing_docs)]

pub mod control;
mod dates;
pub mod phone;
mod rest;
mod server;
mod simulator;
mod traffic;

pub use server::{Running, ServeError, serve, serve_through};
pub use simulator::{
    AccountKind, AccountSeed, AccountStatus, Application, ApplicationSeed, ApplicationSettings,
    Call, CallStatus, Capabilities, ChannelSender, Conditions, ConnectApp, ConnectAppSeed,
    Direction, Fault, FaultKind, FieldChange, InboundRoute, IncomingPhoneNumber, Instructions,
    KeyKind, KeySeed, Message, MessageStatus, NumberSeed, NumberSettings, ReceiveMode,
    RecordedRequest, RouteError, ScriptedPhone, Seed, SeedError, SenderMethod, SenderSeed,
    SenderWebhook, ServiceSeed, ServiceSettings, ShortCode, ShortCodeSeed, ShortCodeSettings, Sid,
    Simulator, Target, Tokens, WebhookMethod,
};
pub use traffic::{CallRequest, Dispatcher, MessageRequest};
