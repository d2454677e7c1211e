//! How what is reported about a message is merged into its record.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use switchboard_domain::message::MessageRecord;
use switchboard_domain::sid::{AccountSid, MessageSid};

/// The furthest status and the earliest time of both stand.
pub(crate) fn advance(kept: &mut MessageRecord, reported: &MessageRecord) {
    if reported.status > kept.status {
        kept.status = reported.status;
        kept.error_code = reported.error_code;
    }
    kept.first_seen_at = kept.first_seen_at.min(reported.first_seen_at);
}

/// Merges what is reported about an outbound message into its record.
pub(crate) fn merge(
    messages: &mut BTreeMap<(AccountSid, MessageSid), MessageRecord>,
    reported: MessageRecord,
) {
    match messages.entry((reported.account, reported.message)) {
        Entry::Vacant(place) => {
            place.insert(reported);
        }
        Entry::Occupied(mut place) => {
            let kept = place.get_mut();
            advance(kept, &reported);
            kept.from = kept.from.take().or(reported.from);
            kept.to = kept.to.take().or(reported.to);
            kept.agent = kept.agent.take().or(reported.agent);
        }
    }
}
