//! Erasing a contact: what identifies the person is removed, and what happened stays without them.

use crate::address::Address;
use crate::agent::Label;
use crate::contact_number;
use crate::identifier::OrganizationId;
use crate::phone_number::PhoneNumber;

/// The addresses of one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    addresses: Vec<Address>,
    numbers: Vec<PhoneNumber>,
}

impl Contact {
    /// The contact of an address. A phone number stands for all channels on which it can be reached. `None` for an address
    /// that identifies nobody.
    pub fn of(address: &Address) -> Option<Self> {
        if matches!(address, Address::Withheld | Address::Erased) {
            return None;
        }
        let numbers = address.phone_number().map(contact_number::spellings).unwrap_or_default();
        let addresses = if numbers.is_empty() {
            vec![address.clone()]
        } else {
            numbers.iter().flat_map(|number| of_number(*number)).collect()
        };
        Some(Self { addresses, numbers })
    }

    /// The texts of the addresses, as they are stored.
    pub fn texts(&self) -> Vec<String> {
        self.addresses.iter().map(Address::to_text).collect()
    }

    /// The phone number of the contact in all its spellings, if it has one.
    pub fn numbers(&self) -> &[PhoneNumber] {
        &self.numbers
    }

    /// The contact with other addresses that are its own.
    #[must_use]
    pub fn with(mut self, addresses: impl IntoIterator<Item = Address>) -> Self {
        for address in addresses {
            if !self.addresses.contains(&address) {
                self.addresses.push(address);
            }
        }
        self
    }

    /// Both contacts, who are the same person.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        for number in other.numbers {
            if !self.numbers.contains(&number) {
                self.numbers.push(number);
            }
        }
        self.with(other.addresses)
    }

    /// Whether an address is one of the contact.
    pub fn is_known_by(&self, address: &Address) -> bool {
        self.addresses.contains(address)
    }

    /// Whether an address is a SIP address whose user is the phone number of the contact.
    pub fn is_sip_of_number(&self, address: &Address) -> bool {
        match address {
            Address::Sip(text) => self.numbers.iter().any(|number| is_sip_of(text, *number)),
            _ => false,
        }
    }

    /// How SIP addresses of the contact begin whose user is the phone number: up to the host.
    pub fn sip_prefixes(&self) -> Vec<String> {
        let of_number = |number: &PhoneNumber| {
            let digits = digits(*number);
            [format!("sip:+{digits}@"), format!("sip:{digits}@")]
                .into_iter()
                .chain([format!("sips:+{digits}@"), format!("sips:{digits}@")])
                .collect::<Vec<_>>()
        };
        self.numbers.iter().flat_map(of_number).collect()
    }
}

/// The addresses of a phone number.
fn of_number(number: PhoneNumber) -> [Address; 4] {
    [
        Address::Phone(number),
        Address::WhatsApp(number),
        Address::RcsPhone(number),
        // As carriers write it without a plus.
        Address::Raw(digits(number)),
    ]
}

fn digits(number: PhoneNumber) -> String {
    number.as_str().trim_start_matches('+').to_owned()
}

/// Whether the user part of a SIP address is a phone number, with or without its plus.
fn is_sip_of(text: &str, number: PhoneNumber) -> bool {
    let user = text.split_once(':').and_then(|(_, rest)| rest.split_once('@'));
    user.is_some_and(|(user, _)| user.strip_prefix('+').unwrap_or(user) == digits(number))
}

/// How many records name a contact, or were erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasureCounts {
    /// Calls from or to the contact.
    pub calls: u64,
    /// Messages from or to the contact.
    pub messages: u64,
    /// Deliveries of messages to the contact.
    pub deliveries: u64,
    /// Conversations with the contact.
    pub conversations: u64,
    /// Entries of number lists.
    pub list_entries: u64,
}

impl ErasureCounts {
    /// All of them.
    pub const fn total(self) -> u64 {
        let records = self.calls.saturating_add(self.messages).saturating_add(self.deliveries);
        records.saturating_add(self.conversations).saturating_add(self.list_entries)
    }

    /// Adds what another batch erased.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            messages: self.messages.saturating_add(other.messages),
            deliveries: self.deliveries.saturating_add(other.deliveries),
            conversations: self.conversations.saturating_add(other.conversations),
            list_entries: self.list_entries.saturating_add(other.list_entries),
        }
    }
}

/// What operators wrote that names the contact. It decides calls, so it is not changed silently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// A list has no other number than the contact's. An empty list is not valid in a condition.
    OnlyEntry {
        /// Its organization.
        organization: OrganizationId,
        /// Its name.
        list: Label,
    },
    /// The document of a version of a routing plan.
    Plan {
        /// Its organization.
        organization: OrganizationId,
        /// Its name.
        plan: Label,
        /// The version.
        version: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::Contact;
    use crate::address::Address;

    fn contact(text: &str) -> Contact {
        Contact::of(&Address::parse_caller(text).unwrap()).unwrap()
    }

    #[test]
    fn a_number_stands_for_all_channels_of_the_contact() {
        let contact = contact("whatsapp:+14155550199");
        for text in [
            "+14155550199",
            "whatsapp:+14155550199",
            "rcs:+14155550199",
            "14155550199",
            "sip:+14155550199@example.com",
            "sips:14155550199@example.com;transport=tls",
        ] {
            let address = Address::parse_caller(text).unwrap();
            assert!(contact.is_known_by(&address) || contact.is_sip_of_number(&address), "{text}");
        }
        for text in
            ["+14155550198", "sip:4155550199@example.com", "client:14155550199", "anonymous"]
        {
            let address = Address::parse_caller(text).unwrap();
            assert!(
                !contact.is_known_by(&address) && !contact.is_sip_of_number(&address),
                "{text}"
            );
        }
    }

    #[test]
    fn other_addresses_stand_for_themselves_and_nobody_is_no_contact() {
        assert_eq!(contact("client:jo").texts(), ["client:jo"]);
        assert_eq!(contact("sip:jo@example.com").texts(), ["sip:jo@example.com"]);
        assert_eq!(Contact::of(&Address::Withheld), None);
        assert_eq!(Contact::of(&Address::Erased), None);
    }
}
