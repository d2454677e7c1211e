//! How deliveries are stored.

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{Queryable, Selectable};
use switchboard_domain::address::Address;
use switchboard_domain::delivery::{
    Delivery, DeliveryItem, DeliveryState, EventItem, EventLane, Outgoing, OutgoingContent,
    QueueOwner, SendProgress, SendState,
};
use switchboard_domain::event::EventKind;
use switchboard_domain::identifier::{AgentId, DeliveryId, EventId, OrganizationId};
use switchboard_domain::message::{Body, ReceivedMessage};
use switchboard_domain::message_template::FilledTemplate;
use switchboard_domain::ports::StoreError;
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::time::Timestamp;

use super::dialect::{Moment, Ts};
use super::schema::{deliveries, delivery_queues};
use crate::decode::Row;
use crate::json;

upserts! {
    /// A queue. Its other columns have default values.
    pub(crate) struct QueueRow in delivery_queues {
        id: String as Text,
        target: String as Text,
        organization_id: String as Text,
    }

    /// Adds queues, and makes empty ones due at once.
    AddQueues = "ON CONFLICT (id) DO UPDATE SET due_at = COALESCE(delivery_queues.due_at, excluded.due_at), \
        target = excluded.target, organization_id = excluded.organization_id";
}

upserts! {
    /// A delivery, as stored. The other columns have default values: the position, and the time at which it is due.
    pub(crate) struct DeliveryRow in deliveries {
        id: String as Text,
        organization_id: String as Text,
        queue_id: String as Text,
        kind: String as Text,
        account_sid: String as Text,
        message_sid: Option<String> as Nullable<Text>,
        agent_id: Option<String> as Nullable<Text>,
        state: String as Text,
        attempts: String as Text,
        created_at: Moment as Ts,
        reply_key: Option<String> as Nullable<Text>,
        from_address: Option<String> as Nullable<Text>,
        to_address: Option<String> as Nullable<Text>,
        body: Option<String> as Nullable<Text>,
        media: Option<String> as Nullable<Text>,
        send_state: Option<String> as Nullable<Text>,
        sent_sid: Option<String> as Nullable<Text>,
        earlier_attempts: i64 as BigInt,
        event_id: Option<String> as Nullable<Text>,
        event_kind: Option<String> as Nullable<Text>,
        template: Option<String> as Nullable<Text>,
    }

    /// Adds deliveries. A reply whose key is taken is not added.
    AddDeliveries = "ON CONFLICT DO NOTHING";
}

/// A new delivery with its queue, whose row is written first: its lock makes the positions of the deliveries of a queue
/// their order.
#[derive(Clone, Debug)]
pub(crate) struct NewDeliveryRows {
    pub(crate) queue: QueueRow,
    pub(crate) delivery: DeliveryRow,
}

const NO_ATTEMPTS: &str = "[]";

impl NewDeliveryRows {
    /// The delivery of an inbound message; `None` if it has none.
    pub(crate) fn of_message(message: &ReceivedMessage) -> Option<Self> {
        Delivery::of_message(message).as_ref().map(Self::of)
    }

