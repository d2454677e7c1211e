//! Counts in texts.

/// A count with its noun: `1 call`, `2 calls`. The plural is the noun with an `s`; of a noun in `ry`, with `ries`.
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {noun}"),
        count => match noun.strip_suffix("ry") {
            Some(stem) => format!("{count} {stem}ries"),
            None => format!("{count} {noun}s"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn only_one_is_singular() {
        let counts = [0_usize, 1, 2].map(|count| counted(count, "call"));
        assert_eq!(counts, ["0 calls", "1 call", "2 calls"]);
        assert_eq!([1, 2].map(|n| counted(n, "delivery")), ["1 delivery", "2 deliveries"]);
    }
}
