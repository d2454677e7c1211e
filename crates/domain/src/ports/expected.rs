//! What a change requires of the stored object.

/// What a change requires of the stored object, which it replaces or removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected<T> {
    /// Nothing: whatever is stored is replaced.
    Anything,
    /// That there is none.
    Nothing,
    /// That it is this one.
    Stored(T),
}

impl<T: PartialEq> Expected<T> {
    /// Whether the stored object is as expected; `None` if there is none.
    pub fn is_met(&self, stored: Option<&T>) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => stored.is_none(),
            Self::Stored(expected) => stored == Some(expected),
        }
    }
}

impl<T> Expected<T> {
    /// The same requirement of another form of the object.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Expected<U> {
        match self {
            Self::Anything => Expected::Anything,
            Self::Nothing => Expected::Nothing,
            Self::Stored(expected) => Expected::Stored(form(expected)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expected;

    #[test]
    fn what_is_stored_is_compared_with_what_was_read() {
        for (expected, over_nothing, over_one, over_two) in [
            (Expected::Anything, true, true, true),
            (Expected::Nothing, true, false, false),
            (Expected::Stored(1), false, true, false),
        ] {
            let met = [None, Some(&1), Some(&2)].map(|stored| expected.is_met(stored));
            assert_eq!(met, [over_nothing, over_one, over_two], "{expected:?}");
        }
        assert_eq!(Expected::Stored(1).map(|one| one + 1), Expected::Stored(2));
    }
}
