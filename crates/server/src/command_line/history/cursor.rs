//! Cursors: where a page of a list ends, as an opaque text.
//!
//! A cursor holds the list, a digest of the filter, and the place of the last entry, so that a cursor of another list or
//! of another filter is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use switchboard_domain::time::Timestamp;

const VERSION: &str = "1";
const DIGEST_BYTES: usize = 9;

/// A list with a filter.
pub(super) struct CursorScope {
    list: &'static str,
    digest: String,
}

impl CursorScope {
    /// The scope of a list. `filter` is any text that differs between filters.
    pub(super) fn new(list: &'static str, filter: &str) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, filter.as_bytes());
        let digest = digest.as_ref().get(..DIGEST_BYTES).unwrap_or_default();
        Self { list, digest: URL_SAFE_NO_PAD.encode(digest) }
    }

    /// The cursor of the page that ends at a place.
    pub(super) fn cursor(&self, at: Timestamp, key: &str) -> String {
        let Self { list, digest } = self;
        URL_SAFE_NO_PAD.encode(format!("{VERSION}.{list}.{digest}.{}.{key}", at.micros()))
    }

    /// The place at which a cursor's page ends.
    pub(super) fn place<K>(
        &self,
        cursor: &str,
        parse: impl FnOnce(&str) -> Option<K>,
    ) -> Result<(Timestamp, K), &'static str> {
        const UNREADABLE: &str = "is not a cursor; use one that this list printed";
        let bytes = URL_SAFE_NO_PAD.decode(cursor.trim()).map_err(|_not_base64| UNREADABLE)?;
        let text = String::from_utf8(bytes).map_err(|_not_text| UNREADABLE)?;
        let mut parts = text.splitn(5, '.');
        let mut next = || parts.next().ok_or(UNREADABLE);
        let (version, list, digest, at, key) = (next()?, next()?, next()?, next()?, next()?);
        if version != VERSION {
            return Err(UNREADABLE);
        }
        if list != self.list {
            return Err("belongs to another list");
        }
        if digest != self.digest {
            return Err(
                "belongs to a list with other filters; repeat the filters of the first page",
            );
        }
        let at = at.parse().map_err(|_not_a_number: std::num::ParseIntError| UNREADABLE)?;
        Ok((Timestamp::from_micros(at), parse(key).ok_or(UNREADABLE)?))
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::CursorScope;

    #[test]
    fn a_cursor_leads_back_to_its_place_and_into_no_other_list() {
        let scope = CursorScope::new("calls", "since 1");
        let at = Timestamp::from_micros(-5);
        let cursor = scope.cursor(at, "CA1.2");
        let key = |text: &str| Some(text.to_owned());
        assert_eq!(scope.place(&cursor, key), Ok((at, "CA1.2".to_owned())));
        let other = CursorScope::new("messages", "since 1");
        assert_eq!(other.place(&cursor, key), Err("belongs to another list"));
        assert!(CursorScope::new("calls", "since 2").place(&cursor, key).is_err());
        for wrong in ["", "!", "MS5jYWxscw", &cursor[1..]] {
            assert!(scope.place(wrong, key).is_err(), "{wrong}");
        }
    }
}
