//! Conversations.

use async_trait::async_trait;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::address::Address;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::{ConversationId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    ContactLinkStore, Conversation, ConversationFilter, ConversationPlace, ConversationStore, Page,
    StoreError,
};
use switchboard_domain::time::Timestamp;

use super::contact_links::{self, ContactLinkRow};
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::schema::conversations;
use super::upsert::execute;
use super::{covers, only};
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// A conversation, as stored.
    pub(crate) struct ConversationRow in conversations {
        id: String as Text,
        organization_id: String as Text,
        sender: String as Text,
        contact: String as Text,
        created_at: Moment as Ts,
        stopped_until: Option<Moment> as Nullable<Ts>,
    }

    /// Adds conversations. Existing ones stay unchanged.
    AddConversations = "ON CONFLICT DO NOTHING";
}

impl From<&Conversation> for ConversationRow {
    fn from(conversation: &Conversation) -> Self {
        Self {
            id: conversation.id.as_str().to_owned(),
            organization_id: conversation.organization.as_str().to_owned(),
            sender: conversation.key.sender().to_owned(),
            contact: conversation.key.contact().to_owned(),
            created_at: Moment(conversation.created_at),
            stopped_until: conversation.stopped_until.map(Moment),
        }
    }
}

impl TryFrom<ConversationRow> for Conversation {
    type Error = StoreError;

    fn try_from(row: ConversationRow) -> Result<Self, StoreError> {
        let at = Row::new("conversations", &row.id);
        Ok(Self {
            id: at.read("id", ConversationId::parse(&row.id))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            key: ConversationKey::stored(&row.sender, &row.contact),
            created_at: row.created_at.0,
            stopped_until: row.stopped_until.map(|until| until.0),
        })
    }
}

#[async_trait]
impl ConversationStore for Store {
    async fn find_or_add(&self, conversation: &Conversation) -> Result<ConversationId, StoreError> {
        if let Some(known) = self.id_of(&conversation.organization, &conversation.key).await? {
            return Ok(known);
        }
        let row = ConversationRow::from(conversation);
        let id =
            self.write("conversation.add", row, |conn, row| find_or_add(conn, row).boxed()).await?;
        Row::new("conversations", &id).read("id", ConversationId::parse(&id))
    }

    async fn id_of(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<ConversationId>, StoreError> {
        let wanted = (organization.clone(), key.clone());
        let known = self
            .read("conversation.find", wanted, |conn, (organization, key)| {
                find(conn, organization.as_str(), key.sender(), key.contact()).boxed()
            })
            .await?;
        known
            .map(|id| Row::new("conversations", &id).read("id", ConversationId::parse(&id)))
            .transpose()
    }

    async fn stop(
        &self,
        scope: &Scope,
        id: &ConversationId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let wanted = (scope.clone(), id.clone(), Moment(until));
        self.write("conversation.stop", wanted, |conn, (scope, id, until)| {
            stop(conn, scope, id.as_str(), *until).boxed()
        })
        .await
    }

    async fn find(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let found = self
            .read("conversation.find_by_id", id.clone(), |conn, id| {
                by_id(conn, id.as_str()).boxed()
            })
            .await?;
        found
            .filter(|row| covers(scope, &row.organization_id))
            .map(Conversation::try_from)
            .transpose()
    }

    async fn newest(
        &self,
        scope: &Scope,
        filter: &ConversationFilter,
        page: &Page<ConversationPlace>,
    ) -> Result<Vec<Conversation>, StoreError> {
        readable_page(
            stored_page(page, |(at, id)| (*at, id.as_str().to_owned())),
            |row: &ConversationRow| (row.created_at.0, row.id.clone()),
            Conversation::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("conversation.newest", wanted, |conn, (scope, filter, page)| {
                    newest(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }
}

#[async_trait]
impl ContactLinkStore for Store {
    async fn link(
        &self,
        organization: &OrganizationId,
        user: &Address,
        number: PhoneNumber,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = ContactLinkRow {
            organization_id: organization.as_str().to_owned(),
            user_id: user.to_text(),
            phone_number: number.as_str().to_owned(),
            linked_at: Moment(at),
        };
        self.write("contact_link.link", (row, number), |conn, (row, number)| {
            contact_links::link(conn, row, *number).boxed()
        })
        .await
    }

    async fn number_of(
        &self,
        organization: &OrganizationId,
        user: &Address,
    ) -> Result<Option<PhoneNumber>, StoreError> {
        let wanted = (organization.as_str().to_owned(), user.to_text());
        let number = self
            .read("contact_link.number_of", wanted, |conn, (organization, user)| {
                contact_links::number_of(conn, organization, user).boxed()
            })
            .await?;
        number.map(|number| contact_links::parsed(organization.as_str(), &number)).transpose()
    }
}

async fn find(
    conn: &mut Conn,
    organization: &str,
    sender: &str,
    contact: &str,
) -> Result<Option<String>, Failure> {
    let query = conversations::table
        .filter(conversations::organization_id.eq(organization))
        .filter(conversations::sender.eq(sender))
        .filter(conversations::contact.eq(contact))
        .select(conversations::id);
    Ok(query.first(conn).await.optional()?)
}

async fn find_or_add(conn: &mut Conn, row: &ConversationRow) -> Result<String, Failure> {
    execute::<AddConversations>(conn, vec![row.clone()].into()).await?;
    // Another process may have added it, which a new statement sees.
    let known = find(conn, &row.organization_id, &row.sender, &row.contact).await?;
    Ok(known.unwrap_or_else(|| row.id.clone()))
}

async fn stop(conn: &mut Conn, scope: &Scope, id: &str, until: Moment) -> Result<(), Failure> {
    let Some(row) = by_id(conn, id).await? else { return Ok(()) };
    if covers(scope, &row.organization_id) {
        diesel::update(conversations::table.find(id))
            .set(conversations::stopped_until.eq(until))
            .execute(conn)
            .await?;
    }
    Ok(())
}

async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<ConversationRow>, Failure> {
    let query = conversations::table.find(id).select(ConversationRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// A delivery of the conversation, in one of its two queues, whose column has a value.
macro_rules! has_delivery {
    ($column:literal, $value:expr) => {
        diesel::dsl::sql::<Bool>(concat!(
            "EXISTS (SELECT 1 FROM deliveries AS d \
             WHERE d.queue_id IN (conversations.id || '/in', conversations.id || '/out') AND d.",
            $column,
            " = "
        ))
        .bind::<Text, _>($value)
        .sql(")")
    };
}

async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &ConversationFilter,
    page: &Page<(Timestamp, String)>,
) -> Result<Vec<ConversationRow>, Failure> {
    let mut query = conversations::table.into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(conversations::organization_id.eq(organization));
    }
    if let Some(sender) = &filter.sender {
        query = query.filter(conversations::sender.eq(sender));
    }
    if let Some(contact) = &filter.contact {
        query = query.filter(conversations::contact.eq(contact));
    }
    if let Some(agent) = &filter.agent {
        query = query.filter(has_delivery!("agent_id", agent.as_str().to_owned()));
    }
    if let Some(account) = filter.account {
        query = query.filter(has_delivery!("account_sid", account.as_str().to_owned()));
    }
    let query = newest_page!(query, conversations, (created_at, id), filter, page);
    Ok(query.load(conn).await?)
}