    /// A delivery without attempts.
    pub(crate) fn of(delivery: &Delivery) -> Self {
        let queue_id = delivery.queue();
        let target = delivery.target();
        let message = delivery.item.message();
        let (outgoing, event) = match &delivery.item {
            DeliveryItem::Received(_) => (None, None),
            DeliveryItem::Outgoing(outgoing) => (Some(outgoing), None),
            DeliveryItem::Event(event) => (None, Some(event)),
        };
        let delivery = DeliveryRow {
            id: delivery.id.as_str().to_owned(),
            organization_id: delivery.organization.as_str().to_owned(),
            queue_id: queue_id.clone(),
            kind: delivery.item.kind().to_owned(),
            account_sid: delivery.account.as_str().to_owned(),
            message_sid: message.map(|sid| sid.as_str().to_owned()),
            agent_id: delivery.agent.as_ref().map(|id| id.as_str().to_owned()),
            state: delivery.state.as_str().to_owned(),
            attempts: NO_ATTEMPTS.to_owned(),
            created_at: Moment(delivery.created_at),
            reply_key: outgoing.map(|outgoing| outgoing.reply_key.clone()),
            from_address: outgoing.map(|outgoing| outgoing.from.to_text()),
            to_address: outgoing.map(|outgoing| outgoing.to.to_text()),
            body: outgoing.map(|outgoing| outgoing.content.body.as_str().to_owned()),
            media: outgoing.map(|outgoing| json::write_urls(&outgoing.content.media)),
            send_state: outgoing.map(|outgoing| outgoing.progress.state.as_str().to_owned()),
            sent_sid: outgoing
                .and_then(|outgoing| outgoing.progress.sid)
                .map(|sid| sid.as_str().to_owned()),
            earlier_attempts: 0,
            event_id: event.map(|item| item.event.as_str().to_owned()),
            event_kind: event.map(|item| item.kind.as_str().to_owned()),
            template: outgoing
                .and_then(|outgoing| outgoing.content.template.as_ref())
                .map(FilledTemplate::to_text),
        };
        let queue = QueueRow {
            id: queue_id,
            target: target.name().into_owned(),
            organization_id: delivery.organization_id.clone(),
        };
        Self { queue, delivery }
    }
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let at = Row::new("deliveries", &row.id);
        let (owner, lane) = row.queue_id.split_once('/').unwrap_or_default();
        let message = at.optional("message_sid", row.message_sid.as_deref(), MessageSid::parse)?;
        let item = match row.kind.as_str() {
            "message.received" => DeliveryItem::Received(at.filled("message_sid", message)?),
            "message.send" => DeliveryItem::Outgoing(outgoing(at, &row, message)?),
            "event" => DeliveryItem::Event(event(at, &row, lane)?),
            _ => at.word("kind", None)?,
        };
        Ok(Self {
            id: at.read("id", DeliveryId::parse(&row.id))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
            owner: at.read("queue_id", QueueOwner::parse(owner))?,
            agent: at.optional("agent_id", row.agent_id.as_deref(), AgentId::parse)?,
            item,
            state: at.word("state", DeliveryState::parse(&row.state))?,
            attempts: at.read("attempts", json::read_delivery_attempts(&row.attempts))?,
            earlier_attempts: at.read("earlier_attempts", usize::try_from(row.earlier_attempts))?,
            next_attempt_at: None,
            created_at: row.created_at.0,
        })
    }
}

/// A delivery with the time at which it is due.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(super) struct StoredDelivery {
    #[diesel(embed)]
    pub(super) row: DeliveryRow,
    due_at: Moment,
}

impl TryFrom<StoredDelivery> for Delivery {
    type Error = StoreError;

    fn try_from(stored: StoredDelivery) -> Result<Self, StoreError> {
        let delivery = Self::try_from(stored.row)?;
        let is_pending = delivery.state == DeliveryState::Pending;
        Ok(Self { next_attempt_at: is_pending.then_some(stored.due_at.0), ..delivery })
    }
}

fn outgoing(
    at: Row<'_>,
    row: &DeliveryRow,
    in_reply_to: Option<MessageSid>,
) -> Result<Outgoing, StoreError> {
    let address = |column, text: &Option<String>| {
        let text = at.filled(column, text.as_deref())?;
        at.read(column, Address::parse_stored(text))
    };
    let media = at.filled("media", row.media.as_deref())?;
    let state = at.filled("send_state", row.send_state.as_deref())?;
    Ok(Outgoing {
        in_reply_to,
        reply_key: at.filled("reply_key", row.reply_key.clone())?,
        from: address("from_address", &row.from_address)?,
        to: address("to_address", &row.to_address)?,
        content: OutgoingContent {
            body: Body::new(at.filled("body", row.body.as_deref())?),
            media: at.read("media", json::read_urls(media))?,
            template: at.optional("template", row.template.as_deref(), FilledTemplate::parse)?,
        },
        progress: SendProgress {
            state: at.word("send_state", SendState::parse(state))?,
            sid: at.optional("sent_sid", row.sent_sid.as_deref(), MessageSid::parse)?,
        },
    })
}

fn event(at: Row<'_>, row: &DeliveryRow, lane: &str) -> Result<EventItem, StoreError> {
    let id = at.filled("event_id", row.event_id.as_deref())?;
    let kind = at.filled("event_kind", row.event_kind.as_deref())?;
    Ok(EventItem {
        event: at.read("event_id", EventId::parse(id))?,
        kind: at.word("event_kind", EventKind::parse(kind))?,
        lane: at.word("queue_id", EventLane::parse(lane))?,
    })
}

/// The place of a delivery in a list.
pub(super) fn place(stored: &StoredDelivery) -> (Timestamp, String) {
    (stored.row.created_at.0, stored.row.id.clone())
}
