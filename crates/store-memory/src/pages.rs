//! Pages of maps.

use std::collections::BTreeMap;
use std::ops::Bound;

use switchboard_domain::ports::Page;

/// One page of a map, of the entries that are shown.
pub(crate) fn page_of<K: Clone + Ord, V: Clone>(
    entries: &BTreeMap<K, V>,
    page: &Page<K>,
    shown: impl Fn(&V) -> bool,
) -> Vec<V> {
    let start = page.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let behind = entries.range((start, Bound::Unbounded)).map(|(_, value)| value);
    behind.filter(|value| shown(value)).take(limit).cloned().collect()
}
