//! Sound as a phone line carries it: mu-law, 8,000 samples a second, one channel.

mod mulaw;
mod sound;
mod wave;

pub use mulaw::{decode, encode};
pub use sound::Sound;
pub use wave::{WaveError, read_wave, write_wave};

/// Samples, and so bytes, a second.
pub const SAMPLE_RATE: u32 = 8_000;

/// Bytes in one frame of 20 milliseconds (Twilio, Media Streams: messages of 20 ms).
pub const FRAME_BYTES: usize = 160;

/// Bytes of mu-law in a millisecond.
pub(crate) const BYTES_A_MILLISECOND: usize = 8;

/// Silence in mu-law.
pub const SILENCE: u8 = 0xff;
