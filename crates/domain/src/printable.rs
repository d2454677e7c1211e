//! Text of others in front of people: on a terminal, in a log.
//!
//! Control characters start escape sequences and forge lines, and bidirectional formatting shows text in another order
//! than it has. Each becomes U+FFFD.

use std::borrow::Cow;

const REPLACEMENT: char = '\u{FFFD}';

/// The text as one line: line breaks become spaces.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    replaced(text, |character| match character {
        '\n' | '\t' => Some(' '),
        other => is_hidden(other).then_some(REPLACEMENT),
    })
}

/// The text with its line breaks and tabs.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let is_kept = |character| matches!(character, '\n' | '\t');
    replaced(text, |character| (is_hidden(character) && !is_kept(character)).then_some(REPLACEMENT))
}

fn replaced(text: &str, replacement: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if text.chars().all(|character| replacement(character).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|character| replacement(character).unwrap_or(character)).collect())
}

/// Whether a character has an effect instead of a shape: controls, bidirectional formatting, line separators.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061C}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
                | '\u{FEFF}'
        )
}

#[cfg(test)]
mod tests {
    use super::{lines, one_line};

    #[test]
    fn what_has_an_effect_is_replaced() {
        let hostile = "bad \u{1b}]0;PWNED\u{7}\u{9b}2J\r\nERROR \u{202e}fake\u{2069}\u{7f}";
        let shown = one_line(hostile);
        assert_eq!(
            shown,
            "bad \u{fffd}]0;PWNED\u{fffd}\u{fffd}2J\u{fffd} ERROR \u{fffd}fake\u{fffd}\u{fffd}"
        );
        assert_eq!(lines(hostile), shown.replacen("\u{fffd} ERROR", "\u{fffd}\nERROR", 1));
    }

    #[test]
    fn what_has_a_shape_stays() {
        let text = "Café Zürich 日本 עברית 👩\u{200d}💻";
        assert_eq!((one_line(text), lines(text)), (text.into(), text.into()));
    }
}
