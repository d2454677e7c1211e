//! The check of the audit log: the chain of its entries is unbroken.

use switchboard_domain::audit::{ChainBreak, ChainCheck, ChainHash};
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::ports::{AuditStore, Page, StoreError};

use super::check::Check;

const NAME: &str = "audit log";
const PAGE: u32 = 500;
const REMEDY: &str = "someone else wrote to the tables audit or audit_head: compare them with a backup, and see who can write to the database";

/// What the chain consists of: its entries, and the newest hash.
struct Verified {
    entries: u64,
    hash: ChainHash,
}

pub(super) async fn check(store: &dyn AuditStore) -> Check {
    match verify(store).await {
        Ok(Ok(Verified { entries: 0, .. })) => Check::ok(NAME, "has no entries"),
        Ok(Ok(Verified { entries, hash })) => {
            let entries = counted(entries, "entry");
            Check::ok(NAME, format!("{entries} in an unbroken chain; the newest hash is {hash}"))
        }
        Ok(Err(broken)) => Check::fail(NAME, broken.to_string(), REMEDY),
        Err(error @ StoreError::Corrupt { .. }) => {
            Check::fail(NAME, Causes(&error).to_string(), REMEDY)
        }
        Err(error) => super::unanswered(NAME, &error),
    }
}

async fn verify(store: &dyn AuditStore) -> Result<Result<Verified, ChainBreak>, StoreError> {
    let head = store.head().await?;
    let mut check = ChainCheck::new(head);
    let mut page = Page::first(PAGE);
    loop {
        let entries = store.chain(&page).await?;
        for entry in &entries {
            if let Err(broken) = check.next(entry) {
                return Ok(Err(broken));
            }
        }
        match entries.last() {
            Some(last) => page = Page::behind(last.sequence, PAGE),
            None => break,
        }
    }
    Ok(check.end().map(|entries| Verified { entries, hash: head.hash }))
}
