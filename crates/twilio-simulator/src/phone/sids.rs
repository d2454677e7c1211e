//! Generation of SIDs.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

/// Generates SIDs and idempotency tokens. The same seed yields the same values.
pub struct Sids {
    seed: [u8; 16],
    generated: AtomicU64,
}

impl Sids {
    /// Starts from a random seed.
    pub fn random() -> Self {
        let mut seed = [0; 16];
        // Without system randomness, SIDs of different runs may repeat, which is acceptable in a simulation.
        let _filled = SystemRandom::new().fill(&mut seed);
        Self { seed, generated: AtomicU64::new(0) }
    }

    /// Starts from a fixed seed.
    pub fn seeded(seed: u64) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        Self { seed: bytes, generated: AtomicU64::new(0) }
    }

    /// A new SID: the prefix and 32 hexadecimal digits.
    pub fn next(&self, prefix: &str) -> String {
        let number = self.generated.fetch_add(1, Ordering::Relaxed);
        let mut text = self.seed.to_vec();
        text.extend(number.to_be_bytes());
        let digits = digest(&SHA256, &text);
        let mut sid = prefix.to_owned();
        for byte in &digits.as_ref()[..16] {
            sid.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
            sid.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        }
        sid
    }

    /// A new value of `I-Twilio-Idempotency-Token`: a UUID.
    pub(crate) fn idempotency_token(&self) -> String {
        let digits = self.next("");
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::sid::CallSid;

    use super::Sids;

    #[test]
    fn a_seed_yields_the_same_distinct_sids_in_every_run() {
        let (first, second) = (Sids::seeded(7), Sids::seeded(7));
        let sids: Vec<_> = (0..100).map(|_| first.next("CA")).collect();
        assert!(sids.iter().all(|sid| CallSid::parse(sid).is_ok() && *sid == second.next("CA")));
        let once: std::collections::HashSet<_> = sids.iter().collect();
        assert_eq!(once.len(), sids.len());
        assert_ne!(Sids::random().next("CA"), Sids::random().next("CA"));
    }

    #[test]
    fn an_idempotency_token_has_the_form_of_a_uuid() {
        let token = Sids::seeded(1).idempotency_token();
        let lengths: Vec<_> = token.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
