//! The keys of an object: each asked for once, and none left over.

use switchboard_domain::plan::Pointer;

use super::place::{Place, Read, Reading, list};
use crate::nearest::nearest;
use crate::tree::Tree;

/// The keys of an object. What is asked for is what is known; [`Fields::finish`] refuses all else.
pub(super) struct Fields<'t> {
    entries: &'t [(String, Tree)],
    at: Pointer,
    asked: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// Opens an object. `what` says what it is, for who wrote something else: "a rule, an object with …".
    pub(super) fn of(place: &Place<'t>, reading: &mut Reading, what: &str) -> Read<Self> {
        match place.tree {
            Tree::Table(entries) => Ok(Self { entries, at: place.at.clone(), asked: Vec::new() }),
            _ => Err(reading.expected(place, what)),
        }
    }

    /// Where the object is.
    pub(super) const fn at(&self) -> &Pointer {
        &self.at
    }

    /// Reads a key that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        reading: &mut Reading,
        read: impl FnOnce(&Place<'_>, &mut Reading) -> Read<T>,
    ) -> Read<Option<T>> {
        self.asked.push(name);
        let mut found = self.entries.iter().filter(|(key, _)| key == name);
        let Some((_, tree)) = found.next() else { return Ok(None) };
        let place = Place { tree, at: self.at.at(name) };
        if found.next().is_some() {
            return Err(reading.refuse(&place.at, "is written twice; keep one of them"));
        }
        read(&place, reading).map(Some)
    }

    /// Reads a key that must be there. `hint` says what to write.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        hint: &str,
        reading: &mut Reading,
        read: impl FnOnce(&Place<'_>, &mut Reading) -> Read<T>,
    ) -> Read<T> {
        match self.optional(name, reading, read)? {
            Some(value) => Ok(value),
            None => Err(reading.refuse(&self.at, format!("has no {name:?}; {hint}"))),
        }
    }

    /// Reads a list that may be left out.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        reading: &mut Reading,
        read: impl Fn(&Place<'_>, &mut Reading) -> Read<T>,
    ) -> Read<Vec<T>> {
        let found = self.optional(name, reading, |place, reading| list(place, reading, read))?;
        Ok(found.unwrap_or_default())
    }

    /// Refuses every key that was not asked for.
    pub(super) fn finish(self, reading: &mut Reading) -> Read<()> {
        let mut left = Ok(());
        for (key, _) in self.entries {
            if self.asked.contains(&key.as_str()) {
                continue;
            }
            let what = match nearest(key, self.asked.iter().copied()) {
                Some(meant) => format!("is no key that is known here; did you mean {meant:?}?"),
                None => {
                    format!("is no key that is known here; known are {}", self.asked.join(", "))
                }
            };
            left = Err(reading.refuse(&self.at.at(key), what));
        }
        left
    }
}
