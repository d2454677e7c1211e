//! A strict parser for `application/x-www-form-urlencoded` bodies and queries. It copies fixed-size blocks for speed:
//! parsing the form was the most expensive step of a webhook (`docs/performance.md`).
//!
//! Twilio signs the decoded text, so the text that is verified and the text that decisions use must come from one parser.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

/// Maximum number of fields. Twilio's largest webhooks have about a hundred.
pub const MAX_FIELDS: usize = 256;

/// Typical number of fields of a webhook, so that their list is allocated once.
const TYPICAL_FIELDS: usize = 32;

/// Number of bytes copied at once, even if fewer are needed: a copy of constant length is a single instruction and costs
/// less than a copy of the exact length.
const BLOCK: usize = 8;

/// Bytes that decode to themselves and are not delimiters. A typical form consists mostly of short runs of them.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(byte, b'&' | b'=' | b'+' | b'%');
        byte += 1;
    }
    plain
};

/// A body or query is not a valid form. The error never contains values, which may be phone numbers, and only names that
/// this program asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A percent sign is not followed by two hexadecimal digits.
    #[error("percent sign is not followed by two hexadecimal digits")]
    MalformedPercent,
    /// The decoded text is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// A field has a value but no name.
    #[error("field has an empty name")]
    EmptyName,
    /// A name contains a control character.
    #[error("name of a field contains a control character")]
    ControlCharacterInName,
    /// There are more than [`MAX_FIELDS`] fields.
    #[error("form has more than {MAX_FIELDS} fields")]
    TooManyFields,
    /// A field that must be unique is repeated.
    #[error("field {name} is repeated")]
    Repeated {
        /// Name of the field.
        name: &'static str,
    },
}

/// A parsed form: names and values in the order they arrived in, repeats included.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// Decoded names and values without delimiters. If the fields arrived in signed order, this is the signed text.
    text: String,
    fields: Vec<Field>,
}

/// Offsets of one field: its name is `start..middle`, its value `middle..end`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    /// First bytes of the name, see [`prefix`]; enough to distinguish most names.
    prefix: u64,
    pub(crate) start: usize,
    middle: usize,
    pub(crate) end: usize,
}

impl Field {
    pub(crate) const fn name(self) -> Range<usize> {
        self.start..self.middle
    }

    pub(crate) const fn value(self) -> Range<usize> {
        self.middle..self.end
    }
}

