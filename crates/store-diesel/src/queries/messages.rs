//! Messages.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::event::{event_of_progress, event_of_received};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::message::Direction;
use switchboard_domain::message::{Body, MessageRecord, ReceivedMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Conversation, ConversationStore as _, Insertion, MessageStore, Page, StoreError,
};
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::status::{MessageProgress, MessageStatus};
use switchboard_domain::time::Timestamp;

use super::conversations::ConversationRow;
use super::delivery_rows::{DeliveryRow, NewDeliveryRows};
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::events::EventRow;
use super::latest_of_contact::LatestOfContact;
use super::rule::rule;
use super::schema::messages;
use super::{covers, only};
use crate::decode::Row;
use crate::failure::Failure;
use crate::unreadable::{readable_page, readable_rows, stored_page};

/// Keeps the most advanced state of a message, regardless of the order of the events.
macro_rules! furthest {
    ($($column:literal),+) => {
        concat!($($column, " = CASE WHEN excluded.status_rank > messages.status_rank THEN excluded.", $column,
            " ELSE messages.", $column, " END, "),+)
    };
}

upserts! {
    /// A message, as stored.
    pub(crate) struct MessageRow in messages {
        account_sid: String as Text,
        sid: String as Text,
        organization_id: String as Text,
        direction: String as Text,
        channel: Option<String> as Nullable<Text>,
        from_address: Option<String> as Nullable<Text>,
        to_address: Option<String> as Nullable<Text>,
        body: Option<String> as Nullable<Text>,
        parameters: Option<String> as Nullable<Text>,
        media_count: i32 as Integer,
        agent_id: Option<String> as Nullable<Text>,
        reason: Option<String> as Nullable<Text>,
        verified_by: Option<String> as Nullable<Text>,
        received_at: Option<Moment> as Nullable<Ts>,
        status: String as Text,
        status_rank: i16 as SmallInt,
        status_at: Moment as Ts,
        error_code: Option<i64> as Nullable<BigInt>,
        first_seen_at: Moment as Ts,
        plan_id: Option<String> as Nullable<Text>,
        plan_version: Option<i64> as Nullable<BigInt>,
        plan_rule: Option<i64> as Nullable<BigInt>,
    }

    /// Stores received messages. If only the status of a message is stored, the other columns are filled in. A message
    /// that is already stored stays unchanged.
    InsertMessages = concat!(
        "ON CONFLICT (account_sid, sid) DO UPDATE SET direction = excluded.direction, \
         channel = excluded.channel, from_address = excluded.from_address, \
         to_address = excluded.to_address, body = excluded.body, parameters = excluded.parameters, \
         media_count = excluded.media_count, agent_id = excluded.agent_id, reason = excluded.reason, \
         verified_by = excluded.verified_by, received_at = excluded.received_at, \
         plan_id = excluded.plan_id, plan_version = excluded.plan_version, \
         plan_rule = excluded.plan_rule, ",
        furthest!("status", "status_rank", "status_at", "error_code"),
        "first_seen_at = CASE WHEN excluded.first_seen_at < messages.first_seen_at \
         THEN excluded.first_seen_at ELSE messages.first_seen_at END \
         WHERE messages.received_at IS NULL"
    );

    /// Stores a status event or a sent message, or merges it into the stored message.
    ProgressMessages = concat!(
        "ON CONFLICT (account_sid, sid) DO UPDATE SET ",
        furthest!("status", "status_rank", "status_at", "error_code"),
        "from_address = COALESCE(messages.from_address, excluded.from_address), \
         to_address = COALESCE(messages.to_address, excluded.to_address), \
         agent_id = COALESCE(messages.agent_id, excluded.agent_id), \
         first_seen_at = CASE WHEN excluded.first_seen_at < messages.first_seen_at \
         THEN excluded.first_seen_at ELSE messages.first_seen_at END"
    );
}

impl From<&ReceivedMessage> for MessageRow {
    fn from(message: &ReceivedMessage) -> Self {
        let (inbound, rule) = (&message.inbound, message.rule.as_ref());
        Self {
            account_sid: message.account.as_str().to_owned(),
            sid: inbound.message.as_str().to_owned(),
            organization_id: message.organization.as_str().to_owned(),
            direction: Direction::Inbound.as_str().to_owned(),
            channel: Some(inbound.channel().as_str().to_owned()),
            from_address: Some(inbound.from.to_text()),
            to_address: Some(inbound.to.to_text()),
            body: Some(inbound.body.as_str().to_owned()),
            parameters: Some(message.parameters.as_str().to_owned()),
            media_count: inbound.media_count.into(),
            agent_id: message.agent.as_ref().map(|agent| agent.as_str().to_owned()),
            reason: Some(message.reason.as_str().to_owned()),
            verified_by: Some(message.verified_by.as_str().to_owned()),
            received_at: Some(Moment(message.received_at)),
            status: MessageStatus::Received.as_str().to_owned(),
            status_rank: MessageStatus::Received.rank(),
            status_at: Moment(message.received_at),
            error_code: None,
            first_seen_at: Moment(message.received_at),
            plan_id: rule.map(|rule| rule.plan.as_str().to_owned()),
            plan_version: rule.map(|rule| rule.version.into()),
            plan_rule: rule.and_then(|rule| rule.rule.map(i64::from)),
        }
    }
}

