//! Lists as Twilio keeps them: newest first, and read page by page.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// What a shelf keeps: a thing with a key of its own.
pub(crate) trait Kept {
    /// What it is known by.
    type Key: Copy + Eq + Hash;

    /// Its key.
    fn key(&self) -> Self::Key;
}

/// Things in the order in which they came.
///
/// A page token names the thing beside which a page starts. Where that thing was is remembered when the
/// thing itself is gone, so that a list stays readable while it changes, as Twilio's do.
#[derive(Debug)]
pub(crate) struct Shelf<T: Kept> {
    things: BTreeMap<u64, T>,
    places: HashMap<T::Key, u64>,
    next: u64,
}

/// Where a page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start<K> {
    /// With the newest.
    Newest,
    /// With the one that comes after this one.
    After(K),
    /// So that it ends with the one before this one.
    Before(K),
}

/// One page, newest first.
#[derive(Debug)]
pub(crate) struct Page<'a, T> {
    /// What is on it.
    pub(crate) things: Vec<&'a T>,
    /// Whether older things follow.
    pub(crate) more: bool,
}

impl<T: Kept> Default for Shelf<T> {
    fn default() -> Self {
        Self { things: BTreeMap::new(), places: HashMap::new(), next: 0 }
    }
}

impl<T: Kept> Shelf<T> {
    /// Puts a thing at the newest place.
    pub(crate) fn put(&mut self, thing: T) {
        self.places.insert(thing.key(), self.next);
        self.things.insert(self.next, thing);
        self.next += 1;
    }

    pub(crate) fn get(&self, key: T::Key) -> Option<&T> {
        self.things.get(self.places.get(&key)?)
    }

    pub(crate) fn get_mut(&mut self, key: T::Key) -> Option<&mut T> {
        self.things.get_mut(self.places.get(&key)?)
    }

    pub(crate) fn take(&mut self, key: T::Key) -> Option<T> {
        self.things.remove(self.places.get(&key)?)
    }

    pub(crate) fn newest_first(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.things.values().rev()
    }

    pub(crate) fn newest_first_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.values_mut().rev()
    }

    /// A page of at most `size` things that `wanted` lets through. `None` if nothing with the key in
    /// `start` has ever been here.
    pub(crate) fn page(
        &self,
        start: Start<T::Key>,
        size: usize,
        wanted: impl Fn(&T) -> bool,
    ) -> Option<Page<'_, T>> {
        if let Start::Before(key) = start {
            let place = self.places.get(&key)?;
            let newer = self.things.range(place + 1..).map(|(_, thing)| thing);
            let mut things: Vec<&T> = newer.filter(|thing| wanted(thing)).take(size).collect();
            things.reverse();
            return Some(Page { things, more: true });
        }
        let end = match start {
            Start::After(key) => *self.places.get(&key)?,
            Start::Newest | Start::Before(_) => self.next,
        };
        let older = self.things.range(..end).rev().map(|(_, thing)| thing);
        let mut rest = older.filter(|thing| wanted(thing));
        let things = rest.by_ref().take(size).collect();
        Some(Page { things, more: rest.next().is_some() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Kept, Shelf, Start};

    impl Kept for u8 {
        type Key = u8;

        fn key(&self) -> u8 {
            *self
        }
    }

    fn shelf(things: impl IntoIterator<Item = u8>) -> Shelf<u8> {
        let mut shelf = Shelf::default();
        things.into_iter().for_each(|thing| shelf.put(thing));
        shelf
    }

    #[test]
    fn a_page_after_something_that_is_gone_starts_where_it_was() {
        let mut shelf = shelf(1..=5);
        shelf.take(3);
        shelf.put(6);
        let page = shelf.page(Start::After(3), 1, |_| true).unwrap();
        assert_eq!((page.things, page.more), (vec![&2], true));
        assert!(shelf.page(Start::After(9), 1, |_| true).is_none());
    }

    proptest! {
        #[test]
        fn pages_forth_and_back_show_everything_wanted_once(count in 0..40u8, size in 1..9usize) {
            let shelf = shelf(0..count);
            let wanted = |thing: &u8| thing.is_multiple_of(3);
            let expected: Vec<u8> = (0..count).rev().filter(|thing| wanted(thing)).collect();

            let (mut seen, mut start) = (Vec::new(), Start::Newest);
            loop {
                let page = shelf.page(start, size, wanted).unwrap();
                prop_assert!(page.things.len() <= size);
                seen.extend(page.things.iter().copied().copied());
                if !page.more {
                    break;
                }
                prop_assert_eq!(page.things.len(), size);
                start = Start::After(**page.things.last().unwrap());
            }
            prop_assert_eq!(&seen, &expected);

            if let Some(oldest) = expected.last() {
                let back = shelf.page(Start::Before(*oldest), size, wanted).unwrap();
                let before: Vec<u8> = back.things.into_iter().copied().collect();
                let end = expected.len() - 1;
                prop_assert_eq!(&before[..], &expected[end.saturating_sub(size)..end]);
            }
        }
    }
}
