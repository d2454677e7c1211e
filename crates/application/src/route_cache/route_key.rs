//! The keys of the route cache.

use std::hash::{BuildHasher, RandomState};

use switchboard_domain::sender::Sender;

/// The digits of a phone number take 60 bits.
const OTHER: u64 = 0xf << 60;

/// The key of a sender. It has eight bytes, so two entries fit into a cache line. The digits of phone numbers are unique;
/// the keys of other senders are hashes, so an entry tells whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RouteKey(u64);

/// Makes keys.
pub(super) struct RouteKeys {
    hasher: RandomState,
}

impl RouteKeys {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new() }
    }

    pub(super) fn key(&self, sender: Sender) -> RouteKey {
        RouteKey(sender.number_digits().unwrap_or_else(|| self.hasher.hash_one(sender) | OTHER))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use switchboard_domain::sender::Sender;

    use super::RouteKeys;

    #[test]
    fn each_sender_has_its_own_key() {
        let keys = RouteKeys::new();
        let senders = ["+14155550100", "whatsapp:+14155550100", "rcs:+14155550100", "12345"];
        let all: HashSet<_> =
            senders.iter().map(|text| keys.key(Sender::parse(text).unwrap())).collect();
        assert_eq!(all.len(), senders.len());
    }
}
