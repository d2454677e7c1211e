//! `WebSocket` connections to voice servers: media streams and conversation relays.

mod handshake;
mod media;
mod playback;
mod protocol;
mod relay;
mod report;

pub(crate) use handshake::{Handshake, Socket, open};
pub(crate) use media::{MediaParams, run as run_media};
pub(crate) use relay::{RelayParams, run as run_relay};
pub use report::{EndedBy, StreamReport};