/// The first eight bytes of a name as a number, so that most names are compared by one instruction. Numbers order as the
/// bytes do; names with the same number have to be compared in full.
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

    /// Parses a form. `+` is a space, `%XX` is decoded exactly once, names are case-sensitive, a name without `=` has an
    /// empty value, and empty parts between ampersands are skipped.
    pub fn parse(raw: &[u8]) -> Result<Self, FormError> {
        // One block longer than the decoded form can be, so that a whole block can be copied at its end.
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
                    push_field(&mut fields, &text, start..written, middle.take())?;
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
                    decode_hex(*digits).ok_or(FormError::MalformedPercent)?
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
        push_field(&mut fields, &text, start..written, middle)?;
        text.truncate(written);
        let text = String::from_utf8(text).map_err(|_shows_the_text| FormError::NotUtf8)?;
        let form = Self { text, fields };
        if !plain_ascii {
            form.check_characters()?;
        }
        Ok(form)
    }

    /// Checks what always holds in ASCII: no character spans two names or values, and no name has a control character.
    fn check_characters(&self) -> Result<(), FormError> {
        let is_boundary = |offset| self.text.is_char_boundary(offset);
        if !self.fields.iter().all(|field| is_boundary(field.start) && is_boundary(field.middle)) {
            return Err(FormError::NotUtf8);
        }
        if self.names().any(|name| name.chars().any(char::is_control)) {
            return Err(FormError::ControlCharacterInName);
        }
        Ok(())
    }

    /// The signed text, if the fields arrived in signed order: sorted, without repeats. Twilio sends them in this order.
    pub(crate) fn signed_text_if_sorted(&self) -> Option<&str> {
        let name_and_value = |field: &Field| (&self.text[field.name()], &self.text[field.value()]);
        let is_before = |one: &Field, two: &Field| match one.prefix.cmp(&two.prefix) {
            Ordering::Equal => name_and_value(one) < name_and_value(two),
            order => order.is_lt(),
        };
        self.fields.is_sorted_by(is_before).then_some(&self.text)
    }

    /// The form with its fields sorted by name, then by value; without a copy if they arrived so. Repeats are kept.
    pub(crate) fn in_signed_order(&self) -> Cow<'_, Self> {
        let key =
            |field: &Field| (field.prefix, &self.text[field.name()], &self.text[field.value()]);
        let is_before = |one: &Field, two: &Field| match one.prefix.cmp(&two.prefix) {
            Ordering::Equal => key(one) <= key(two),
            order => order.is_lt(),
        };
        if self.fields.is_sorted_by(is_before) {
            return Cow::Borrowed(self);
        }
        let mut fields = self.fields.clone();
        fields.sort_unstable_by(|one, two| key(one).cmp(&key(two)));
        let mut text = String::with_capacity(self.text.len());
        for field in &mut fields {
            let start = text.len();
            text.push_str(&self.text[field.start..field.end]);
            *field = Field {
                prefix: field.prefix,
                start,
                middle: start + field.middle - field.start,
                end: text.len(),
            };
        }
        Cow::Owned(Self { text, fields })
    }

    /// Looks up fields that must be unique, in one pass. The form and the names must be in signed order.
    pub(crate) fn only_in_order<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[Option<Field>; N], FormError> {
        let mut found = [None; N];
        let mut wanted = names
            .iter()
            .zip(&mut found)
            .map(|(name, found)| (prefix(name.as_bytes()), *name, found));
        let Some(mut next) = wanted.next() else { return Ok(found) };
        'fields: for field in &self.fields {
            loop {
                if field.prefix < next.0 {
                    continue 'fields;
                }
                if field.prefix == next.0 {
                    match self.text[field.name()].cmp(next.1) {
                        Ordering::Less => continue 'fields,
                        Ordering::Equal if next.2.is_some() => {
                            return Err(FormError::Repeated { name: next.1 });
                        }
                        Ordering::Equal => {
                            *next.2 = Some(*field);
                            continue 'fields;
                        }
                        Ordering::Greater => {}
                    }
                }
                match wanted.next() {
                    Some(following) => next = following,
                    None => break 'fields,
                }
            }
        }
        drop(wanted);
        Ok(found)
    }

    /// Decoded names and values without delimiters. In signed order, this is the signed text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The offsets of the fields, in the order they arrived in.
    pub(crate) fn offsets(&self) -> &[Field] {
        &self.fields
    }

    /// Names and values in the order they arrived in.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|field| (&self.text[field.name()], &self.text[field.value()]))
    }

    /// Whether any name is signed before this one.
    pub(crate) fn has_name_before(&self, name: &str) -> bool {
        let first = prefix(name.as_bytes());
        self.fields.iter().any(|field| match field.prefix.cmp(&first) {
            Ordering::Equal => self.text[field.name()] < *name,
            order => order.is_lt(),
        })
    }

    /// Names in the order they arrived in.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| &self.text[field.name()])
    }

    /// Number of fields, repeats included.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether the form has no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns the value of a field that must be unique; `None` if the form does not have it.
    ///
    /// A repeated field is an error even if both values are equal: equal repeats do not change the signature, so one may
    /// have been added by someone else.
    pub fn only(&self, name: &'static str) -> Result<Option<&str>, FormError> {
        let (text, wanted) = (self.text.as_bytes(), name.as_bytes());
        let wanted_prefix = prefix(wanted);
        let is_wanted =
            |field: &&Field| field.prefix == wanted_prefix && &text[field.name()] == wanted;
        let mut found = self.fields.iter().filter(is_wanted);
        let value = found.next().map(|field| &self.text[field.value()]);
        match found.next() {
            None => Ok(value),
            Some(_) => Err(FormError::Repeated { name }),
        }
    }
}

impl Form {
    /// Returns the values of several fields in one pass over the form. The value of a missing or repeated field is empty.
    pub(crate) fn each_only<const N: usize>(&self, names: [&str; N]) -> [&str; N] {
        let prefixes = names.map(|name| prefix(name.as_bytes()));
        let mut found = [(0, ""); N];
        for field in &self.fields {
            for ((name, prefix), (times, value)) in names.iter().zip(prefixes).zip(&mut found) {
                if field.prefix == prefix && &self.text[field.name()] == *name {
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

/// Adds the field that ends here, unless it is empty.
fn push_field(
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

fn decode_hex([high, low]: [u8; 2]) -> Option<u8> {
    Some(hex_digit(high)? << 4 | hex_digit(low)?)
}

const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
