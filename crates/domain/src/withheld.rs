//! The spellings of a withheld caller ID.

/// Keypad spellings of "anonymous", "restricted", "blocked", "unknown" and "unavailable", without a country code. Some
/// carriers send them as a number, with or without +1 (Twilio help article 223179988).
const KEYPAD_WORDS: [&str; 5] = ["266696687", "7378742833", "2562533", "8656696", "86282452253"];

const WORDS: [&str; 6] =
    ["anonymous", "restricted", "blocked", "unknown", "unavailable", "private"];

/// The host of an anonymous SIP address (RFC 3323, section 4.1.1.3).
const ANONYMOUS_HOST: &str = "anonymous.invalid";

/// Whether the text of an address stands for a withheld caller ID.
pub(crate) fn is_withheld(text: &str) -> bool {
    text.is_empty() || is_keypad_spelling(text) || is_word(text) || is_anonymous_sip(text)
}

/// Whether the text, in the form of a number, is a keypad spelling of a withheld caller ID.
pub(crate) fn is_keypad_spelling(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    let national = digits.strip_prefix('1').unwrap_or(digits);
    KEYPAD_WORDS.contains(&digits) || KEYPAD_WORDS.contains(&national)
}

fn is_word(text: &str) -> bool {
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_anonymous_sip(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
        return false;
    }
    let address = rest.split([';', '?']).next().unwrap_or_default();
    let (user, host) = address.split_once('@').unwrap_or(("", address));
    let user = user.split(':').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    is_word(user) || is_keypad_spelling(user) || host.eq_ignore_ascii_case(ANONYMOUS_HOST)
}

#[cfg(test)]
mod tests {
    use crate::address::Address;

    #[test]
    fn every_spelling_of_a_withheld_caller_id_is_recognized() {
        for text in [
            "",
            "anonymous",
            "Anonymous",
            "RESTRICTED",
            "+266696687",
            "+1266696687",
            "+7378742833",
            "+17378742833",
            "+2562533",
            "+12562533",
            "+8656696",
            "+18656696",
            "+86282452253",
            "+186282452253",
            "sip:anonymous@anonymous.invalid",
            "sip:anonymous@203.0.113.9",
            "sip:Anonymous@anonymous.invalid:5060;transport=tls",
            "sips:restricted@pbx.example.com",
            "sip:+266696687@trunk.example.com",
            "sip:anonymous.invalid",
        ] {
            assert_eq!(Address::parse(text), Ok(Address::Withheld), "{text}");
        }
    }

    #[test]
    fn other_callers_are_not_withheld() {
        for text in [
            "+14155550100",
            "+12666966871",
            "sip:jo@pbx.example.com",
            "sip:anonymous.jo@pbx.example.com",
            "client:anonymous",
            "whatsapp:+14155550100",
            "Private Co",
        ] {
            assert_ne!(Address::parse(text), Ok(Address::Withheld), "{text}");
        }
    }
}
