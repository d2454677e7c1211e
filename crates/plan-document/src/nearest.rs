//! What was meant by a word that is not known.

/// The known word that is most like it, if any is so much like it that it was probably meant.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Longer than any word that is known, and every comparison costs its length.
    if word.len() > 40 {
        return None;
    }
    known
        .into_iter()
        .map(|known| (strsim::osa_distance(&word.to_lowercase(), known), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let known = ["time_zone", "rules", "otherwise", "name"];
        for (word, meant) in [
            ("timezone", Some("time_zone")),
            ("Rules", Some("rules")),
            ("otherwize", Some("otherwise")),
            ("agents", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest(&"rules".repeat(100_000), known), None);
    }
}
