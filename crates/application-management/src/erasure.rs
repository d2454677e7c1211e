//! Erases a contact.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::erasure::{Contact, ErasureCounts, Mention};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    ConsentFilter, ConsentStore, ErasureStore, NumberStore, Page, Retry, StoreError,
};
use tokio::time::{Instant, sleep};

use crate::error::ManageError;

/// The maximum number of calls and of messages that one transaction erases.
const BATCH: u32 = 100;
/// How many consents are read at once.
const PAGE: u32 = 500;
/// After a batch, other writers get this many times its duration.
const PAUSES: u32 = 2;

/// Erases what is stored about a contact: addresses and texts.
pub struct EraseContact {
    /// Stores the records.
    pub store: Arc<dyn ErasureStore>,
    /// Stores the numbers of the installation, which are not contacts.
    pub numbers: Arc<dyn NumberStore>,
    /// Stores which contacts want messages, which an erasure keeps.
    pub consents: Arc<dyn ConsentStore>,
}

/// The stored data about a contact.
pub struct KnownContact {
    contact: Contact,
    /// The number of records and list entries that would be changed.
    pub counts: ErasureCounts,
    /// The places that contain the contact and are not changed.
    pub mentions: Vec<Mention>,
    /// The number of senders for which the contact opted out or in. They are kept: without them, it would get messages
    /// again.
    pub consents: u64,
}

/// Why a contact was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// A withheld address does not identify a contact.
    #[error("a withheld number identifies no contact")]
    Nobody,
    /// The number belongs to the installation.
    #[error("the number is one of the installation, not a contact")]
    OwnNumber,
    /// The store failed.
    #[error(transparent)]
    Manage(#[from] ManageError),
}

impl EraseError {
    /// Whether retrying the same operation later can succeed.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Nobody | Self::OwnNumber => Retry::Never,
            Self::Manage(error) => error.retry(),
        }
    }
}

impl EraseContact {
    /// Finds the stored data about the contact with this address.
    pub async fn find(&self, scope: &Scope, address: &Address) -> Result<KnownContact, EraseError> {
        let contact = Contact::of(address).ok_or(EraseError::Nobody)?;
        for number in contact.numbers() {
            let own = self.numbers.find(&Scope::Operator, (*number).into()).await;
            if own.map_err(ManageError::store("finding the number"))?.is_some() {
                return Err(EraseError::OwnNumber);
            }
        }
        let failed = || ManageError::store("looking the contact up");
        let linked = self.store.linked_addresses(scope, &contact).await.map_err(failed())?;
        let linked = linked.iter().filter_map(Contact::of);
        let contact = linked.fold(contact, Contact::joined);
        let sips = self.store.sip_addresses(scope, &contact).await.map_err(failed())?;
        let contact = contact.with(sips);
        let counts = self.store.count_contact(scope, &contact).await.map_err(failed())?;
        let mentions = self.store.mentions(scope, &contact).await.map_err(failed())?;
        let consents = self.consents(scope, &contact).await.map_err(failed())?;
        Ok(KnownContact { contact, counts, mentions, consents })
    }

    async fn consents(&self, scope: &Scope, contact: &Contact) -> Result<u64, StoreError> {
        let mut count = 0;
        for text in contact.texts() {
            let filter = ConsentFilter { contact: Some(text), ..ConsentFilter::default() };
            let mut page = Page::first(PAGE);
            loop {
                let listed = self.consents.list(scope, &filter, &page).await?;
                count += listed.len() as u64;
                let Some(last) = listed.into_iter().last() else { break };
                page = Page::behind((last.organization, last.key), PAGE);
            }
        }
        Ok(count)
    }

    /// Erases the contact in small batches, so that no webhook waits long for one, and reports the
    /// progress.
    pub async fn erase(
        &self,
        scope: &Scope,
        known: &KnownContact,
        mut progress: impl FnMut(ErasureCounts) + Send,
    ) -> Result<ErasureCounts, ManageError> {
        let mut erased = ErasureCounts::default();
        loop {
            let began = Instant::now();
            let batch = self.store.erase_contact(scope, &known.contact, BATCH).await;
            let batch = batch.map_err(ManageError::store("erasing the contact"))?;
            if batch.total() == 0 {
                break;
            }
            erased = erased.plus(batch);
            progress(erased);
            sleep(began.elapsed() * PAUSES).await;
        }
        let overwritten = self.store.overwrite_erased().await;
        overwritten.map_err(ManageError::store("overwriting erased data"))?;
        Ok(erased)
    }
}
