//! Events: what happened to calls, messages, deliveries and consents, for those who subscribe to it.
//!
//! Events are made from what is stored, by functions without I/O, and are stored in the same transaction.

mod data;
mod of_call;
mod of_delivery;
mod of_finding;
mod of_message;
mod selection;

use ring::digest::{SHA256, digest};

pub use data::{EventData, EventValue};
pub use of_call::{event_of_ended, event_of_failed_attempt, event_of_started};
pub use of_delivery::{event_of_disabled_target, events_of_attempt};
pub use of_finding::{event_of_account, event_of_number};
pub use of_message::{event_of_consent, event_of_progress, event_of_received};
pub use selection::EventTypes;

use crate::address::Address;
pub use crate::event_kind::{EventKind, InvalidEventTypes, parse_types};
use crate::identifier::{EventId, OrganizationId};
use crate::message::Direction;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Id of the event.
    pub id: EventId,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// What happened.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// The account in which it happened.
    pub account: AccountSid,
    /// What it happened to: the SID of a call, message, number or account, or the id of a delivery or agent. Events of one
    /// subject keep their order.
    pub subject: String,
    /// The direction of the call or message.
    pub direction: Direction,
    /// The caller or sender; `None` if it is not known.
    pub from: Option<Address>,
    /// The called number or the recipient; `None` if it is not known.
    pub to: Option<Address>,
    /// More about it, without addresses.
    pub data: EventData,
    /// What can be reported more than once is an event once for each such key. `None` if the store knows that it is new.
    pub once_key: Option<String>,
}

/// What all events about one thing have in common.
struct About<'a> {
    organization: &'a OrganizationId,
    account: AccountSid,
    subject: &'a str,
    direction: Direction,
    from: Option<&'a Address>,
    to: Option<&'a Address>,
}

/// Whether the store knows that an event is new.
enum Novelty<'a> {
    /// It does.
    Known,
    /// It does, and this text distinguishes events about the subject that happen at the same time.
    Each(&'a str),
    /// It does not: of the events about the subject with this text, which may be empty, only the first is stored.
    Once(&'a str),
}

impl About<'_> {
    /// An event. Its id follows from what happened and when, so that the transaction that stores it can be repeated.
    fn event(
        &self,
        kind: EventKind,
        at: Timestamp,
        novelty: &Novelty<'_>,
        data: EventData,
    ) -> Event {
        let occurrence = match novelty {
            Novelty::Known => "",
            Novelty::Each(occurrence) | Novelty::Once(occurrence) => occurrence,
        };
        let key = format!("{}/{}/{}/{occurrence}", kind.as_str(), self.account, self.subject);
        let mut random = [0; 10];
        for (byte, of_digest) in random.iter_mut().zip(digest(&SHA256, key.as_bytes()).as_ref()) {
            *byte = *of_digest;
        }
        Event {
            id: EventId::new(at, random),
            organization: self.organization.clone(),
            kind,
            at,
            account: self.account,
            subject: self.subject.to_owned(),
            direction: self.direction,
            from: self.from.cloned(),
            to: self.to.cloned(),
            data,
            once_key: matches!(novelty, Novelty::Once(_)).then_some(key),
        }
    }
}
