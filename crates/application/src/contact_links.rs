//! Contacts who are known by a number and by a WhatsApp user id.

use std::sync::Arc;

use quick_cache::sync::Cache;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::Verified;
use switchboard_domain::causes::Causes;
use switchboard_domain::contact_link::linked_user;
use switchboard_domain::form::Form;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::ContactLinkStore;
use switchboard_domain::time::Timestamp;

use crate::deadline::{Deadlines, within};

/// The maximum number of user ids in memory. Another one costs a read or a write.
const MAX_USERS: usize = 20_000;
/// Seconds after which a link is stored again, so that it is not deleted as old.
const CONFIRMED_EVERY: i64 = 24 * 3_600;

/// Finds the numbers of contacts who write from a user id.
pub struct ContactLinks {
    store: Arc<dyn ContactLinkStore>,
    deadlines: Deadlines,
    known: Cache<(OrganizationId, String), (PhoneNumber, Timestamp)>,
}

impl ContactLinks {
    /// An empty cache in front of `store`.
    pub fn new(store: Arc<dyn ContactLinkStore>, deadlines: Deadlines) -> Self {
        Self { store, deadlines, known: Cache::new(MAX_USERS) }
    }

    /// The address by which the contact is known who sent a message: that of the number if the message comes from a user id
    /// whose number an earlier message named. A message that names both is remembered. If the store fails, the contact is
    /// known by the user id.
    pub(crate) async fn known_as(
        &self,
        verified: &Verified,
        form: &Form,
        from: &Address,
        now: Timestamp,
    ) -> Option<Address> {
        let organization = verified.organization();
        if matches!(from, Address::WhatsAppUser(_)) {
            return self.number_of(organization, from).await.map(Address::WhatsApp);
        }
        if verified.verified_by().is_token()
            && let Some((user, number)) = linked_user(form, from)
        {
            self.remember(organization, &user, number, now).await;
        }
        None
    }

    async fn remember(
        &self,
        organization: &OrganizationId,
        user: &Address,
        number: PhoneNumber,
        now: Timestamp,
    ) {
        let key = (organization.clone(), user.to_text());
        let is_recent = |known: (PhoneNumber, Timestamp)| {
            known.0 == number && now < known.1.plus_seconds(CONFIRMED_EVERY)
        };
        if self.known.get(&key).is_some_and(is_recent) {
            return;
        }
        let link = self.store.link(organization, user, number, now);
        match within(self.deadlines.write, "contact_link.link", link).await {
            Ok(()) => self.known.insert(key, (number, now)),
            Err(error) => {
                tracing::warn!(error = %Causes(&error), "the user id of a contact could not be stored");
            }
        }
    }

    async fn number_of(
        &self,
        organization: &OrganizationId,
        user: &Address,
    ) -> Option<PhoneNumber> {
        let found = self.store.number_of(organization, user);
        let found = within(self.deadlines.read, "contact_link.number_of", found).await;
        found.unwrap_or_else(|error| {
            tracing::warn!(error = %Causes(&error), "the number of a contact could not be read");
            None
        })
    }
}
