//! How many segments an SMS has, for which carriers charge.

use crate::string_enum;

/// The characters of GSM-7 that take one septet (3GPP TS 23.038, section 6.2.1).
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The characters of the extension table, which take two septets (3GPP TS 23.038, section 6.2.1.1).
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

string_enum! {
    /// The encoding of an SMS.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Encoding {
        /// 7 bits for each character of a small alphabet.
        Gsm7 = "GSM-7",
        /// 16 bits for each UTF-16 code unit, for all other texts.
        Ucs2 = "UCS-2",
    }
}

impl Encoding {
    /// The units of an SMS of one segment, and of each segment of a longer one, which has a header of 6 bytes
    /// (3GPP TS 23.040, section 9.2.3.24.1).
    const fn capacity(self) -> (u32, u32) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }
}

/// The size of an SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// The encoding, which one character of another alphabet changes for the complete text.
    pub encoding: Encoding,
    /// Septets or UTF-16 code units.
    pub units: u32,
    /// The number of segments; 0 for an empty text.
    pub count: u32,
}

impl Segments {
    /// Measures a text. A character is never divided between two segments.
    pub fn of(text: &str) -> Self {
        let septets: Option<Vec<u32>> = text.chars().map(septets).collect();
        let (encoding, sizes) = match septets {
            Some(sizes) => (Encoding::Gsm7, sizes),
            None => (Encoding::Ucs2, text.chars().map(code_units).collect()),
        };
        let units = sizes.iter().sum();
        let (alone, each) = encoding.capacity();
        let count = if units <= alone { u32::from(units > 0) } else { filled(&sizes, each) };
        Self { encoding, units, count }
    }
}

/// The septets of a character; `None` if GSM-7 does not have it.
fn septets(character: char) -> Option<u32> {
    if BASIC.contains(character) {
        return Some(1);
    }
    EXTENSION.contains(character).then_some(2)
}

const fn code_units(character: char) -> u32 {
    if character.len_utf16() == 2 { 2 } else { 1 }
}

/// How many segments of this capacity the characters fill, one after another.
fn filled(sizes: &[u32], capacity: u32) -> u32 {
    let (mut count, mut used) = (1, 0);
    for size in sizes {
        if used + size > capacity {
            (count, used) = (count + 1, 0);
        }
        used += size;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Segments};

    fn measured(text: &str) -> (Encoding, u32, u32) {
        let Segments { encoding, units, count } = Segments::of(text);
        (encoding, units, count)
    }

    /// The limits of Twilio's documentation, "What the heck is a segment": 160 and 153 characters, or 70 and 67.
    #[test]
    fn a_longer_message_has_smaller_segments() {
        for (character, encoding, alone, each) in
            [("a", Encoding::Gsm7, 160, 153), ("Я", Encoding::Ucs2, 70, 67)]
        {
            for (characters, segments) in [
                (1, 1),
                (alone, 1),
                (alone + 1, 2),
                (2 * each, 2),
                (2 * each + 1, 3),
                (10 * each, 10),
            ] {
                let text = character.repeat(usize::try_from(characters).unwrap());
                assert_eq!(measured(&text), (encoding, characters, segments), "{characters}");
            }
        }
        assert_eq!(measured(""), (Encoding::Gsm7, 0, 0));
    }

    #[test]
    fn each_character_of_the_alphabet_takes_one_septet() {
        let basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ¤¡ÄÖÑÜ§¿äöñüà";
        let characters = u32::try_from(basic.chars().count()).unwrap();
        assert_eq!(measured(basic), (Encoding::Gsm7, characters, 1));
    }

    #[test]
    fn a_character_of_the_extension_table_counts_twice() {
        assert_eq!(measured("10 €"), (Encoding::Gsm7, 5, 1));
        assert_eq!(measured(&"€".repeat(80)), (Encoding::Gsm7, 160, 1));
        // A pair of septets is not divided: 76 pairs fill 152 of 153 septets.
        assert_eq!(measured(&"€".repeat(81)), (Encoding::Gsm7, 162, 2));
        assert_eq!(measured(&"€".repeat(153)), (Encoding::Gsm7, 306, 3));
    }

    #[test]
    fn one_character_changes_the_encoding_of_the_whole_text() {
        // A typographic apostrophe, as phones and word processors write it.
        assert_eq!(measured("We’re open"), (Encoding::Ucs2, 10, 1));
        assert_eq!(measured(&format!("{}ç", "a".repeat(69))), (Encoding::Ucs2, 70, 1));
        assert_eq!(measured(&format!("{}ç", "a".repeat(70))), (Encoding::Ucs2, 71, 2));
    }

    #[test]
    fn an_emoji_takes_two_code_units_and_is_not_divided() {
        assert_eq!(measured("👋"), (Encoding::Ucs2, 2, 1));
        assert_eq!(measured(&"👋".repeat(35)), (Encoding::Ucs2, 70, 1));
        assert_eq!(measured(&"👋".repeat(36)), (Encoding::Ucs2, 72, 2));
        // 33 emoji fill 66 of 67 code units.
        assert_eq!(measured(&"👋".repeat(67)), (Encoding::Ucs2, 134, 3));
    }
}
