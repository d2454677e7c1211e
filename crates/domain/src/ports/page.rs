//! Lists are read in pages. Each page begins after the last key of the previous page.

/// A page of a list that is ordered by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<K> {
    /// The last key of the previous page; `None` for the first page.
    pub after: Option<K>,
    /// The maximum number of entries.
    pub limit: u32,
}

impl<K> Page<K> {
    /// The first page, with at most `limit` entries.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// The page after `key`.
    pub const fn behind(key: K, limit: u32) -> Self {
        Self { after: Some(key), limit }
    }
}
