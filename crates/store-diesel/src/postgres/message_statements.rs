//! Writing a message with what belongs to it: one statement, and so one round trip and one transaction. The rows are values:
//! unnesting sixty arrays of one element takes as long as all the inserts.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl as _;

use super::dialect::Conn;
use super::queries::{
    AddConversations, AddDeliveries, AddEvents, AddQueues, EventRow, InsertMessages, MessageRow,
    NewMessageRows,
};
use super::upsert::{Columns as _, UNDISTRIBUTED, Upsert};
use crate::upsert_statements::insert_into;

/// A statement that writes a message and an event about it.
struct WithEvent<'a, U: Upsert<Row = MessageRow>> {
    message: &'a U::Row,
    event: &'a EventRow,
}

/// A statement that inserts a message with an event about it and its delivery, and with the conversation that it begins.
struct WithDelivery<'a, const BEGINS_CONVERSATION: bool>(&'a NewMessageRows);

/// Writes a message, and an event about it unless nothing was added or changed. The addresses of the event are those of the
/// stored message, because it may have been erased. Returns how many messages were added or changed.
pub(super) async fn execute_with_event<U: Upsert<Row = MessageRow>>(
    conn: &mut Conn,
    message: &MessageRow,
    event: &EventRow,
) -> QueryResult<usize> {
    WithEvent::<U> { message, event }.execute(conn).await
}

/// Inserts a message with what is stored with it. Returns how many messages were added or filled in: none for a duplicate, if
/// the contact has another conversation than the one that the message begins, or if its conversation is not stored.
pub(super) async fn execute_insert(conn: &mut Conn, new: &NewMessageRows) -> QueryResult<usize> {
    match (&new.delivery, &new.conversation) {
        (None, _) => execute_with_event::<InsertMessages>(conn, &new.message, &new.event).await,
        (Some(_), None) => WithDelivery::<false>(new).execute(conn).await,
        (Some(_), Some(_)) => WithDelivery::<true>(new).execute(conn).await,
    }
}

impl<U: Upsert<Row = MessageRow>> QueryId for WithEvent<'_, U> {
    type QueryId = WithEvent<'static, U>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const BEGINS_CONVERSATION: bool> QueryId for WithDelivery<'_, BEGINS_CONVERSATION> {
    type QueryId = WithDelivery<'static, BEGINS_CONVERSATION>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<U: Upsert<Row = MessageRow>> QueryFragment<Pg> for WithEvent<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH ");
        message_and_event::<U>(&mut out, self.message, self.event, "")?;
        out.push_sql(" SELECT 1 FROM stored");
        Ok(())
    }
}

/// The delivery is written after its queue is locked.
impl<const BEGINS_CONVERSATION: bool> QueryFragment<Pg> for WithDelivery<'_, BEGINS_CONVERSATION> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self(new) = self;
        out.push_sql("WITH ");
        let mut earlier = "";
        if let Some(conversation) = new.conversation.as_ref().filter(|_| BEGINS_CONVERSATION) {
            out.push_sql("conversation AS (");
            insert::<AddConversations>(&mut out, conversation, |out| {
                // A duplicate begins no conversation.
                out.push_sql(
                    " WHERE NOT EXISTS (SELECT 1 FROM messages WHERE received_at IS NOT NULL AND account_sid = ",
                );
                out.push_bind_param::<Text, _>(&new.message.account_sid)?;
                out.push_sql(" AND sid = ");
                out.push_bind_param::<Text, _>(&new.message.sid)?;
                out.push_sql(")");
                Ok(())
            })?;
            out.push_sql(" RETURNING 1), ");
            earlier = " FROM conversation";
        }
        if let Some(joined) = new.joined.as_ref().filter(|_| !BEGINS_CONVERSATION) {
            // It may have been erased.
            out.push_sql("conversation AS (SELECT 1 FROM conversations WHERE id = ");
            out.push_bind_param::<Text, _>(joined)?;
            out.push_sql("), ");
            earlier = " FROM conversation";
        }
        message_and_event::<InsertMessages>(&mut out, &new.message, &new.event, earlier)?;
        if let Some(rows) = &new.delivery {
            out.push_sql(", queue AS (");
            insert::<AddQueues>(&mut out, &rows.queue, after(" FROM stored"))?;
            out.push_sql(" RETURNING 1), delivery AS (");
            insert::<AddDeliveries>(&mut out, &rows.delivery, after(" FROM queue"))?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT 1 FROM stored");
        Ok(())
    }
}

/// Writes the parts of a statement that write a message, for each row of an earlier part, and an event about it.
fn message_and_event<'b, U: Upsert<Row = MessageRow>>(
    out: &mut AstPass<'_, 'b, Pg>,
    message: &'b MessageRow,
    event: &'b EventRow,
    earlier: &'static str,
) -> QueryResult<()> {
    out.push_sql("stored AS (");
    insert::<U>(out, message, after(earlier))?;
    out.push_sql(" RETURNING from_address, to_address), event AS (");
    insert_into(out, EventRow::TABLE, EventRow::NAMES)?;
    out.push_sql("SELECT ");
    event.bind_row(out.reborrow(), |column| match column {
        "from_address" => Some("stored.from_address"),
        "to_address" => Some("stored.to_address"),
        _ => None,
    })?;
    out.push_sql(" FROM stored ");
    out.push_sql(AddEvents::ENDING);
    out.push_sql(UNDISTRIBUTED);
    Ok(())
}

/// Writes the insertion of a row; `source` says for which rows.
fn insert<'b, U: Upsert>(
    out: &mut AstPass<'_, 'b, Pg>,
    row: &'b U::Row,
    source: impl FnOnce(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()>,
) -> QueryResult<()> {
    insert_into(out, U::Row::TABLE, U::Row::NAMES)?;
    out.push_sql("SELECT ");
    row.bind_row(out.reborrow(), |_column| None)?;
    source(out)?;
    out.push_sql(" ");
    out.push_sql(U::ENDING);
    Ok(())
}

/// Each row of an earlier part of the statement, which therefore comes first.
fn after<'b>(earlier: &'static str) -> impl FnOnce(&mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    move |out| {
        out.push_sql(earlier);
        Ok(())
    }
}
