//! Which names were probably meant by a word that names nothing.

/// Suggestions are given at most.
const MAX_NAMES: usize = 3;
/// Longer words are not compared, because every comparison costs their length.
const MAX_LENGTH: usize = 100;

/// The names that are most like a word, the nearest first. Letter case does not count.
pub fn nearest(word: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let word = word.trim().to_lowercase();
    if word.is_empty() || word.len() > MAX_LENGTH {
        return Vec::new();
    }
    let mut near: Vec<_> = names
        .into_iter()
        .filter(|name| name.len() <= MAX_LENGTH)
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let distance = strsim::osa_distance(&word, &lower);
            let begins = word.chars().count() >= 3 && lower.starts_with(&word);
            (begins || distance <= (lower.chars().count() / 3).max(1)).then_some((distance, name))
        })
        .collect();
    near.sort();
    near.dedup();
    near.truncate(MAX_NAMES);
    near.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_another_case_and_a_beginning_are_understood() {
        let names = || ["Sales", "Sales Berlin", "Support"].map(str::to_owned);
        assert_eq!(nearest("Salse", names()), ["Sales"]);
        assert_eq!(nearest("sales", names()), ["Sales", "Sales Berlin"]);
        assert_eq!(nearest("Supp", names()), ["Support"]);
        assert!(nearest("Billing", names()).is_empty() && nearest(" ", names()).is_empty());
    }
}