/// A received message with what is stored with it.
pub(crate) struct NewMessageRows {
    pub(crate) message: MessageRow,
    pub(crate) event: EventRow,
    pub(crate) delivery: Option<NewDeliveryRows>,
    /// The conversation that the message begins. If it cannot be added, nothing is stored.
    pub(crate) conversation: Option<ConversationRow>,
    /// The id of the conversation that the message joins. If it is not stored, nothing is stored.
    pub(crate) joined: Option<String>,
}

impl NewMessageRows {
    fn of(message: &ReceivedMessage) -> Result<Self, StoreError> {
        Ok(Self {
            message: message.into(),
            event: EventRow::try_from(&event_of_received(message))?,
            delivery: NewDeliveryRows::of_message(message),
            conversation: Conversation::begun_by(message).as_ref().map(ConversationRow::from),
            joined: message
                .delivery
                .as_ref()
                .filter(|delivery| !delivery.begins_conversation)
                .map(|delivery| delivery.conversation.as_str().to_owned()),
        })
    }
}

impl MessageRow {
    /// The row of an outgoing message, which Twilio accepted at this time. Its text is in the delivery.
    pub(super) fn of_sent(delivery: &DeliveryRow, sid: MessageSid, at: Timestamp) -> Self {
        let status = MessageStatus::Queued;
        Self {
            account_sid: delivery.account_sid.clone(),
            sid: sid.as_str().to_owned(),
            organization_id: delivery.organization_id.clone(),
            direction: Direction::Outbound.as_str().to_owned(),
            channel: None,
            from_address: delivery.from_address.clone(),
            to_address: delivery.to_address.clone(),
            body: None,
            parameters: None,
            media_count: 0,
            agent_id: delivery.agent_id.clone(),
            reason: None,
            verified_by: None,
            received_at: None,
            status: status.as_str().to_owned(),
            status_rank: status.rank(),
            status_at: Moment(at),
            error_code: None,
            first_seen_at: Moment(at),
            plan_id: None,
            plan_version: None,
            plan_rule: None,
        }
    }
}

impl From<&MessageProgress> for MessageRow {
    fn from(progress: &MessageProgress) -> Self {
        Self {
            account_sid: progress.account.as_str().to_owned(),
            sid: progress.message.as_str().to_owned(),
            organization_id: progress.organization.as_str().to_owned(),
            direction: Direction::Outbound.as_str().to_owned(),
            channel: None,
            from_address: progress.from.as_ref().map(Address::to_text),
            to_address: progress.to.as_ref().map(Address::to_text),
            body: None,
            parameters: None,
            media_count: 0,
            agent_id: None,
            reason: None,
            verified_by: None,
            received_at: None,
            status: progress.status.as_str().to_owned(),
            status_rank: progress.status.rank(),
            status_at: Moment(progress.at),
            error_code: progress.error_code.map(i64::from),
            first_seen_at: Moment(progress.at),
            plan_id: None,
            plan_version: None,
            plan_rule: None,
        }
    }
}

impl TryFrom<MessageRow> for MessageRecord {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self, StoreError> {
        let at = Row::new("messages", &row.sid);
        Ok(Self {
            account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
            message: at.read("sid", MessageSid::parse(&row.sid))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            direction: at.word("direction", Direction::parse(&row.direction))?,
            from: at.optional(
                "from_address",
                row.from_address.as_deref(),
                Address::parse_stored,
            )?,
            to: at.optional("to_address", row.to_address.as_deref(), Address::parse_stored)?,
            body: row.body.as_deref().map(Body::new),
            parameters: row.parameters.as_deref().map(Body::new),
            agent: at.optional("agent_id", row.agent_id.as_deref(), AgentId::parse)?,
            rule: rule(at, row.plan_id.as_deref(), row.plan_version, row.plan_rule)?,
            reason: match row.reason.as_deref() {
                Some(word) => Some(at.word("reason", Reason::parse(word))?),
                None => None,
            },
            verified_by: match row.verified_by.as_deref() {
                Some(word) => Some(at.word("verified_by", VerifiedBy::parse(word))?),
                None => None,
            },
            status: at.word("status", MessageStatus::parse(&row.status))?,
            error_code: at.read("error_code", row.error_code.map(u32::try_from).transpose())?,
            first_seen_at: row.first_seen_at.0,
        })
    }
}

