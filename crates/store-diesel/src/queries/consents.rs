//! The consent of contacts.

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::event::event_of_consent;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{ConsentFilter, ConsentPlace, ConsentStore, Page, StoreError};
use switchboard_domain::sid::{AccountSid, MessageSid};

use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::events::add_events;
use super::only;
use super::schema::consents;
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, readable_rows, stored_page};

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

pub(super) fn consent(row: &ConsentRow) -> Result<Consent, StoreError> {
    // The key of the row is a phone number, which no error may show.
    let at = Row::new("consents", &row.account_sid);
    Ok(Consent {
        organization: at.read("organization_id", OrganizationId::parse(&row.organization_id))?,
        key: ConversationKey::stored(&row.sender, &row.contact),
        state: at.word("state", ConsentState::parse(&row.state))?,
        changed_at: row.changed_at.0,
        account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
        message: at.optional("message_sid", row.message_sid.as_deref(), MessageSid::parse)?,
    })
}

#[async_trait]
impl ConsentStore for Store {
    async fn record(&self, consent: &Consent) -> Result<(), StoreError> {
        self.write("consent.record", consent.clone(), |conn, consent| record(conn, consent).boxed())
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
        found.as_ref().map(consent).transpose()
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: &ConsentFilter,
        page: &Page<ConsentPlace>,
    ) -> Result<Vec<Consent>, StoreError> {
        readable_page(
            stored_page(page, |(organization, key)| StoredKey {
                organization: organization.as_str().to_owned(),
                sender: key.sender().to_owned(),
                contact: key.contact().to_owned(),
            }),
            |row: &ConsentRow| StoredKey {
                organization: row.organization_id.clone(),
                sender: row.sender.clone(),
                contact: row.contact.clone(),
            },
            |row| consent(&row),
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("consent.list", wanted, |conn, (scope, filter, page)| {
                    list(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }
}

/// The primary key.
#[derive(Clone)]
struct StoredKey {
    organization: String,
    sender: String,
    contact: String,
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &ConsentFilter,
    page: &Page<StoredKey>,
) -> Result<Vec<ConsentRow>, Failure> {
    let mut query = consents::table
        .select(ConsentRow::as_select())
        .order((consents::organization_id, consents::sender, consents::contact))
        .limit(page.limit.into())
        .into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(consents::organization_id.eq(organization));
    }
    if let Some(sender) = &filter.sender {
        query = query.filter(consents::sender.eq(sender));
    }
    if let Some(contact) = &filter.contact {
        query = query.filter(consents::contact.eq(contact));
    }
    if let Some(StoredKey { organization, sender, contact }) = &page.after {
        let is_behind = consents::sender
            .gt(sender)
            .or(consents::sender.eq(sender).and(consents::contact.gt(contact)));
        let is_behind = consents::organization_id
            .gt(organization)
            .or(consents::organization_id.eq(organization).and(is_behind));
        query = query.filter(consents::organization_id.ge(organization)).filter(is_behind);
    }
    Ok(query.load(conn).await?)
}

/// Records the consent of a user id as that of the number by which the contact is known now.
pub(super) async fn carry_over(
    conn: &mut Conn,
    organization: &str,
    user: &str,
    number: PhoneNumber,
) -> Result<(), Failure> {
    let of_user = consents::table
        .filter(consents::organization_id.eq(organization))
        .filter(consents::contact.eq(user))
        .order(consents::sender)
        .select(ConsentRow::as_select());
    let of_user: Vec<ConsentRow> = of_user.load(conn).await?;
    for consent in readable_rows(of_user.iter().map(consent))? {
        record(conn, &consent.of_number(number)).await?;
    }
    Ok(())
}

async fn record(conn: &mut Conn, consent: &Consent) -> Result<(), Failure> {
    let row = ConsentRow::from(consent);
    let before = consents::table
        .find((&row.organization_id, &row.sender, &row.contact))
        .select(consents::state);
    let before: Option<String> = held!(before).first(conn).await.optional()?;
    let before = before.as_deref().and_then(ConsentState::parse);
    if execute::<RecordConsents>(conn, [row].into()).await? > 0 {
        let happened = event_of_consent(consent, before);
        add_events(conn, happened.as_slice()).await?;
    }
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
