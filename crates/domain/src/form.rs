//! Forms as Twilio posts them, and queries as Twilio calls them with.
//!
//! Twilio, Webhooks: "`application/x-www-form-urlencoded`". What is signed is the decoded text, so the
//! text that is verified and the text that is acted on must come from one and the same strict parser.

use std::fmt;
use std::ops::Range;

/// More fields than this are refused. Twilio's largest webhooks have about a hundred.
pub const MOST_FIELDS: usize = 256;

/// Enough for a typical webhook, so that the list of fields is allocated once.
const TYPICAL_FIELDS: usize = 32;

/// Bytes that stand for themselves, wherever they are. A typical form is mostly runs of them, which are
/// copied at once.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(byte, b'&' | b'=' | b'+' | b'%');
        byte += 1;
    }
    plain
};

/// Why a body or query is not a form. Names and values are never part of it, as they may be phone numbers;
/// the one name that is told is a name of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A percent sign that two hexadecimal digits do not follow.
    #[error("percent sign is not followed by two hexadecimal digits")]
    MalformedPercent,
    /// Something that is not UTF-8 once it is decoded.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// A value without a name.
    #[error("field has an empty name")]
    EmptyName,
    /// A control character in a name.
    #[error("name of a field contains a control character")]
    ControlCharacterInName,
    /// More than [`MOST_FIELDS`].
    #[error("form has more than {MOST_FIELDS} fields")]
    TooManyFields,
    /// A field that we act on is there more than once.
    #[error("field {name} is repeated")]
    Repeated {
        /// Its name.
        name: &'static str,
    },
}

/// A parsed form: names and values in the order in which they came, repeats included.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// The whole form, decoded. The separators are still in it, which keeps every name and value whole:
    /// as they are ASCII, no character can reach from one field into the next.
    text: String,
    fields: Vec<Field>,
}

/// Where one field is in the text: its name is `start..equals`, and its value is what follows up to `end`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Field {
    /// The beginning of its name, which tells nearly every two names apart.
    prefix: u64,
    start: usize,
    equals: usize,
    end: usize,
}

impl Field {
    const fn name(self) -> Range<usize> {
        self.start..self.equals
    }

    /// Behind the `=`, if there is one.
    fn value(self) -> Range<usize> {
        self.end.min(self.equals + 1)..self.end
    }
}

/// The first eight bytes of a name, so that most names are compared as one number; names that are equal in
/// it are in no order yet. The order of the numbers is that of the bytes.
pub(crate) fn prefix(name: &[u8]) -> u64 {
    if let Some(first) = name.first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let shifted = name.iter().fold(0, |read, byte| read << 8 | u64::from(*byte));
    shifted << (64 - 8 * name.len().max(1))
}

impl Form {
    /// A form without fields.
    pub const EMPTY: Self = Self { text: String::new(), fields: Vec::new() };

    /// Parses a form. `+` is a space, `%XX` is decoded exactly once, names are case-sensitive, a name
    /// without `=` has an empty value, and empty pieces between ampersands are skipped.
    pub fn parse(raw: &[u8]) -> Result<Self, FormError> {
        let mut text = Vec::with_capacity(raw.len());
        let mut fields = Vec::with_capacity(TYPICAL_FIELDS);
        let mut rest = raw;
        let mut start = 0;
        let mut equals = None;
        let mut plain_ascii = true;
        loop {
            let run = rest.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(rest.len());
            let (plain, after) = rest.split_at(run);
            text.extend_from_slice(plain);
            let Some((special, after)) = after.split_first() else { break };
            rest = after;
            let byte = match special {
                b'&' => {
                    close(&mut fields, &text, start, equals)?;
                    start = text.len() + 1;
                    equals = None;
                    b'&'
                }
                b'=' => {
                    equals = equals.or(Some(text.len()));
                    b'='
                }
                b'+' => b' ',
                b'%' => {
                    let (digits, after) =
                        after.split_first_chunk().ok_or(FormError::MalformedPercent)?;
                    rest = after;
                    escaped(*digits).ok_or(FormError::MalformedPercent)?
                }
                other => *other,
            };
            if byte.is_ascii_control() && equals.is_none() {
                return Err(FormError::ControlCharacterInName);
            }
            plain_ascii &= byte.is_ascii();
            text.push(byte);
        }
        close(&mut fields, &text, start, equals)?;
        let text = String::from_utf8(text).map_err(|_shows_the_text| FormError::NotUtf8)?;
        let form = Self { text, fields };
        if !plain_ascii && form.fields().any(|(name, _)| name.chars().any(char::is_control)) {
            return Err(FormError::ControlCharacterInName);
        }
        Ok(form)
    }

    /// Names and values in the order in which they came.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|field| (&self.text[field.name()], &self.text[field.value()]))
    }

    /// Names in the order in which they came.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| &self.text[field.name()])
    }

    /// How many fields there are, repeats counted.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The value of a field that we act on.
    ///
    /// A repeated field is an error even if both values are equal: Twilio's signature does not count equal
    /// repeats, so one of them may have been added on the way.
    pub fn only(&self, name: &'static str) -> Result<Option<&str>, FormError> {
        let (text, wanted) = (self.text.as_bytes(), name.as_bytes());
        let beginning = prefix(wanted);
        let is_wanted = |field: &&Field| field.prefix == beginning && &text[field.name()] == wanted;
        let mut found = self.fields.iter().filter(is_wanted);
        let value = found.next().map(|field| &self.text[field.value()]);
        match found.next() {
            None => Ok(value),
            Some(_) => Err(FormError::Repeated { name }),
        }
    }
}

impl Form {
    /// The values of fields that we do not act on, all at once. What is missing or repeated is empty.
    pub(crate) fn each_only<const N: usize>(&self, names: [&str; N]) -> [&str; N] {
        let beginnings = names.map(|name| prefix(name.as_bytes()));
        let mut found = [(0, ""); N];
        for field in &self.fields {
            for ((name, beginning), (times, value)) in names.iter().zip(beginnings).zip(&mut found)
            {
                if field.prefix == beginning && &self.text[field.name()] == *name {
                    *times += 1;
                    *value = &self.text[field.value()];
                }
            }
        }
        found.map(|(times, value)| if times == 1 { value } else { "" })
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} fields)", self.len())
    }
}

/// Notes the field that ends here, unless there is nothing between two ampersands.
fn close(
    fields: &mut Vec<Field>,
    text: &[u8],
    start: usize,
    equals: Option<usize>,
) -> Result<(), FormError> {
    let end = text.len();
    let equals = equals.unwrap_or(end);
    if start == end {
        return Ok(());
    }
    if start == equals {
        return Err(FormError::EmptyName);
    }
    if fields.len() == MOST_FIELDS {
        return Err(FormError::TooManyFields);
    }
    fields.push(Field { prefix: prefix(&text[start..equals]), start, equals, end });
    Ok(())
}

fn escaped([high, low]: [u8; 2]) -> Option<u8> {
    Some(hexadecimal(high)? << 4 | hexadecimal(low)?)
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
