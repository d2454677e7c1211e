//! What numbers may be, and what they are if they are left out.

use std::ops::RangeInclusive;

/// How many characters are said at once (Twilio, TwiML Say).
pub(crate) const SENTENCE_CHARACTERS: usize = 4_096;
/// Weights of agents.
pub(crate) const WEIGHTS: RangeInclusive<u32> = 0..=1_000_000;
/// The weight of an agent that has none.
pub(crate) const WEIGHT: u32 = 1;
/// How long a decision service may be waited for: Twilio itself waits for 15 seconds, and a caller hears nothing.
pub(crate) const ASK_MILLISECONDS: RangeInclusive<u32> = 50..=5_000;
/// How long it is waited for otherwise.
pub(crate) const ASK_MILLISECOND_DEFAULT: u32 = 1_000;
/// How long a phone may ring (Twilio, TwiML Dial: `timeout`).
pub(crate) const DIAL_SECONDS: RangeInclusive<u16> = 5..=600;
/// How long it rings otherwise.
pub(crate) const DIAL_SECOND_DEFAULT: u16 = 20;
/// How long a caller's message may be (Twilio, TwiML Record: `maxLength`).
pub(crate) const VOICEMAIL_SECONDS: RangeInclusive<u16> = 2..=14_400;
/// How long it may be otherwise.
pub(crate) const VOICEMAIL_SECOND_DEFAULT: u16 = 120;
