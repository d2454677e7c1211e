//! The check of the audit log: the chain of its entries is unbroken.

use std::fmt;

use switchboard_domain::audit::{ChainBreak, ChainCheck, ChainHead};
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::ports::{AuditStore, Page, StoreError};

use super::check::Check;

const NAME: &str = "audit log";
const PAGE: u32 = 500;
const REMEDY: &str = "someone else wrote to the tables audit or audit_head: compare them with a backup, and see who can write to the database";

/// What the chain consists of: the number of its entries, and both its ends.
struct Verified {
    entries: u64,
    head: ChainHead,
}

pub(super) async fn check(store: &dyn AuditStore) -> Check {
    match verify(store).await {
        Ok(Ok(verified)) => Check::ok(NAME, verified.to_string()),
        Ok(Err(broken)) => Check::fail(NAME, broken.to_string(), REMEDY),
        Err(error @ StoreError::Corrupt { .. }) => {
            Check::fail(NAME, Causes(&error).to_string(), REMEDY)
        }
        Err(error) => super::unanswered(NAME, &error),
    }
}

/// Verifies the chain, again if entries were deleted meanwhile because of their age.
async fn verify(store: &dyn AuditStore) -> Result<Result<Verified, ChainBreak>, StoreError> {
    loop {
        let head = store.head().await?;
        let verified = verify_from(store, head).await?;
        if verified.is_ok() || store.head().await?.pruned == head.pruned {
            return Ok(verified);
        }
    }
}

async fn verify_from(
    store: &dyn AuditStore,
    head: ChainHead,
) -> Result<Result<Verified, ChainBreak>, StoreError> {
    let mut check = ChainCheck::new(head);
    let mut page = Page::first(PAGE);
    loop {
        let entries = store.chain(&page).await?;
        if let Err(broken) = entries.iter().try_for_each(|entry| check.next(entry)) {
            return Ok(Err(broken));
        }
        if let Some(last) = entries.last() {
            page = Page::behind(last.sequence, PAGE);
            continue;
        }
        let head = store.head().await?;
        match check.end(head) {
            Ok(None) => {}
            Ok(Some(entries)) => return Ok(Ok(Verified { entries, head })),
            Err(broken) => return Ok(Err(broken)),
        }
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, head: ChainHead { newest, hash, pruned } } = self;
        if *newest == 0 {
            return f.write_str("has no entries");
        }
        let entries = counted(*entries, "entry");
        write!(f, "{entries} in an unbroken chain")?;
        if *pruned > 0 {
            write!(f, ", after entries 1 to {pruned}, which were deleted because of their age")?;
        }
        write!(f, "; the newest hash is {hash}")
    }
}
