//! The consent of contacts.

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{ConsentStore, StoreError};
use switchboard_domain::sid::{AccountSid, MessageSid};

use super::dialect::{Conn, Moment, Store, Ts};
use super::schema::consents;
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;

upserts! {
    /// A change of consent, as stored.
    pub(crate) struct ConsentRow in consents {
        organization_id: String as Text,
        sender: String as Text,
        contact: String as Text,
        state: String as Text,
        changed_at: Moment as Ts,
        account_sid: String as Text,
        message_sid: Option<String> as Nullable<Text>,
    }

    /// Stores changes, unless a later one is stored. Of two at the same time, the one that opts out stands.
    RecordConsents = "ON CONFLICT (organization_id, sender, contact) DO UPDATE SET \
         state = excluded.state, changed_at = excluded.changed_at, \
         account_sid = excluded.account_sid, message_sid = excluded.message_sid \
         WHERE excluded.changed_at > consents.changed_at \
         OR (excluded.changed_at = consents.changed_at AND excluded.state = 'opted_out')";
}

impl From<&Consent> for ConsentRow {
    fn from(consent: &Consent) -> Self {
        Self {
            organization_id: consent.organization.as_str().to_owned(),
            sender: consent.key.sender().to_owned(),
            contact: consent.key.contact().to_owned(),
            state: consent.state.as_str().to_owned(),
            changed_at: Moment(consent.changed_at),
            account_sid: consent.account.as_str().to_owned(),
            message_sid: consent.message.map(|sid| sid.as_str().to_owned()),
        }
    }
}

fn consent(row: &ConsentRow, key: &ConversationKey) -> Result<Consent, StoreError> {
    // The key of the row is a phone number, which no error may show.
    let at = Row::new("consents", &row.account_sid);
    Ok(Consent {
        organization: at.read("organization_id", OrganizationId::parse(&row.organization_id))?,
        key: key.clone(),
        state: at.word("state", ConsentState::parse(&row.state))?,
        changed_at: row.changed_at.0,
        account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
        message: at.optional("message_sid", row.message_sid.as_deref(), MessageSid::parse)?,
    })
}

#[async_trait]
impl ConsentStore for Store {
    async fn record(&self, consent: &Consent) -> Result<(), StoreError> {
        self.write("consent.record", ConsentRow::from(consent), |conn, row| {
            record(conn, row).boxed()
        })
        .await
    }

    async fn find(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<Consent>, StoreError> {
        let wanted = (organization.clone(), key.clone());
        let found = self
            .read("consent.find", wanted, |conn, (organization, key)| {
                find(conn, organization, key).boxed()
            })
            .await?;
        found.map(|row| consent(&row, key)).transpose()
    }
}

async fn record(conn: &mut Conn, row: &ConsentRow) -> Result<(), Failure> {
    execute::<RecordConsents>(conn, vec![row.clone()].into()).await?;
    Ok(())
}

async fn find(
    conn: &mut Conn,
    organization: &OrganizationId,
    key: &ConversationKey,
) -> Result<Option<ConsentRow>, Failure> {
    let query = consents::table
        .find((organization.as_str(), key.sender(), key.contact()))
        .select(ConsentRow::as_select());
    Ok(query.first(conn).await.optional()?)
}
