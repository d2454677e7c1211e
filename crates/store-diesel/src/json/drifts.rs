//! What differs from the desired configuration of a number, as two JSON lists: of changes and of blockers.

use serde::{Deserialize, Serialize};
use switchboard_domain::check_finding::{FoundBlocker, FoundChange, FoundDrift};

#[derive(Serialize, Deserialize)]
struct StoredChange {
    field: String,
    from: String,
    to: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct StoredBlocker {
    reason: String,
    detail: String,
}

/// Reads the list of changes.
pub(crate) fn read_found_changes(text: &str) -> Result<Vec<FoundChange>, serde_json::Error> {
    let stored: Vec<StoredChange> = serde_json::from_str(text)?;
    let change = |stored: StoredChange| {
        let StoredChange { field, from, to, reason } = stored;
        FoundChange { field, from, to, reason }
    };
    Ok(stored.into_iter().map(change).collect())
}

/// Reads the list of blockers.
pub(crate) fn read_found_blockers(text: &str) -> Result<Vec<FoundBlocker>, serde_json::Error> {
    let stored: Vec<StoredBlocker> = serde_json::from_str(text)?;
    let blocker = |stored: StoredBlocker| {
        let StoredBlocker { reason, detail } = stored;
        FoundBlocker { reason, detail }
    };
    Ok(stored.into_iter().map(blocker).collect())
}

/// Writes both lists.
pub(crate) fn write_found_drift(drift: &FoundDrift) -> Result<(String, String), serde_json::Error> {
    let change = |found: &FoundChange| StoredChange {
        field: found.field.clone(),
        from: found.from.clone(),
        to: found.to.clone(),
        reason: found.reason.clone(),
    };
    let blocker = |found: &FoundBlocker| StoredBlocker {
        reason: found.reason.clone(),
        detail: found.detail.clone(),
    };
    let changes: Vec<_> = drift.changes.iter().map(change).collect();
    let blockers: Vec<_> = drift.blockers.iter().map(blocker).collect();
    Ok((serde_json::to_string(&changes)?, serde_json::to_string(&blockers)?))
}

#[cfg(test)]
mod tests {
    use switchboard_domain::check_finding::{FoundBlocker, FoundChange, FoundDrift};

    use super::{read_found_blockers, read_found_changes, write_found_drift};

    #[test]
    fn a_drift_is_read_as_it_was_written() {
        let text = |text: &str| text.to_owned();
        let changes = vec![FoundChange {
            field: text("voice_url"),
            from: text("https://é.example/?a=\"b\""),
            to: String::new(),
            reason: text("wrong_url"),
        }];
        let blockers =
            vec![FoundBlocker { reason: text("not_found"), detail: text("\u{0}😀\n") }];
        for drift in [FoundDrift { changes, blockers }, FoundDrift::default()] {
            let (changes, blockers) = write_found_drift(&drift).unwrap();
            assert_eq!(read_found_changes(&changes).unwrap(), drift.changes);
            assert_eq!(read_found_blockers(&blockers).unwrap(), drift.blockers);
        }
        assert!(read_found_changes("{}").is_err());
    }
}
