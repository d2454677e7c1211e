//! Changes of optional values.

/// A change of an optional value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// Keeps the value.
    #[default]
    Keep,
    /// Replaces the value.
    Set(T),
    /// Removes the value.
    Clear,
}

/// Sets a given value, and otherwise keeps the value.
impl<T> From<Option<T>> for Edit<T> {
    fn from(given: Option<T>) -> Self {
        given.map_or(Self::Keep, Self::Set)
    }
}

impl<T> Edit<T> {
    /// The value after the change.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        }
    }

    /// Whether the change does anything.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

#[cfg(test)]
mod tests {
    use super::Edit;

    #[test]
    fn an_edit_keeps_sets_or_clears() {
        assert_eq!(Edit::Keep.apply(Some(1)), Some(1));
        assert_eq!(Edit::Set(2).apply(Some(1)), Some(2));
        assert_eq!(Edit::Clear.apply(Some(1)), None);
    }
}