#[async_trait]
impl MessageStore for Store {
    async fn insert_once(&self, message: &ReceivedMessage) -> Result<Insertion, StoreError> {
        let mut rows = self.insert_row("message.insert", NewMessageRows::of(message)?).await?;
        if rows == 0 && message.delivery.is_some() {
            // The message is a duplicate, the contact has begun another conversation meanwhile, or its conversation was
            // erased.
            let key = ConversationKey::new(&message.inbound.to, &message.inbound.from);
            let joined = match self.id_of(&message.organization, &key).await? {
                Some(id) => message.in_conversation(id),
                None => message.beginning_conversation(),
            };
            rows = self.insert_row("message.insert", NewMessageRows::of(&joined)?).await?;
        }
        if message.delivery.is_some() && rows > 0 {
            self.hint_workers();
        }
        Ok(if rows == 0 { Insertion::Duplicate } else { Insertion::Inserted })
    }

    async fn progress(&self, progress: &MessageProgress) -> Result<(), StoreError> {
        let event = event_of_progress(progress).as_ref().map(EventRow::try_from).transpose()?;
        self.progress_row("message.progress", MessageRow::from(progress), event).await
    }

    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let found = self
            .read("message.find", (account, message), |conn, (account, message)| {
                find(conn, *account, *message).boxed()
            })
            .await?;
        found
            .filter(|row| covers(scope, &row.organization_id))
            .map(MessageRecord::try_from)
            .transpose()
    }

    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let wanted = LatestOfContact::new(organization, contact, ours, limit);
        let rows = self
            .read("message.latest", wanted, |conn, wanted| latest(conn, wanted).boxed())
            .await?;
        let mut messages = readable_rows(rows.into_iter().map(MessageRecord::try_from))?;
        messages.reverse();
        Ok(messages)
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, MessageSid)>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        readable_page(
            stored_page(page, |(account, sid)| {
                (account.as_str().to_owned(), sid.as_str().to_owned())
            }),
            |row: &MessageRow| (row.account_sid.clone(), row.sid.clone()),
            MessageRecord::try_from,
            |page| {
                self.read("message.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }
}

async fn find(
    conn: &mut Conn,
    account: AccountSid,
    message: MessageSid,
) -> Result<Option<MessageRow>, Failure> {
    let query =
        messages::table.find((account.as_str(), message.as_str())).select(MessageRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// Reads the messages, newest first. Each address of the contact is a query of its own, for which one index has the rows in
/// their order: with all addresses at once, a database that has no statistics yet chooses the index of our number, which has
/// many more messages.
async fn latest(conn: &mut Conn, wanted: &LatestOfContact) -> Result<Vec<MessageRow>, Failure> {
    let mut all: Vec<MessageRow> = Vec::new();
    for address in &wanted.contact {
        let of_address = latest_of_address(&wanted.organization, address, &wanted.ours);
        all.extend(of_address.limit(wanted.limit.into()).load(conn).await?);
    }
    all.sort_by(|one, other| place(other).cmp(&place(one)));
    all.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
    Ok(all)
}

fn place(row: &MessageRow) -> (Timestamp, &str, &str) {
    (row.first_seen_at.0, &row.account_sid, &row.sid)
}

/// The messages from an address of a contact, newest first.
#[diesel::dsl::auto_type]
pub(crate) fn latest_of_address<'a>(
    organization: &'a str,
    contact: &'a str,
    ours: &'a [String],
) -> _ {
    let selection: diesel::dsl::AsSelect<MessageRow, Db> = MessageRow::as_select();
    messages::table
        .select(selection)
        .filter(messages::organization_id.eq(organization))
        .filter(messages::from_address.eq(contact))
        .filter(messages::to_address.eq_any(ours))
        .filter(messages::body.is_not_null())
        .order((messages::first_seen_at.desc(), messages::account_sid.desc(), messages::sid.desc()))
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<(String, String)>,
) -> Result<Vec<MessageRow>, Failure> {
    let after = page.after.as_ref().map(|(account, message)| (account.as_str(), message.as_str()));
    Ok(page_by_account!(conn, messages, MessageRow, scope, after, page.limit.into()))
}
