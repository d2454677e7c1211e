//! Audio clips.

use std::time::Duration;

use super::{BYTES_A_MILLISECOND, FRAME_BYTES, SAMPLE_RATE, SILENCE, encode};

/// The amplitude of a generated tone: half of the 16-bit range.
const AMPLITUDE: f64 = 16_384.0;

/// Mu-law audio at 8 kHz.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound(Vec<u8>);

impl Sound {
    /// Wraps mu-law bytes.
    pub const fn new(mulaw: Vec<u8>) -> Self {
        Self(mulaw)
    }

    /// A sine tone with a frequency in hertz.
    pub fn tone(hertz: f64, length: Duration) -> Self {
        let samples = u32::try_from(length.as_millis()).unwrap_or(u32::MAX / 8) * 8;
        let turn = std::f64::consts::TAU * hertz / f64::from(SAMPLE_RATE);
        Self((0..samples).map(|index| encode(sample(turn * f64::from(index)))).collect())
    }

    /// The mu-law bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The duration.
    pub fn length(&self) -> Duration {
        length(self.0.len())
    }

    /// Frames of 20 ms; the last one is padded with silence.
    pub fn frames(&self) -> impl Iterator<Item = [u8; FRAME_BYTES]> {
        self.0.chunks(FRAME_BYTES).map(|chunk| {
            let mut frame = [SILENCE; FRAME_BYTES];
            frame[..chunk.len()].copy_from_slice(chunk);
            frame
        })
    }
}

/// The duration of a number of mu-law bytes.
pub(crate) fn length(bytes: usize) -> Duration {
    Duration::from_millis((bytes / BYTES_A_MILLISECOND) as u64)
}

#[expect(clippy::cast_possible_truncation, reason = "the amplitude fits in 16 bits")]
fn sample(angle: f64) -> i16 {
    (angle.sin() * AMPLITUDE) as i16
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Sound;
    use crate::phone::audio::{FRAME_BYTES, SILENCE, decode};

    #[test]
    fn a_tone_has_the_requested_duration_and_frequency() {
        let tone = Sound::tone(500.0, Duration::from_secs(1));
        assert_eq!(tone.length(), Duration::from_secs(1));
        let samples: Vec<i16> = tone.as_bytes().iter().map(|byte| decode(*byte)).collect();
        let rising = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((499..=500).contains(&rising), "{rising} periods");
    }

    #[test]
    fn the_last_frame_is_padded_with_silence() {
        let sound = Sound::new(vec![1; FRAME_BYTES + 1]);
        let frames: Vec<_> = sound.frames().collect();
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[1][..2], [1, SILENCE]);
    }
}
