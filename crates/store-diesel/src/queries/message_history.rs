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

use super::covers;
use super::dialect::{Conn, Db, Moment, Store};
use super::messages::MessageRow;
use super::newest::{Party, merged, organizations, parties};
use super::schema::messages;
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
        let found = self
            .read("message.by_sid", message, |conn, message| by_sid(conn, *message).boxed())
            .await?;
        found
            .filter(|row| covers(scope, &row.organization_id))
            .map(MessageRecord::try_from)
            .transpose()
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
    for organization in organizations(conn, scope).await? {
        for party in parties(filter) {
            let query = selected!(messages, organization.as_str(), filter, &party);
            let query = newest_page!(query, messages, (first_seen_at, sid), &filter.period, page);
            let found: Vec<MessageRow> = query.load(conn).await?;
            rows.extend(found);
        }
    }
    Ok(merged(rows, page.limit, place))
}

async fn by_sid(conn: &mut Conn, message: MessageSid) -> Result<Option<MessageRow>, Failure> {
    Ok(row_by_sid!(conn, messages, MessageRow, message.as_str()))
}
