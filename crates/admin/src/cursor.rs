//! Cursors: where a page of a list ends, as an opaque text.
//!
//! A cursor holds the list, a digest of the filter, and the place of the last entry, so that a cursor of another list or
//! of another filter is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use switchboard_domain::time::Timestamp;

use crate::when::is_storable;

const VERSION: &str = "1";
const DIGEST_BYTES: usize = 9;

/// Why a cursor is not accepted. The text follows the word cursor in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongCursor {
    /// It cannot be read.
    Unreadable,
    /// It belongs to another list.
    OtherList,
    /// It belongs to this list with other filters.
    OtherFilter,
}

impl std::fmt::Display for WrongCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "is not a cursor; use one that this list returned",
            Self::OtherList => "belongs to another list",
            Self::OtherFilter => {
                "belongs to a list with other filters; repeat the filters of the first page"
            }
        })
    }
}

/// A list with a filter.
pub struct CursorScope {
    list: &'static str,
    digest: String,
}

impl CursorScope {
    /// The scope of a list. `filter` is any text that differs between filters.
    pub fn new(list: &'static str, filter: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, filter.as_bytes());
        let digest = digest.as_ref().get(..DIGEST_BYTES).unwrap_or_default();
        Self { list, digest: URL_SAFE_NO_PAD.encode(digest) }
    }

    /// The cursor of the page that ends with the entry of this key.
    pub fn cursor_of_key(&self, key: &str) -> String {
        self.cursor(Timestamp::from_micros(0), key)
    }

    /// The key with which a cursor's page ends.
    pub fn key<K>(
        &self,
        cursor: &str,
        parse: impl FnOnce(&str) -> Option<K>,
    ) -> Result<K, WrongCursor> {
        self.place(cursor, parse).map(|(_, key)| key)
    }

    /// The cursor of the page that ends at a place.
    pub fn cursor(&self, at: Timestamp, key: &str) -> String {
        let Self { list, digest } = self;
        URL_SAFE_NO_PAD.encode(format!("{VERSION}.{list}.{digest}.{}.{key}", at.micros()))
    }

    /// The place at which a cursor's page ends.
    pub fn place<K>(
        &self,
        cursor: &str,
        parse: impl FnOnce(&str) -> Option<K>,
    ) -> Result<(Timestamp, K), WrongCursor> {
        const UNREADABLE: WrongCursor = WrongCursor::Unreadable;
        let bytes = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_not_base64| UNREADABLE)?;
        let text = String::from_utf8(bytes).map_err(|_not_text| UNREADABLE)?;
        let mut parts = text.splitn(5, '.');
        let mut next = || parts.next().ok_or(UNREADABLE);
        let (version, list, digest, at, key) = (next()?, next()?, next()?, next()?, next()?);
        if version != VERSION {
            return Err(UNREADABLE);
        }
        if list != self.list {
            return Err(WrongCursor::OtherList);
        }
        if digest != self.digest {
            return Err(WrongCursor::OtherFilter);
        }
        let at = at.parse().map_err(|_not_a_number: std::num::ParseIntError| UNREADABLE)?;
        let at =
            Some(Timestamp::from_micros(at)).filter(|at| is_storable(*at)).ok_or(UNREADABLE)?;
        Ok((at, parse(key).ok_or(UNREADABLE)?))
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::{CursorScope, WrongCursor};

    #[test]
    fn a_cursor_leads_back_to_its_place_and_into_no_other_list() {
        let scope = CursorScope::new("calls", "since 1");
        let at = Timestamp::from_micros(-5);
        let cursor = scope.cursor(at, "CA1.2");
        let key = |text: &str| Some(text.to_owned());
        assert_eq!(scope.place(&cursor, key), Ok((at, "CA1.2".to_owned())));
        let other = CursorScope::new("messages", "since 1");
        assert_eq!(other.place(&cursor, key), Err(WrongCursor::OtherList));
        let filtered = CursorScope::new("calls", "since 2");
        assert_eq!(filtered.place(&cursor, key), Err(WrongCursor::OtherFilter));
        let outside = scope.cursor(Timestamp::from_micros(i64::MIN), "CA1.2");
        for wrong in ["", "!", "MS5jYWxscw", &cursor[1..], &outside] {
            assert_eq!(scope.place(wrong, key), Err(WrongCursor::Unreadable), "{wrong}");
        }
    }

    #[test]
    fn a_list_without_times_goes_on_after_a_key() {
        let scope = CursorScope::new("agents", "");
        let cursor = scope.cursor_of_key("agt_1");
        assert_eq!(scope.key(&cursor, |key| Some(key.to_owned())), Ok("agt_1".to_owned()));
    }
}
