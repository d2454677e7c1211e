//! Unreadable rows: each is logged with table, column and key, counted, and left out, so that other rows can be read.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use switchboard_domain::ports::{Page, StoreError};

/// The maximum number of places that are remembered as logged.
const REMEMBERED: usize = 256;
/// The time before a place is logged again. Some lists are read every few seconds.
const QUIET: Duration = Duration::from_secs(600);

static LOGGED: LazyLock<Logged> = LazyLock::new(Logged::default);

/// The places that were logged recently.
#[derive(Default)]
struct Logged {
    hasher: RandomState,
    places: Mutex<Vec<(u64, Instant)>>,
}

impl Logged {
    fn is_new(&self, place: (&str, &str, &str), now: Instant) -> bool {
        let place = self.hasher.hash_one(place);
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|(_, at)| now.saturating_duration_since(*at) < QUIET);
        if places.iter().any(|(known, _)| *known == place) {
            return false;
        }
        if places.len() < REMEMBERED {
            places.push((place, now));
        }
        true
    }
}

/// The value of a row; `None` if the row cannot be read, which is logged without the value.
fn readable<T>(row: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match row {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Corrupt { table, column, key, .. }) => {
            metrics::counter!("switchboard_unreadable_rows_total", "table" => table).increment(1);
            if LOGGED.is_new((table, column, &key), Instant::now()) {
                tracing::error!(table, column, key, "row cannot be read and is skipped");
            }
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The values of rows, without those that cannot be read.
pub(crate) fn readable_rows<T>(
    rows: impl IntoIterator<Item = Result<T, StoreError>>,
) -> Result<Vec<T>, StoreError> {
    rows.into_iter().filter_map(|row| readable(row).transpose()).collect()
}

/// A page by stored keys, which can be invalid.
pub(crate) fn stored_page<K, S>(page: &Page<K>, stored: impl Fn(&K) -> S) -> Page<S> {
    Page { after: page.after.as_ref().map(stored), limit: page.limit }
}

/// A page of values. Unreadable rows are replaced by the following rows, so that only the last page is
/// shorter than its limit.
pub(crate) async fn readable_page<K, R, T, F>(
    mut page: Page<K>,
    key: impl Fn(&R) -> K,
    value: impl Fn(R) -> Result<T, StoreError>,
    mut rows: impl FnMut(Page<K>) -> F,
) -> Result<Vec<T>, StoreError>
where
    K: Clone,
    F: Future<Output = Result<Vec<R>, StoreError>>,
{
    let mut values = Vec::new();
    loop {
        let found = rows(page.clone()).await?;
        let is_last = found.len() < page.limit as usize;
        let last = found.last().map(&key);
        let asked = page.limit;
        let before = values.len();
        for row in found {
            values.extend(readable(value(row))?);
        }
        let missing = asked - u32::try_from(values.len() - before).unwrap_or(asked).min(asked);
        if is_last || missing == 0 || last.is_none() {
            return Ok(values);
        }
        page = Page { after: last, limit: missing };
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Logged, QUIET, REMEMBERED};

    #[test]
    fn a_place_is_logged_again_after_a_while() {
        let (logged, now) = (Logged::default(), Instant::now());
        let place = ("accounts", "name", "AC1");
        assert!(logged.is_new(place, now));
        assert!(!logged.is_new(place, now + QUIET.saturating_sub(Duration::from_secs(1))));
        assert!(logged.is_new(("accounts", "name", "AC2"), now));
        assert!(logged.is_new(place, now + QUIET));
    }

    #[test]
    fn the_memory_of_places_is_bounded() {
        let (logged, now) = (Logged::default(), Instant::now());
        for key in 0..2 * REMEMBERED {
            assert!(logged.is_new(("accounts", "name", &key.to_string()), now));
        }
        assert_eq!(logged.places.lock().unwrap().len(), REMEMBERED);
    }
}
