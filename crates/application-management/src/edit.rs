//! What a change does to something that need not be there.

/// What becomes of a value that can be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
    /// It goes.
    Clear,
}

impl<T> Edit<T> {
    /// Sets what is given; else clears if that is asked for.
    pub fn of(value: Option<T>, clear: bool) -> Self {
        match value {
            Some(value) => Self::Set(value),
            None if clear => Self::Clear,
            None => Self::Keep,
        }
    }

    /// The value afterwards.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        }
    }

    /// Whether anything changes.
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
