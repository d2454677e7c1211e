//! Pages of maps, and of lists in the order of time.

use std::cmp::Ordering;
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

/// One page, in the descending order of the places.
pub(crate) fn newest<'a, T: Clone + 'a, K: Ord>(
    shown: impl Iterator<Item = &'a T>,
    page: &Page<K>,
    place: impl Fn(&T) -> K,
) -> Vec<T> {
    ordered(shown, page, place, |one, two| two.cmp(one))
}

/// One page, in the ascending order of the places.
pub(crate) fn oldest<'a, T: Clone + 'a, K: Ord>(
    shown: impl Iterator<Item = &'a T>,
    page: &Page<K>,
    place: impl Fn(&T) -> K,
) -> Vec<T> {
    ordered(shown, page, place, K::cmp)
}

fn ordered<'a, T: Clone + 'a, K>(
    shown: impl Iterator<Item = &'a T>,
    page: &Page<K>,
    place: impl Fn(&T) -> K,
    order: impl Fn(&K, &K) -> Ordering,
) -> Vec<T> {
    let mut shown: Vec<_> = shown.map(|value| (place(value), value)).collect();
    shown.retain(|(at, _)| page.after.as_ref().is_none_or(|after| order(after, at).is_lt()));
    shown.sort_unstable_by(|(one, _), (two, _)| order(one, two));
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    shown.into_iter().take(limit).map(|(_, value)| value.clone()).collect()
}
