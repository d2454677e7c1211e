//! Reads and writes WAVE files (Microsoft, "Multimedia Programming Interface", RIFF WAVE).

use super::{SAMPLE_RATE, Sound, encode};

const PCM: u16 = 1;
const MULAW: u16 = 7;
const HEADER_BYTES: u32 = 50;

/// Why a file cannot be used as call audio. A retry with the same file fails again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaveError {
    /// Not a RIFF WAVE file, or truncated.
    #[error("is not a complete WAVE file")]
    Malformed,
    /// Neither 16-bit PCM nor mu-law.
    #[error("is neither 16-bit PCM nor mu-law")]
    Coding,
    /// More than one channel.
    #[error("has more than one channel")]
    Channels,
    /// A sample rate other than 8,000.
    #[error("has {0} samples per second instead of 8000")]
    Rate(u32),
}

/// Reads a mono WAVE file with 8,000 samples per second in 16-bit PCM or mu-law.
pub fn read_wave(file: &[u8]) -> Result<Sound, WaveError> {
    let rest = file.strip_prefix(b"RIFF").ok_or(WaveError::Malformed)?;
    let mut rest =
        rest.get(4..).and_then(|rest| rest.strip_prefix(b"WAVE")).ok_or(WaveError::Malformed)?;
    let mut coding = None;
    loop {
        let (id, after) = rest.split_first_chunk::<4>().ok_or(WaveError::Malformed)?;
        let (size, after) = after.split_first_chunk::<4>().ok_or(WaveError::Malformed)?;
        let size = u32::from_le_bytes(*size) as usize;
        let chunk = after.get(..size).ok_or(WaveError::Malformed)?;
        match (id, coding) {
            (b"fmt ", _) => coding = Some(format(chunk)?),
            (b"data", Some(MULAW)) => return Ok(Sound::new(chunk.to_vec())),
            (b"data", Some(_)) => {
                let samples =
                    chunk.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                return Ok(Sound::new(samples.map(encode).collect()));
            }
            (b"data", None) => return Err(WaveError::Malformed),
            _ => {}
        }
        // Chunks are padded to an even length.
        rest = after.get(size + size % 2..).ok_or(WaveError::Malformed)?;
    }
}

/// Writes audio as a WAVE file in mu-law.
pub fn write_wave(mulaw: &[u8]) -> Vec<u8> {
    let size = u32::try_from(mulaw.len()).unwrap_or(u32::MAX - HEADER_BYTES - 1);
    let mut file = Vec::with_capacity(mulaw.len() + 59);
    file.extend(b"RIFF");
    file.extend((HEADER_BYTES + size + size % 2).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(18_u32.to_le_bytes());
    file.extend(MULAW.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(SAMPLE_RATE.to_le_bytes());
    file.extend(SAMPLE_RATE.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(8_u16.to_le_bytes());
    file.extend(0_u16.to_le_bytes());
    // Formats other than PCM require the number of samples in a `fact` chunk.
    file.extend(b"fact");
    file.extend(4_u32.to_le_bytes());
    file.extend(size.to_le_bytes());
    file.extend(b"data");
    file.extend(size.to_le_bytes());
    file.extend(mulaw.iter().take(size as usize));
    if !size.is_multiple_of(2) {
        file.push(0);
    }
    file
}

/// The format code, if the format is supported.
fn format(chunk: &[u8]) -> Result<u16, WaveError> {
    let short = |at: usize| {
        let bytes = chunk.get(at..at + 2).ok_or(WaveError::Malformed)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    };
    let rate = u32::from(short(4)?) | u32::from(short(6)?) << 16;
    match (short(0)?, short(14)?) {
        (PCM, 16) | (MULAW, 8) => {}
        _ => return Err(WaveError::Coding),
    }
    if short(2)? != 1 {
        return Err(WaveError::Channels);
    }
    if rate != SAMPLE_RATE {
        return Err(WaveError::Rate(rate));
    }
    short(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sound, WaveError, read_wave, write_wave};
    use crate::phone::audio::encode;

    /// A WAVE file in 16-bit PCM with an unknown chunk.
    fn pcm(rate: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0\x01\0".to_vec();
        file.extend(channels.to_le_bytes());
        file.extend(rate.to_le_bytes());
        file.extend((rate * 2).to_le_bytes());
        file.extend([2, 0, 16, 0]);
        file.extend(b"data");
        file.extend(u32::try_from(samples.len() * 2).unwrap().to_le_bytes());
        file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        file
    }

    #[test]
    fn unknown_chunks_are_skipped() {
        let sound = read_wave(&pcm(8_000, 1, &[0, 1_000, -1_000])).unwrap();
        assert_eq!(sound.as_bytes(), [encode(0), encode(1_000), encode(-1_000)]);
    }

    #[test]
    fn an_unsupported_file_is_rejected_with_a_reason() {
        assert_eq!(read_wave(&pcm(44_100, 1, &[])), Err(WaveError::Rate(44_100)));
        assert_eq!(read_wave(&pcm(8_000, 2, &[])), Err(WaveError::Channels));
        assert_eq!(read_wave(b"ID3"), Err(WaveError::Malformed));
        let absolute_url = pcm(8_000, 1, &[7; 4]);
        for length in 0..absolute_url.len() {
            assert!(read_wave(&absolute_url[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn a_written_file_can_be_read(mulaw in prop::collection::vec(any::<u8>(), 0..64)) {
            let file = write_wave(&mulaw);
            prop_assert_eq!(read_wave(&file).unwrap(), Sound::new(mulaw));
            let riff_size = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
            prop_assert_eq!(riff_size + 8, file.len());
        }

        #[test]
        fn reading_never_panics(file in prop::collection::vec(any::<u8>(), 0..64)) {
            let _read = read_wave(&file);
            let mut wave = b"RIFF\0\0\0\0WAVE".to_vec();
            wave.extend(file);
            let _read = read_wave(&wave);
        }

        #[test]
        fn pcm_samples_are_encoded_one_by_one(samples in prop::collection::vec(any::<i16>(), 0..32)) {
            let sound = read_wave(&pcm(8_000, 1, &samples)).unwrap();
            let coded: Vec<u8> = samples.into_iter().map(encode).collect();
            prop_assert_eq!(sound.as_bytes(), &coded[..]);
        }
    }
}
