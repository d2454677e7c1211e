//! The `WebSocket`s to voice servers: media streams and conversation relays.

mod media;
mod opening;
mod playback;
mod protocol;
mod relay;
mod report;

pub(crate) use media::{MediaOrder, run as run_media};
pub(crate) use opening::{Opening, Socket, open};
pub(crate) use relay::{RelayOrder, run as run_relay};
pub use report::{EndedBy, StreamReport};
