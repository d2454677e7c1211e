//! How long records are kept.

use std::collections::BTreeMap;

use crate::string_enum;
use crate::time::Timestamp;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
const DEFAULT_DAYS: u64 = 400;
const DEFAULT_REJECTION_DAYS: u64 = 30;
const DEFAULT_DELIVERY_DAYS: u64 = 30;
const DEFAULT_EVENT_DAYS: u64 = 30;
const DEFAULT_JOB_DAYS: u64 = 30;

string_enum! {
    /// A kind of records that are deleted when they are old.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum RecordKind {
        /// Calls.
        Calls = "calls",
        /// Messages.
        Messages = "messages",
        /// Refused requests.
        Rejections = "rejections",
        /// Deliveries that are delivered, dead or canceled.
        Deliveries = "deliveries",
        /// Events.
        Events = "events",
        /// Jobs that have ended.
        Jobs = "jobs",
        /// Entries of the audit log.
        Audit = "audit",
    }
}

/// How long records of each kind are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// The seconds for which a kind is kept; a kind that is missing is kept forever.
    seconds: BTreeMap<RecordKind, u64>,
}

/// The text is not a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// An entry is not of the form `kind=duration`.
    #[error("{entry:?} is not of the form kind=duration")]
    Entry {
        /// The entry.
        entry: String,
    },
    /// There are no records of this kind.
    #[error(
        "{kind:?} is not a kind of records; the kinds are calls, messages, rejections, deliveries, events, jobs and audit"
    )]
    Kind {
        /// The word that is no kind of record.
        kind: String,
    },
    /// A kind occurs twice.
    #[error("{kind} occurs twice")]
    Twice {
        /// The kind that is given twice.
        kind: String,
    },
    /// The duration cannot be read.
    #[error(
        "{duration:?} is not a duration; use hours, days or weeks such as 36h, 400d or 8w, or forever"
    )]
    Duration {
        /// The duration.
        duration: String,
    },
    /// Records of a call in progress must not be deleted.
    #[error("{duration:?} is too short; the shortest duration is 24h")]
    Short {
        /// The duration.
        duration: String,
    },
}

impl Default for RetentionPolicy {
    /// 400 days for calls and messages, 30 days for rejections, deliveries, events and jobs, and forever for the audit log.
    fn default() -> Self {
        let seconds = BTreeMap::from([
            (RecordKind::Calls, DEFAULT_DAYS * DAY),
            (RecordKind::Messages, DEFAULT_DAYS * DAY),
            (RecordKind::Rejections, DEFAULT_REJECTION_DAYS * DAY),
            (RecordKind::Deliveries, DEFAULT_DELIVERY_DAYS * DAY),
            (RecordKind::Events, DEFAULT_EVENT_DAYS * DAY),
            (RecordKind::Jobs, DEFAULT_JOB_DAYS * DAY),
        ]);
        Self { seconds }
    }
}

impl RetentionPolicy {
    /// Parses a text such as `calls=400d,rejections=4w,audit=forever`. Kinds that it does not name keep their defaults.
    ///
    /// ```
    /// use switchboard_domain::retention::{RecordKind, RetentionPolicy};
    /// use switchboard_domain::time::Timestamp;
    ///
    /// let policy = RetentionPolicy::parse("calls=2d, messages=forever").unwrap();
    /// let now = Timestamp::from_seconds(10 * 86_400);
    /// assert_eq!(policy.cutoff(RecordKind::Calls, now), Some(Timestamp::from_seconds(8 * 86_400)));
    /// assert_eq!(policy.cutoff(RecordKind::Messages, now), None);
    /// ```
    pub fn parse(text: &str) -> Result<Self, RetentionError> {
        let mut policy = Self::default();
        let mut named = Vec::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (kind, duration) = entry
                .split_once('=')
                .ok_or_else(|| RetentionError::Entry { entry: entry.to_owned() })?;
            let (kind, duration) = (kind.trim(), duration.trim());
            let Some(stored) = RecordKind::parse(kind) else {
                return Err(RetentionError::Kind { kind: kind.to_owned() });
            };
            if named.contains(&kind) {
                return Err(RetentionError::Twice { kind: kind.to_owned() });
            }
            named.push(kind);
            let seconds = seconds(duration)?;
            match seconds {
                Some(seconds) => drop(policy.seconds.insert(stored, seconds)),
                None => drop(policy.seconds.remove(&stored)),
            }
        }
        Ok(policy)
    }

    /// Records before this instant are deleted; `None` if the kind is kept forever.
    pub fn cutoff(&self, kind: RecordKind, now: Timestamp) -> Option<Timestamp> {
        let seconds = self.seconds.get(&kind)?;
        Some(now.plus_seconds(-i64::try_from(*seconds).unwrap_or(i64::MAX)))
    }
}

/// The seconds of a duration; `None` is forever.
fn seconds(duration: &str) -> Result<Option<u64>, RetentionError> {
    if duration == "forever" {
        return Ok(None);
    }
    let wrong = || RetentionError::Duration { duration: duration.to_owned() };
    let unit = match duration.chars().next_back() {
        Some('h') => HOUR,
        Some('d') => DAY,
        Some('w') => 7 * DAY,
        _ => return Err(wrong()),
    };
    let digits = duration.get(..duration.len() - 1).unwrap_or_default();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: u32 = digits.parse().ok().filter(|_| is_number).ok_or_else(wrong)?;
    let seconds = u64::from(count) * unit;
    if seconds < DAY {
        return Err(RetentionError::Short { duration: duration.to_owned() });
    }
    Ok(Some(seconds))
}

#[cfg(test)]
mod tests {
    use super::{DAY, RecordKind, RetentionError, RetentionPolicy};
    use crate::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn days(policy: &RetentionPolicy, kind: RecordKind) -> Option<i64> {
        let day = i64::try_from(DAY).unwrap();
        policy.cutoff(kind, NOW).map(|at| (NOW.seconds() - at.seconds()) / day)
    }

    #[test]
    fn the_default_is_what_the_documented_text_says() {
        let text = "calls=400d,messages=400d,rejections=30d,deliveries=30d,events=30d,jobs=30d,audit=forever";
        assert_eq!(RetentionPolicy::parse(text), Ok(RetentionPolicy::default()));
        assert_eq!(RetentionPolicy::parse(""), Ok(RetentionPolicy::default()));
    }

    #[test]
    fn a_kind_that_is_not_named_keeps_its_default() {
        let policy = RetentionPolicy::parse(" calls = 48h , rejections=forever,").unwrap();
        assert_eq!(days(&policy, RecordKind::Calls), Some(2));
        assert_eq!(days(&policy, RecordKind::Messages), Some(400));
        assert_eq!(days(&policy, RecordKind::Rejections), None);
        let longest = RetentionPolicy::parse("calls=4294967295w").unwrap();
        assert!(longest.cutoff(RecordKind::Calls, NOW).is_some());
    }

    #[test]
    fn a_mistake_is_refused_and_named() {
        for text in ["calls", "calls=", "calls=d", "calls=1y", "calls=-1d", "calls=+1d", "calls=é"]
        {
            assert!(RetentionPolicy::parse(text).is_err(), "{text}");
        }
        let wrong = |text| RetentionPolicy::parse(text).unwrap_err();
        assert!(matches!(wrong("call=1d"), RetentionError::Kind { .. }));
        assert!(matches!(wrong("calls=1d,calls=2d"), RetentionError::Twice { .. }));
        assert!(matches!(wrong("calls=23h"), RetentionError::Short { .. }));
        assert!(matches!(wrong("calls=0d"), RetentionError::Short { .. }));
    }
}
