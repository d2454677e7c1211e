//! Reads lists page by page.

use crate::prelude::*;
use std::fmt::Debug;

/// More entries than any list of a law has: reading pages from a store that ignores where a page
/// begins would never end.
const MAX_PAGES: usize = 1_000;

/// Reads a whole list in pages of `limit` entries, until a page is empty.
pub(crate) async fn all<T, K>(
    limit: u32,
    key: impl Fn(&T) -> K,
    read: impl AsyncFn(Page<K>) -> Result<Vec<T>, StoreError>,
) -> Vec<T> {
    let mut whole = Vec::new();
    for _ in 0..MAX_PAGES {
        let page = match whole.last() {
            Some(last) => Page::behind(key(last), limit),
            None => Page::first(limit),
        };
        let entries = read(page).await.unwrap();
        assert!(entries.len() <= limit as usize, "a page of {limit} has {} entries", entries.len());
        if entries.is_empty() {
            return whole;
        }
        whole.extend(entries);
    }
    panic!("the list has no end");
}

/// Checks that a list returns each entry once and in order, in pages of any size.
pub(crate) async fn hold<T: Debug + PartialEq, K>(
    expected: &[T],
    key: impl Fn(&T) -> K,
    read: impl AsyncFn(Page<K>) -> Result<Vec<T>, StoreError>,
) {
    for limit in [1, 2, 3, 1_000] {
        assert_eq!(all(limit, &key, &read).await, expected, "in pages of {limit}");
    }
}
