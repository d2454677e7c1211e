//! Forms as Twilio posts them, and queries as Twilio calls them with.
//!
//! Twilio, Webhooks: "`application/x-www-form-urlencoded`". What is signed is the decoded text, so the
//! text that is verified and the text that is acted on must come from one and the same strict parser.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

/// More fields than this are refused. Twilio's largest webhooks have about a hundred.
pub const MAX_FIELDS: usize = 256;

/// Enough for a typical webhook, so that the list of fields is allocated once.
const TYPICAL_FIELDS: usize = 32;

/// Bytes that are copied in one move, whether or not all of them are wanted: a copy of a length that is known costs
/// less than one of the right length.
const BLOCK: usize = 8;

/// Bytes that stand for themselves, wherever they are. A typical form is mostly short runs of them.
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
    /// More than [`MAX_FIELDS`].
    #[error("form has more than {MAX_FIELDS} fields")]
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
    /// Names and values, decoded, one right behind the other: the text that is signed, where they came in order.
    text: String,
    fields: Vec<Field>,
}

/// Where one field is in the text: its name is `start..middle`, and its value is `middle..end`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Field {
    /// The beginning of its name, which tells nearly every two names apart.
    prefix: u64,
    start: usize,
    middle: usize,
    end: usize,
}

impl Field {
    const fn name(self) -> Range<usize> {
        self.start..self.middle
    }

    const fn value(self) -> Range<usize> {
        self.middle..self.end
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
        // A little longer than the form can be, so that a whole block fits at its end.
        let mut text = vec![0; raw.len() + BLOCK];
        let mut fields = Vec::with_capacity(TYPICAL_FIELDS);
        let (mut read, mut written) = (0, 0);
        let mut start = 0;
        let mut middle = None;
        let mut plain_ascii = true;
        let mut last_block;
        loop {
            let rest = &raw[read..];
            let block = if let Some(block) = rest.first_chunk() {
                block
            } else {
                last_block = [b'&'; BLOCK];
                last_block[..rest.len()].copy_from_slice(rest);
                &last_block
            };
            text[written..written + BLOCK].copy_from_slice(block);
            let run = block.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(BLOCK);
            read += run;
            written += run;
            if run == BLOCK {
                continue;
            }
            if read == raw.len() {
                break;
            }
            read += 1;
            let byte = match block[run] {
                b'&' => {
                    close(&mut fields, &text, start..written, middle.take())?;
                    start = written;
                    continue;
                }
                b'=' if middle.is_none() => {
                    middle = Some(written);
                    continue;
                }
                b'+' => b' ',
                b'%' => {
                    let digits = raw[read..].first_chunk().ok_or(FormError::MalformedPercent)?;
                    read += digits.len();
                    escaped(*digits).ok_or(FormError::MalformedPercent)?
                }
                other => other,
            };
            if byte.is_ascii_control() && middle.is_none() {
                return Err(FormError::ControlCharacterInName);
            }
            plain_ascii &= byte.is_ascii();
            text[written] = byte;
            written += 1;
        }
        close(&mut fields, &text, start..written, middle)?;
        text.truncate(written);
        let text = String::from_utf8(text).map_err(|_shows_the_text| FormError::NotUtf8)?;
        let form = Self { text, fields };
        if !plain_ascii {
            form.check_characters()?;
        }
        Ok(form)
    }

    /// Checks what is true of every form in ASCII: no character reaches from one name or value into the next, and no
    /// name has a control character.
    fn check_characters(&self) -> Result<(), FormError> {
        let is_whole = |border| self.text.is_char_boundary(border);
        if !self.fields.iter().all(|field| is_whole(field.start) && is_whole(field.middle)) {
            return Err(FormError::NotUtf8);
        }
        if self.names().any(|name| name.chars().any(char::is_control)) {
            return Err(FormError::ControlCharacterInName);
        }
        Ok(())
    }

    /// The fields as they are signed, if they came in that order: sorted, none twice. Twilio sends them so.
    pub(crate) fn in_order(&self) -> Option<&str> {
        let spelled = |field: &Field| (&self.text[field.name()], &self.text[field.value()]);
        let is_before = |one: &Field, two: &Field| match one.prefix.cmp(&two.prefix) {
            Ordering::Equal => spelled(one) < spelled(two),
            order => order.is_lt(),
        };
        self.fields.is_sorted_by(is_before).then_some(&self.text)
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

/// Notes the field that is there, unless there is nothing between two ampersands.
fn close(
    fields: &mut Vec<Field>,
    text: &[u8],
    Range { start, end }: Range<usize>,
    middle: Option<usize>,
) -> Result<(), FormError> {
    let middle = match middle {
        None if start == end => return Ok(()),
        Some(middle) if start == middle => return Err(FormError::EmptyName),
        middle => middle.unwrap_or(end),
    };
    if fields.len() == MAX_FIELDS {
        return Err(FormError::TooManyFields);
    }
    fields.push(Field { prefix: prefix(&text[start..middle]), start, middle, end });
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
