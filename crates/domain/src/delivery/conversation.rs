//! What identifies a conversation.

use std::fmt;

use crate::address::Address;
use crate::contact_number::{contact_number, spellings};

/// The two sides of a conversation. A phone number is the same on every channel and in every national spelling, so that
/// a contact has one conversation with a number, by SMS, WhatsApp and RCS.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationKey {
    sender: String,
    contact: String,
}

impl ConversationKey {
    /// The conversation of a contact with our number or sender.
    pub fn new(ours: &Address, contact: &Address) -> Self {
        Self { sender: side(ours), contact: side(contact) }
    }

    /// How a side is written in a key.
    pub fn side(address: &Address) -> String {
        side(address)
    }

    /// A key as it is stored.
    pub fn stored(sender: &str, contact: &str) -> Self {
        Self { sender: sender.to_owned(), contact: contact.to_owned() }
    }

    /// Our number or sender.
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// The contact's address in the one spelling of all its addresses.
    pub fn contact(&self) -> &str {
        &self.contact
    }
}

/// The addresses from which a contact writes: a phone number on each channel and in each national spelling.
pub fn addresses_of_contact(address: &Address) -> Vec<Address> {
    let Some(number) = address.phone_number() else {
        return match address {
            Address::Withheld | Address::Erased => Vec::new(),
            other => vec![other.clone()],
        };
    };
    let on_each_channel =
        |number| [Address::Phone(number), Address::WhatsApp(number), Address::RcsPhone(number)];
    spellings(number).into_iter().flat_map(on_each_channel).collect()
}

/// Those of these addresses that can call or be called.
pub fn addresses_of_calls(addresses: &[Address]) -> Vec<Address> {
    let is_for_messages = |address: &Address| {
        matches!(
            address,
            Address::RcsPhone(_)
                | Address::RcsSender(_)
                | Address::Messenger(_)
                | Address::ShortCode(_)
                | Address::Alphanumeric(_)
        )
    };
    addresses.iter().filter(|address| !is_for_messages(address)).cloned().collect()
}

fn side(address: &Address) -> String {
    match address.phone_number() {
        Some(number) => contact_number(number).as_str().to_owned(),
        None => address.to_text(),
    }
}

/// Shows no address.
impl fmt::Debug for ConversationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ConversationKey;
    use crate::address::Address;

    fn key(ours: &str, contact: &str) -> ConversationKey {
        let parse = |text| Address::parse(text).unwrap();
        ConversationKey::new(&parse(ours), &parse(contact))
    }

    #[test]
    fn a_contact_has_one_conversation_with_a_number_on_all_channels() {
        let sms = key("+14155550100", "+525512345678");
        assert_eq!(key("whatsapp:+14155550100", "whatsapp:+5215512345678"), sms);
        assert_ne!(key("+14155550101", "+525512345678"), sms);
        assert_ne!(key("+14155550100", "+525512345679"), sms);
    }

    #[test]
    fn a_sender_without_a_number_has_its_own_conversations() {
        let rcs = key("rcs:acme_agent", "rcs:+14155550199");
        assert_eq!((rcs.sender(), rcs.contact()), ("rcs:acme_agent", "+14155550199"));
    }

    #[test]
    fn debug_shows_no_address() {
        assert!(!format!("{:?}", key("+14155550100", "+14155550199")).contains("0199"));
    }
}
