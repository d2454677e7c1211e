//! Escaping: the only place where text becomes part of an XML document.

/// Appends `text` as the content of an element.
///
/// A carriage return is kept: XML parsers read it as a line end (XML 1.0, section 2.11).
pub(super) fn push_text(out: &mut String, text: &str) {
    push(out, text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        other if is_allowed(other) => None,
        _ => Some(""),
    });
}

/// Appends `text` as the value of an attribute in double quotes.
///
/// Line breaks and tabs are written as character references, because parsers otherwise turn them into spaces (XML 1.0,
/// section 3.3.3).
pub(super) fn push_attribute(out: &mut String, text: &str) {
    push(out, text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        '\t' => Some("&#9;"),
        other if is_allowed(other) => None,
        _ => Some(""),
    });
}

/// Whether an XML document can contain the character, escaped or not (XML 1.0, section 2.2, "Char"). Other characters are
/// removed, because a parser would refuse the whole document.
pub(super) const fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

fn push(out: &mut String, text: &str, replacement: impl Fn(char) -> Option<&'static str>) {
    let mut unwritten = 0;
    for (at, character) in text.char_indices() {
        if let Some(replacement) = replacement(character) {
            out.push_str(&text[unwritten..at]);
            out.push_str(replacement);
            unwritten = at + character.len_utf8();
        }
    }
    out.push_str(&text[unwritten..]);
}

#[cfg(test)]
mod tests {
    use super::{push_attribute, push_text};

    fn text(raw: &str) -> String {
        let mut out = String::new();
        push_text(&mut out, raw);
        out
    }

    fn attribute(raw: &str) -> String {
        let mut out = String::new();
        push_attribute(&mut out, raw);
        out
    }

    #[test]
    fn text_escapes_markup_characters() {
        assert_eq!(text("a & b <c> \"d\" 'e'\n\t"), "a &amp; b &lt;c&gt; \"d\" 'e'\n\t");
        assert_eq!(text("]]>"), "]]&gt;");
    }

    #[test]
    fn attributes_escape_quotes_and_white_space_too() {
        assert_eq!(attribute("\"&<>'\n\r\t"), "&quot;&amp;&lt;&gt;'&#10;&#13;&#9;");
    }

    #[test]
    fn characters_that_xml_forbids_are_removed() {
        let forbidden = "a\0b\u{1}c\u{b}d\u{1f}e\u{fffe}f\u{ffff}g";
        assert_eq!(text(forbidden), "abcdefg");
        assert_eq!(attribute(forbidden), "abcdefg");
    }

    #[test]
    fn unusual_characters_that_xml_allows_are_kept() {
        let unusual = "é 日本 😀 \u{7f}\u{85}\u{2028}\u{fffd}\u{10ffff}";
        assert_eq!(text(unusual), unusual);
        assert_eq!(attribute(unusual), unusual);
    }
}
