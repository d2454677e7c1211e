//! How many questions are under way at once.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many questions are under way at once. Those that are more are not asked, and wait for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To all services together.
    pub at_once: NonZeroUsize,
    /// To one service, so that one which is slow leaves room for the others.
    pub at_once_of_one: NonZeroUsize,
}

impl Default for Limits {
    /// 256, and 64.
    fn default() -> Self {
        Self {
            at_once: NonZeroUsize::MIN.saturating_add(255),
            at_once_of_one: NonZeroUsize::MIN.saturating_add(63),
        }
    }
}

/// Room for questions.
#[derive(Debug)]
pub(super) struct Room {
    limits: Limits,
    under_way: Mutex<UnderWay>,
}

/// Services that nobody asks are not in it, so it is no larger than what is under way.
#[derive(Debug, Default)]
struct UnderWay {
    all: usize,
    each: HashMap<String, usize>,
}

/// A place in the room, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'r> {
    room: &'r Room,
    service: String,
}

impl Room {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, under_way: Mutex::default() }
    }

    /// A place for a question to a service, if there is one.
    pub(super) fn enter(&self, service: &str) -> Option<Place<'_>> {
        let mut under_way = self.under_way();
        let of_one = under_way.each.get(service).copied().unwrap_or_default();
        if under_way.all >= self.limits.at_once.get() || of_one >= self.limits.at_once_of_one.get()
        {
            return None;
        }
        under_way.all += 1;
        under_way.each.insert(service.to_owned(), of_one + 1);
        Some(Place { room: self, service: service.to_owned() })
    }

    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut under_way = self.room.under_way();
        under_way.all -= 1;
        let of_one = under_way.each.remove(&self.service).unwrap_or_default();
        if of_one > 1 {
            under_way.each.insert(std::mem::take(&mut self.service), of_one - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{Limits, Room};

    fn room(at_once: usize, at_once_of_one: usize) -> Room {
        let [at_once, at_once_of_one] =
            [at_once, at_once_of_one].map(|most| NonZeroUsize::new(most).unwrap());
        Room::new(Limits { at_once, at_once_of_one })
    }

    #[test]
    fn a_service_that_is_slow_leaves_room_for_others() {
        let room = room(3, 2);
        let _slow = [room.enter("slow").unwrap(), room.enter("slow").unwrap()];
        assert!(room.enter("slow").is_none());
        assert!(room.enter("other").is_some());
    }

    #[test]
    fn all_services_together_have_a_limit() {
        let room = room(2, 2);
        let _places = ["a", "b"].map(|service| room.enter(service).unwrap());
        assert!(room.enter("c").is_none());
    }

    #[test]
    fn who_leaves_makes_room_and_is_forgotten() {
        let room = room(2, 1);
        let place = room.enter("a").unwrap();
        drop(place);
        assert!(room.under_way.lock().unwrap().each.is_empty());
        let _place = room.enter("a").unwrap();
        assert!(room.enter("a").is_none());
        assert!(room.enter("b").is_some());
    }
}
