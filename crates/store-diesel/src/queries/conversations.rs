//! Conversations.

use async_trait::async_trait;
use diesel::sql_types::Text;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::ports::{Conversation, ConversationStore, StoreError};

use super::dialect::{Conn, Moment, Store, Ts};
use super::schema::conversations;
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;

upserts! {
    /// A conversation, as stored.
    pub(crate) struct ConversationRow in conversations {
        id: String as Text,
        organization_id: String as Text,
        sender: String as Text,
        contact: String as Text,
        created_at: Moment as Ts,
    }

    /// Adds conversations. Existing ones stay unchanged.
    AddConversations = "ON CONFLICT DO NOTHING";
}

#[async_trait]
impl ConversationStore for Store {
    async fn find_or_add(&self, conversation: &Conversation) -> Result<ConversationId, StoreError> {
        let row = ConversationRow {
            id: conversation.id.as_str().to_owned(),
            organization_id: conversation.organization.as_str().to_owned(),
            sender: conversation.key.sender().to_owned(),
            contact: conversation.key.contact().to_owned(),
            created_at: Moment(conversation.created_at),
        };
        let known = self
            .read("conversation.find", row.clone(), |conn, row| find(conn, row).boxed())
            .await?;
        let id = match known {
            Some(id) => id,
            None => {
                self.write("conversation.add", row, |conn, row| find_or_add(conn, row).boxed())
                    .await?
            }
        };
        Row::new("conversations", &id).read("id", ConversationId::parse(&id))
    }
}

async fn find(conn: &mut Conn, row: &ConversationRow) -> Result<Option<String>, Failure> {
    let query = conversations::table
        .filter(conversations::organization_id.eq(&row.organization_id))
        .filter(conversations::sender.eq(&row.sender))
        .filter(conversations::contact.eq(&row.contact))
        .select(conversations::id);
    Ok(query.first(conn).await.optional()?)
}

async fn find_or_add(conn: &mut Conn, row: &ConversationRow) -> Result<String, Failure> {
    execute::<AddConversations>(conn, vec![row.clone()].into()).await?;
    // Another process may have added it, which a new statement sees.
    Ok(find(conn, row).await?.unwrap_or_else(|| row.id.clone()))
}
