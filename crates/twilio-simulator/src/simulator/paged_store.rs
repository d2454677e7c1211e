//! Lists in Twilio's order, newest first, read page by page.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// An item with a key.
pub(crate) trait Keyed {
    /// The type of the key.
    type Key: Copy + Eq + Hash;

    /// The item's key.
    fn key(&self) -> Self::Key;
}

/// Items in order of insertion.
///
/// A page token names the item next to which a page starts. The store keeps the positions of removed items, so a list
/// can be read to its end while it changes, as with Twilio.
#[derive(Debug)]
pub(crate) struct PagedStore<T: Keyed> {
    items: BTreeMap<u64, T>,
    positions: HashMap<T::Key, u64>,
    next: u64,
}

/// Where a page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageStart<K> {
    /// At the newest item.
    Newest,
    /// After the item with this key.
    After(K),
    /// Before the item with this key, which the page's last item precedes.
    Before(K),
}

/// One page, newest first.
#[derive(Debug)]
pub(crate) struct Page<'a, T> {
    /// The items on the page.
    pub(crate) items: Vec<&'a T>,
    /// Whether older items follow.
    pub(crate) more: bool,
}

impl<T: Keyed> Default for PagedStore<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), positions: HashMap::new(), next: 0 }
    }
}

impl<T: Keyed> PagedStore<T> {
    /// Adds an item as the newest.
    pub(crate) fn put(&mut self, item: T) {
        self.positions.insert(item.key(), self.next);
        self.items.insert(self.next, item);
        self.next += 1;
    }

    pub(crate) fn get(&self, key: T::Key) -> Option<&T> {
        self.items.get(self.positions.get(&key)?)
    }

    pub(crate) fn get_mut(&mut self, key: T::Key) -> Option<&mut T> {
        self.items.get_mut(self.positions.get(&key)?)
    }

    pub(crate) fn take(&mut self, key: T::Key) -> Option<T> {
        self.items.remove(self.positions.get(&key)?)
    }

    pub(crate) fn newest_first(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.values().rev()
    }

    pub(crate) fn newest_first_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.values_mut().rev()
    }

    /// A page of at most `size` items that match `wanted`. `None` if no item with the key in `start` was ever stored.
    pub(crate) fn page(
        &self,
        start: PageStart<T::Key>,
        size: usize,
        wanted: impl Fn(&T) -> bool,
    ) -> Option<Page<'_, T>> {
        if let PageStart::Before(key) = start {
            let position = self.positions.get(&key)?;
            let newer = self.items.range(position + 1..).map(|(_, item)| item);
            let mut items: Vec<&T> = newer.filter(|item| wanted(item)).take(size).collect();
            items.reverse();
            return Some(Page { items, more: true });
        }
        let end = match start {
            PageStart::After(key) => *self.positions.get(&key)?,
            PageStart::Newest | PageStart::Before(_) => self.next,
        };
        let older = self.items.range(..end).rev().map(|(_, item)| item);
        let mut rest = older.filter(|item| wanted(item));
        let items = rest.by_ref().take(size).collect();
        Some(Page { items, more: rest.next().is_some() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Keyed, PageStart, PagedStore};

    impl Keyed for u8 {
        type Key = u8;

        fn key(&self) -> u8 {
            *self
        }
    }

    fn paged_store(items: impl IntoIterator<Item = u8>) -> PagedStore<u8> {
        let mut paged_store = PagedStore::default();
        items.into_iter().for_each(|item| paged_store.put(item));
        paged_store
    }

    #[test]
    fn a_page_after_a_removed_item_starts_at_the_position_of_that_item() {
        let mut paged_store = paged_store(1..=5);
        paged_store.take(3);
        paged_store.put(6);
        let page = paged_store.page(PageStart::After(3), 1, |_| true).unwrap();
        assert_eq!((page.items, page.more), (vec![&2], true));
        assert!(paged_store.page(PageStart::After(9), 1, |_| true).is_none());
    }

    proptest! {
        #[test]
        fn paging_forward_and_backward_returns_every_matching_item_once(count in 0..40u8, size in 1..9usize) {
            let paged_store = paged_store(0..count);
            let wanted = |item: &u8| item.is_multiple_of(3);
            let expected: Vec<u8> = (0..count).rev().filter(|item| wanted(item)).collect();

            let (mut seen, mut start) = (Vec::new(), PageStart::Newest);
            loop {
                let page = paged_store.page(start, size, wanted).unwrap();
                prop_assert!(page.items.len() <= size);
                seen.extend(page.items.iter().copied().copied());
                if !page.more {
                    break;
                }
                prop_assert_eq!(page.items.len(), size);
                start = PageStart::After(**page.items.last().unwrap());
            }
            prop_assert_eq!(&seen, &expected);

            if let Some(oldest) = expected.last() {
                let back = paged_store.page(PageStart::Before(*oldest), size, wanted).unwrap();
                let before: Vec<u8> = back.items.into_iter().copied().collect();
                let end = expected.len() - 1;
                prop_assert_eq!(&before[..], &expected[end.saturating_sub(size)..end]);
            }
        }
    }
}
