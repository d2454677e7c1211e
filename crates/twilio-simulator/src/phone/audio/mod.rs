//! Audio as telephone lines carry it: mu-law, 8,000 samples per second, mono.

mod mulaw;
mod sound;
mod wave;

pub use mulaw::{decode, encode};
pub use sound::Sound;
pub use wave::{WaveError, read_wave, write_wave};

/// Samples per second; one sample is one byte.
pub const SAMPLE_RATE: u32 = 8_000;

/// Bytes per frame of 20 ms (Twilio, Media Streams).
pub const FRAME_BYTES: usize = 160;

/// Bytes of mu-law per millisecond.
pub(crate) const BYTES_A_MILLISECOND: usize = 8;

/// A silent sample in mu-law.
pub const SILENCE: u8 = 0xff;
