//! Lists are read in pages, each continuing behind the last key of the one before.

/// One page of a list in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<K> {
    /// The last key of the page before, or none for the first page.
    pub after: Option<K>,
    /// The most entries that the page may have.
    pub limit: u32,
}

impl<K> Page<K> {
    /// The first page, of at most `limit` entries.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// The page behind `key`.
    pub const fn behind(key: K, limit: u32) -> Self {
        Self { after: Some(key), limit }
    }
}
