//! The mu-law codec (ITU-T G.711): 14-bit samples in one byte, with higher resolution for quiet samples.

/// Added before the logarithm, so that every segment has a leading bit.
const BIAS: i32 = 0x84;

/// The largest magnitude that does not overflow after adding the bias.
const CLIP: i32 = 32_635;

/// Encodes a 16-bit sample.
pub const fn encode(sample: i16) -> u8 {
    let sample = sample as i32;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = if sample < 0 { -sample } else { sample };
    let biased = if magnitude > CLIP { CLIP } else { magnitude } + BIAS;
    // The leading bit of the biased magnitude is at 7 to 14; segments count from 7.
    let segment = 24 - biased.leading_zeros();
    let mantissa = (biased >> (segment + 3)) & 0x0f;
    let code = sign | (segment << 4) | mantissa.cast_unsigned();
    // Only the low byte is set. G.711 inverts all bits.
    !(code.to_le_bytes()[0])
}

/// Decodes a byte to the middle of the interval that it represents.
pub const fn decode(byte: u8) -> i16 {
    let code = !byte;
    let segment = (code >> 4) & 0x07;
    let mantissa = (code & 0x0f) as i16;
    // At most 0x84 << 7 + 0x78 << 7, minus the bias: 32,124.
    let magnitude = (((mantissa << 3) + 0x84) << segment) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    #[test]
    fn extreme_samples_have_the_codes_of_g711() {
        assert_eq!(encode(0), 0xff);
        assert_eq!(encode(i16::MAX), 0x80);
        assert_eq!(encode(i16::MIN), 0x00);
        assert_eq!(decode(0x80), 32_124);
        assert_eq!(decode(0x00), -32_124);
        assert_eq!((decode(0xff), decode(0x7f)), (0, 0));
    }

    #[test]
    fn every_byte_round_trips_except_negative_zero() {
        for byte in 0..=u8::MAX {
            let back = encode(decode(byte));
            assert_eq!(back, if byte == 0x7f { 0xff } else { byte }, "{byte:#04x}");
        }
    }

    proptest! {
        #[test]
        fn a_sample_round_trips_within_half_a_step(sample: i16) {
            let back = i32::from(decode(encode(sample)));
            let clipped = i32::from(sample).clamp(-32_635, 32_635);
            // A step is a sixteenth of its segment, and segment widths double.
            let step = ((clipped.abs() + 0x84) / 16).max(8);
            prop_assert!((back - clipped).abs() <= step / 2 + 4, "{sample} came back as {back}");
        }

        #[test]
        fn the_codec_is_monotonic(a: i16, b: i16) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(decode(encode(low)) <= decode(encode(high)));
        }
    }
}
