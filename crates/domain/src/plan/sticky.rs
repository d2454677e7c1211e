//! Deterministic pseudo-random numbers: always the same for the same caller of the same plan.

use std::fmt;
use std::hash::Hasher as _;

use ring::hmac;
use siphasher::sip::SipHasher24;

use crate::address::Address;
use crate::contact_number::contact_number;
use crate::sid::EventSid;

/// Hashes callers with a key derived from the plan's id, without which the result cannot be predicted.
#[derive(Clone)]
pub(super) struct StickyKey {
    /// For hashes that are computed once, when the plan is compiled.
    of_plan: hmac::Key,
    /// For the hash of each call: a keyed 64-bit hash that is much faster.
    of_callers: SipHasher24,
}

impl StickyKey {
    pub(super) fn new(plan: &str) -> Self {
        let of_plan = hmac::Key::new(hmac::HMAC_SHA256, plan.as_bytes());
        let of_callers = {
            let tag = hmac::sign(&of_plan, b"callers");
            let (one, two) = tag.as_ref().split_at(8);
            SipHasher24::new_with_keys(first_bytes(one), first_bytes(two))
        };
        Self { of_plan, of_callers }
    }

    /// The hash of a caller: the same for calls and messages. If the number is withheld, the hash of `event`, so that
    /// callers with withheld numbers do not all reach the same agent.
    pub(super) fn caller(&self, from: &Address, event: &EventSid) -> u64 {
        let mut hasher = self.of_callers;
        match (from, from.phone_number()) {
            (_, Some(number)) => hasher.write(contact_number(number).as_str().as_bytes()),
            (Address::Withheld, None) => hasher.write(event.as_str().as_bytes()),
            (other, None) => hasher.write(other.to_text().as_bytes()),
        }
        hasher.finish()
    }

    /// The hash of an agent or a rule.
    pub(super) fn salt(&self, kind: &str, text: &str) -> u64 {
        let mut context = hmac::Context::with_key(&self.of_plan);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        first_bytes(context.sign().as_ref())
    }
}

/// Does not show the key.
impl fmt::Debug for StickyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StickyKey")
    }
}

fn first_bytes(tag: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (byte, from) in bytes.iter_mut().zip(tag) {
        *byte = *from;
    }
    u64::from_be_bytes(bytes)
}

/// A caller's pseudo-random number for one agent or rule, independent of the numbers for others. (The finalizer of
/// `SplitMix64`, in which every input bit affects every output bit.)
pub(super) const fn mixed(caller: u64, salt: u64) -> u64 {
    let mut bits = caller ^ salt;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Maps bits to a number between 0 and 1, both excluded.
pub(super) fn unit(bits: u64) -> f64 {
    // The upper 52 bits as a fraction, plus half a step: never 0, never 1.
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit into the mantissa")]
    let upper = (bits >> 12) as f64;
    (upper + 0.5) / 4_503_599_627_370_496.0
}

#[cfg(test)]
mod tests {
    use super::{StickyKey, mixed, unit};
    use crate::address::Address;
    use crate::sid::{CallSid, EventSid, MessageSid};

    fn call_sid(n: u32) -> EventSid {
        EventSid::Call(CallSid::parse(&format!("CA{n:032x}")).unwrap())
    }

    fn message_sid() -> EventSid {
        EventSid::Message(MessageSid::SUPPOSED)
    }

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn a_caller_has_one_hash_per_plan_for_calls_and_messages() {
        let key = StickyKey::new("pln_1");
        let call = key.caller(&address("+14155550100"), &call_sid(1));
        assert_eq!(call, key.caller(&address("+14155550100"), &call_sid(2)));
        assert_eq!(call, key.caller(&address("whatsapp:+14155550100"), &message_sid()));
        assert_eq!(
            key.caller(&address("+525512345678"), &call_sid(1)),
            key.caller(&address("whatsapp:+5215512345678"), &message_sid()),
        );
        assert_ne!(call, key.caller(&address("+14155550101"), &call_sid(1)));
        assert_ne!(call, StickyKey::new("pln_2").caller(&address("+14155550100"), &call_sid(1)));
    }

    #[test]
    fn withheld_callers_have_one_hash_per_call() {
        let key = StickyKey::new("pln_1");
        let withheld = address("anonymous");
        assert_ne!(key.caller(&withheld, &call_sid(1)), key.caller(&withheld, &call_sid(2)));
    }

    #[test]
    fn a_unit_is_neither_zero_nor_one() {
        for bits in [0, 1, u64::MAX, mixed(1, 2)] {
            assert!(unit(bits) > 0.0 && unit(bits) < 1.0);
        }
    }
}
