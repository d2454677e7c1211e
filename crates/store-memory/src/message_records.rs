//! How what is told about a message is merged into its record.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use switchboard_domain::message::MessageRecord;
use switchboard_domain::sid::{AccountSid, MessageSid};

/// The furthest status and the earliest time of both stand.
pub(crate) fn advance(kept: &mut MessageRecord, told: &MessageRecord) {
    if told.status > kept.status {
        kept.status = told.status;
        kept.error_code = told.error_code;
    }
    kept.first_seen_at = kept.first_seen_at.min(told.first_seen_at);
}

/// Merges what is told about an outbound message into its record.
pub(crate) fn merge(
    messages: &mut BTreeMap<(AccountSid, MessageSid), MessageRecord>,
    told: MessageRecord,
) {
    match messages.entry((told.account, told.message)) {
        Entry::Vacant(place) => {
            place.insert(told);
        }
        Entry::Occupied(mut place) => {
            let kept = place.get_mut();
            advance(kept, &told);
            kept.from = kept.from.take().or(told.from);
            kept.to = kept.to.take().or(told.to);
            kept.agent = kept.agent.take().or(told.agent);
        }
    }
}
