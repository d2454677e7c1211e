//! Messages, as operators look them up.

use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::history::{HistoryFilter, MessagePlace};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{MessageHistory, Page, StoreError};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store};
use super::messages::MessageRow;
use super::newest::{Owners, Party, account_of, merged, owners, parties};
use super::schema::{messages, organizations};
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

#[async_trait]
impl MessageHistory for Store {
    async fn newest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        readable_page(
            stored_page(page, |(at, sid)| (*at, sid.as_str().to_owned())),
            place,
            MessageRecord::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("message.newest", wanted, |conn, (scope, filter, page)| {
                    newest(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }

    async fn message_by_sid(
        &self,
        scope: &Scope,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let wanted = (scope.clone(), message);
        let found = self
            .read("message.by_sid", wanted, |conn, (scope, message)| {
                by_sid(conn, scope, *message).boxed()
            })
            .await?;
        found.map(MessageRecord::try_from).transpose()
    }
}

fn place(row: &MessageRow) -> (Timestamp, String) {
    (row.first_seen_at.0, row.sid.clone())
}

async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &HistoryFilter,
    page: &Page<(Timestamp, String)>,
) -> Result<Vec<MessageRow>, Failure> {
    let mut rows: Vec<MessageRow> = Vec::new();
    for (owner, party) in parts!(conn, messages, scope, filter) {
        let mut is_led = false;
        let query = selected!(messages, owner.as_deref(), filter, &party, is_led);
        let query = with_reason!(query, messages, filter, is_led);
        let query = newest_page!(query, messages, (first_seen_at, sid), filter, page);
        let found: Vec<MessageRow> = query.load(conn).await?;
        rows.extend(found);
    }
    Ok(merged(rows, page.limit, place))
}

async fn by_sid(
    conn: &mut Conn,
    scope: &Scope,
    message: MessageSid,
) -> Result<Option<MessageRow>, Failure> {
    let account = account_of(conn, "messages", scope, message.as_str()).await?;
    let Some(account) = account else { return Ok(None) };
    let row = messages::table.find((&account, message.as_str())).select(MessageRow::as_select());
    Ok(row.first(conn).await.optional()?)
}
