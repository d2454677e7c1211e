//! Percent-encoding as browsers do it.
//!
//! WHATWG URL, "Percent-encoded bytes". Twilio signs a URL in this form when raw special characters were
//! configured: a published example (`Body=It's+amazing`) was signed with `%27` for the apostrophe.

/// In which part of the URL the text stands.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Path,
    Query,
}

/// The text as a browser would write it, if that is another text. What is encoded already stays as it is;
/// nothing is decoded, and no segment of the path is resolved.
pub(super) fn encoded(text: &str, part: Part) -> Option<String> {
    if !text.bytes().any(|byte| is_special(byte, part)) {
        return None;
    }
    let mut written = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if is_special(byte, part) {
            written.push('%');
            for digit in [byte >> 4, byte & 15] {
                written.extend(
                    char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()),
                );
            }
        } else {
            // Every byte beyond ASCII is special, so this one is a character of its own.
            written.push(char::from(byte));
        }
    }
    Some(written)
}

const fn is_special(byte: u8, part: Part) -> bool {
    match byte {
        0..=b' ' | 0x7f.. | b'"' | b'<' | b'>' => true,
        b'\'' => matches!(part, Part::Query),
        b'^' | b'`' | b'{' | b'}' => matches!(part, Part::Path),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::{Part, encoded};

    #[test]
    fn a_text_without_special_characters_has_no_second_form() {
        assert_eq!(encoded("/api/twilio/voice", Part::Path), None);
        assert_eq!(encoded("?agentId=a%27b+c&x=^`{}|[]", Part::Query), None);
    }

    #[test]
    fn special_characters_are_encoded_by_the_part_that_they_stand_in() {
        assert_eq!(
            encoded("?Body=It's+\"é\"", Part::Query).as_deref(),
            Some("?Body=It%27s+%22%C3%A9%22")
        );
        assert_eq!(encoded("/It's/{a}/%7b", Part::Path).as_deref(), Some("/It's/%7Ba%7D/%7b"));
    }

    proptest! {
        #[test]
        fn the_query_is_what_an_independent_serialiser_writes(query in "[^#\\pC]{1,40}") {
            let url = Url::parse(&format!("https://example.com/?{query}")).unwrap();
            // The serialiser drops white space at the end of the URL.
            prop_assume!(!query.ends_with(char::is_whitespace));
            prop_assert_eq!(encoded(&query, Part::Query).unwrap_or(query), url.query().unwrap_or_default());
        }

        #[test]
        fn the_path_is_what_an_independent_serialiser_writes(segment in "[^#?/\\\\.%^\\pC\\pZ]{1,40}") {
            let url = Url::parse(&format!("https://example.com/{segment}")).unwrap();
            let path = format!("/{segment}");
            prop_assert_eq!(encoded(&path, Part::Path).unwrap_or(path), url.path());
        }
    }
}
