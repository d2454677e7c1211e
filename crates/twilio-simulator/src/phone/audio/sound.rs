//! What a caller says.

use std::time::Duration;

use super::{BYTES_A_MILLISECOND, FRAME_BYTES, SAMPLE_RATE, SILENCE, encode};

/// How loud a generated tone is: half of what a sample can hold.
const AMPLITUDE: f64 = 16_384.0;

/// A sound in mu-law at 8 kHz.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound(Vec<u8>);

impl Sound {
    /// Takes bytes of mu-law.
    pub const fn new(mulaw: Vec<u8>) -> Self {
        Self(mulaw)
    }

    /// A tone of so many hertz.
    pub fn tone(hertz: f64, length: Duration) -> Self {
        let samples = u32::try_from(length.as_millis()).unwrap_or(u32::MAX / 8) * 8;
        let turn = std::f64::consts::TAU * hertz / f64::from(SAMPLE_RATE);
        Self((0..samples).map(|index| encode(sample(turn * f64::from(index)))).collect())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        length(self.0.len())
    }

    /// Frames of 20 ms; the last one is filled up with silence.
    pub fn frames(&self) -> impl Iterator<Item = [u8; FRAME_BYTES]> {
        self.0.chunks(FRAME_BYTES).map(|chunk| {
            let mut frame = [SILENCE; FRAME_BYTES];
            frame[..chunk.len()].copy_from_slice(chunk);
            frame
        })
    }
}

/// How long so many bytes sound.
pub(crate) fn length(bytes: usize) -> Duration {
    Duration::from_millis((bytes / BYTES_A_MILLISECOND) as u64)
}

#[expect(clippy::cast_possible_truncation, reason = "the amplitude is within 16 bits")]
fn sample(angle: f64) -> i16 {
    (angle.sin() * AMPLITUDE) as i16
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Sound;
    use crate::phone::audio::{FRAME_BYTES, SILENCE, decode};

    #[test]
    fn a_tone_is_as_long_and_as_high_as_asked() {
        let tone = Sound::tone(500.0, Duration::from_secs(1));
        assert_eq!(tone.length(), Duration::from_secs(1));
        let samples: Vec<i16> = tone.as_bytes().iter().map(|byte| decode(*byte)).collect();
        let rising = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((499..=500).contains(&rising), "{rising} periods");
    }

    #[test]
    fn the_last_frame_is_filled_with_silence() {
        let sound = Sound::new(vec![1; FRAME_BYTES + 1]);
        let frames: Vec<_> = sound.frames().collect();
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[1][..2], [1, SILENCE]);
    }
}
