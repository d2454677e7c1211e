//! The chain of hashes.
//!
//! The hash of an entry is the SHA-256 of its encoding. The encoding is the text "switchboard audit 1", then the hash of the
//! entry before, and then the sequence number, the time in microseconds since the Unix epoch, the kind and the name of the actor,
//! the source address, the organization, the action, the kind and the id of the object, and the fields before and after. Each
//! number is a signed integer of 8 bytes, most significant byte first. Each text is its length in bytes as such a number, and its
//! bytes in UTF-8; a text that is missing is the number -1. A list of fields is the number of fields, and for each field, in the
//! order of their names, its name, a byte for the type of its value (0 for none, 1 for a text, 2 for a number), and the value.

use std::cmp::Ordering;
use std::fmt;

use super::entry::{AuditEntry, AuditRecord};
use super::snapshot::{FieldValue, Fields, sha256};
use crate::identifier::OrganizationId;

const MAGIC: &[u8] = b"switchboard audit 1";

/// The hash of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// What the first entry has as the hash of the entry before.
    pub const START: Self = Self([0; 32]);

    /// The hash with these bytes; `None` if there are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainHash({self})")
    }
}

/// Both ends of the stored chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The sequence number of the newest entry that was ever recorded; 0 before the first one.
    pub newest: u64,
    /// The hash of that entry.
    pub hash: ChainHash,
    /// The sequence number up to which entries were deleted because of their age; 0 if none were.
    pub pruned: u64,
}

impl ChainHead {
    /// The head of a chain without entries.
    pub const START: Self = Self { newest: 0, hash: ChainHash::START, pruned: 0 };
}

/// Where a chain is broken: what was recorded is not what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    /// An entry is missing.
    #[error("entry {expected} is missing")]
    Missing {
        /// Its sequence number.
        expected: u64,
    },
    /// An entry was changed.
    #[error("entry {sequence} was changed: its hash is not that of its content")]
    Changed {
        /// Its sequence number.
        sequence: u64,
    },
    /// The entry before was replaced.
    #[error("entry {sequence} does not follow the entry before it, which was replaced")]
    Replaced {
        /// The sequence number of the later one.
        sequence: u64,
    },
    /// There is an entry behind the one that was recorded last.
    #[error("entry {sequence} comes after the one that was recorded last: it was inserted")]
    Surplus {
        /// Its sequence number.
        sequence: u64,
    },
    /// The newest entry is not the one that was recorded last.
    #[error("entry {sequence} is not the one that was recorded last: it was replaced")]
    End {
        /// Its sequence number.
        sequence: u64,
    },
}

/// Verifies a chain, entry by entry, from the oldest one that is kept. The hash of the entry before that one is taken on trust.
#[derive(Clone, Copy, Debug)]
pub struct ChainCheck {
    head: ChainHead,
    last: u64,
    hash: Option<ChainHash>,
}

impl ChainCheck {
    /// Begins with the chain that has this head, which is read before the entries.
    pub const fn new(head: ChainHead) -> Self {
        let hash = if head.pruned == 0 { Some(ChainHash::START) } else { None };
        Self { head, last: head.pruned, hash }
    }

    /// Verifies the next entry. Those that were recorded after the head was read are verified too.
    pub fn next(&mut self, entry: &AuditEntry) -> Result<(), ChainBreak> {
        let (sequence, expected) = (entry.sequence, self.last + 1);
        if sequence != expected {
            return Err(ChainBreak::Missing { expected });
        }
        if self.hash.is_some_and(|hash| hash != entry.previous) {
            return Err(ChainBreak::Replaced { sequence });
        }
        if hash_of(sequence, &entry.record, &entry.previous) != entry.hash {
            return Err(ChainBreak::Changed { sequence });
        }
        if sequence == self.head.newest && entry.hash != self.head.hash {
            return Err(ChainBreak::End { sequence });
        }
        self.last = sequence;
        self.hash = Some(entry.hash);
        Ok(())
    }

    /// Ends behind the newest entry, and returns how many were verified. `head` is read when there are no more entries. Returns
    /// `None` if entries were recorded meanwhile, which are verified next.
    pub fn end(&mut self, head: ChainHead) -> Result<Option<u64>, ChainBreak> {
        let sequence = self.last;
        match sequence.cmp(&head.newest) {
            Ordering::Less if sequence < self.head.newest => {
                Err(ChainBreak::Missing { expected: sequence + 1 })
            }
            Ordering::Less => {
                self.head = ChainHead { pruned: self.head.pruned, ..head };
                Ok(None)
            }
            Ordering::Greater => Err(ChainBreak::Surplus { sequence }),
            Ordering::Equal if self.hash.is_some_and(|hash| hash != head.hash) => {
                Err(ChainBreak::End { sequence })
            }
            Ordering::Equal => Ok(Some(sequence - self.head.pruned)),
        }
    }
}

pub(super) fn hash_of(sequence: u64, record: &AuditRecord, previous: &ChainHash) -> ChainHash {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(previous.as_bytes());
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&record.at.micros().to_be_bytes());
    text(&mut bytes, record.actor.kind());
    optional(&mut bytes, record.actor.name());
    optional(&mut bytes, record.source.map(|source| source.to_string()).as_deref());
    optional(&mut bytes, record.organization.as_ref().map(OrganizationId::as_str));
    text(&mut bytes, record.action.as_str());
    text(&mut bytes, record.object.kind.as_str());
    text(&mut bytes, &record.object.id);
    fields(&mut bytes, &record.before);
    fields(&mut bytes, &record.after);
    ChainHash(sha256(&bytes))
}

fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&i64::try_from(length).unwrap_or(i64::MAX).to_be_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    length(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn optional(bytes: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => text(bytes, value),
        None => bytes.extend_from_slice(&(-1_i64).to_be_bytes()),
    }
}

fn fields(bytes: &mut Vec<u8>, fields: &Fields) {
    length(bytes, fields.len());
    for (name, value) in fields {
        text(bytes, name);
        match value {
            FieldValue::Null => bytes.push(0),
            FieldValue::Text(value) => {
                bytes.push(1);
                text(bytes, value);
            }
            FieldValue::Integer(value) => {
                bytes.push(2);
                bytes.extend_from_slice(&value.to_be_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests;
