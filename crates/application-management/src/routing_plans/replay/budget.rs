//! How many records a replay reads.

/// How many records of a kind may still be replayed.
pub(super) struct Budget {
    /// `None` for all.
    left: Option<usize>,
    /// Whether there are more records than were allowed.
    pub(super) is_exceeded: bool,
}

impl Budget {
    pub(super) const fn new(most: Option<usize>) -> Self {
        Self { left: most, is_exceeded: false }
    }

    /// The records of a page that are replayed. Only a record beyond the maximum shows that there are more.
    pub(super) fn spend<'r, T>(&mut self, page: &'r [T]) -> &'r [T] {
        let Some(left) = self.left else { return page };
        let (replayed, rest) = page.split_at(left.min(page.len()));
        self.left = Some(left - replayed.len());
        self.is_exceeded = !rest.is_empty();
        replayed
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_budget_is_exceeded_by_the_first_record_beyond_it() {
        let mut all = Budget::new(None);
        assert_eq!((all.spend(&[1, 2, 3]), all.is_exceeded), (&[1, 2, 3][..], false));
        let mut three = Budget::new(Some(3));
        assert_eq!((three.spend(&[1, 2]), three.is_exceeded), (&[1, 2][..], false));
        assert_eq!((three.spend(&[3]), three.is_exceeded), (&[3][..], false));
        assert_eq!((three.spend(&[4]), three.is_exceeded), (&[][..], true));
        let mut two = Budget::new(Some(2));
        assert_eq!((two.spend(&[1, 2, 3]), two.is_exceeded), (&[1, 2][..], true));
    }
}
