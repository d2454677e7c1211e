//! The mu-law coder (ITU-T G.711): 14 bits of a sample in one byte, finer where it is quiet.

/// What is added before the logarithm is taken, so that every segment has a leading bit.
const BIAS: i32 = 0x84;

/// The loudest sample that does not overflow once the bias is added.
const CLIP: i32 = 32_635;

/// A sample of 16 bits as a byte of mu-law.
pub const fn encode(sample: i16) -> u8 {
    let sample = sample as i32;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = if sample < 0 { -sample } else { sample };
    let biased = if magnitude > CLIP { CLIP } else { magnitude } + BIAS;
    // The biased magnitude has its leading bit at 7 to 14; the segment counts from 7.
    let segment = 24 - biased.leading_zeros();
    let mantissa = (biased >> (segment + 3)) & 0x0f;
    let code = sign | (segment << 4) | mantissa.cast_unsigned();
    // Only the low byte is set. On the line all bits are inverted.
    !(code.to_le_bytes()[0])
}

/// The sample in the middle of what a byte of mu-law stands for.
pub const fn decode(byte: u8) -> i16 {
    let code = !byte;
    let segment = (code >> 4) & 0x07;
    let mantissa = (code & 0x0f) as i16;
    // At most 0x84 << 7 + 0x78 << 7, less the bias: 32,124.
    let magnitude = (((mantissa << 3) + 0x84) << segment) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    #[test]
    fn the_corners_are_those_of_the_recommendation() {
        assert_eq!(encode(0), 0xff);
        assert_eq!(encode(i16::MAX), 0x80);
        assert_eq!(encode(i16::MIN), 0x00);
        assert_eq!(decode(0x80), 32_124);
        assert_eq!(decode(0x00), -32_124);
        assert_eq!((decode(0xff), decode(0x7f)), (0, 0));
    }

    #[test]
    fn every_byte_comes_back_but_for_the_second_zero() {
        for byte in 0..=u8::MAX {
            let back = encode(decode(byte));
            assert_eq!(back, if byte == 0x7f { 0xff } else { byte }, "{byte:#04x}");
        }
    }

    proptest! {
        #[test]
        fn a_sample_comes_back_within_half_a_step(sample: i16) {
            let back = i32::from(decode(encode(sample)));
            let clipped = i32::from(sample).clamp(-32_635, 32_635);
            // A step of the segment is a sixteenth of its width, and the widths double.
            let step = ((clipped.abs() + 0x84) / 16).max(8);
            prop_assert!((back - clipped).abs() <= step / 2 + 4, "{sample} came back as {back}");
        }

        #[test]
        fn louder_is_never_quieter(a: i16, b: i16) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(decode(encode(low)) <= decode(encode(high)));
        }
    }
}
