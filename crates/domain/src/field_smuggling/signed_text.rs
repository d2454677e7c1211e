//! Copies of a field in the signed text of a form.

use std::ops::Range;

use crate::field::FieldError;
use crate::form::{Field, Form};

/// A form in signed order.
pub(super) struct SignedText<'f> {
    form: &'f Form,
}

/// A place in the signed text where a name is followed by a value that the field of this name can have.
#[derive(Clone, Copy)]
pub(super) struct Copy<'f> {
    /// Where the name starts.
    pub(super) at: usize,
    /// Name of the field that contains the copy or its start.
    pub(super) holder: &'f str,
    /// Where the holder ends.
    pub(super) holder_end: usize,
    /// Where in the holder the copy is.
    pub(super) place: Place,
}

/// Where in a field a copy of another name is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the value.
    Value,
    /// At the end of the name, and the value is one complete value: `ForwardTo=+14155550100` contains a copy of `To`.
    Suffix,
    /// The name of the field ends within the copied name.
    Split,
    /// Elsewhere in the name, or across the end of the field.
    Elsewhere,
}

impl<'f> SignedText<'f> {
    pub(super) const fn new(form: &'f Form) -> Self {
        Self { form }
    }

    pub(super) fn text(&self) -> &'f str {
        self.form.text()
    }

    pub(super) fn name(&self, field: Field) -> &'f str {
        &self.text()[field.name()]
    }

    pub(super) fn value(&self, field: Field) -> &'f str {
        &self.text()[field.value()]
    }

    /// The fields that are signed before an offset, or contain it.
    fn fields_before(&self, offset: usize) -> &'f [Field] {
        let fields = self.form.offsets();
        &fields[..fields.partition_point(|field| field.start < offset)]
    }

    /// Where the first field before an offset starts that has none of these names, which are in order.
    pub(super) fn first_other_than(&self, names: &[&str], offset: usize) -> Option<usize> {
        let mut names = names.iter();
        let fields = self.form.offsets().iter().take_while(|field| field.start < offset);
        let mut others = fields.filter(|field| !names.any(|name| *name == self.name(**field)));
        others.next().map(|field| field.start)
    }

    /// Whether a field that is signed before an offset has a name for which `is_free` holds.
    pub(super) fn any_before(&self, offset: usize, is_free: impl Fn(&str) -> bool) -> bool {
        self.fields_before(offset).iter().any(|field| is_free(self.name(*field)))
    }

    /// Whether a name is cut in two: the name of a field ends within it, and the value of the field contains the rest.
    pub(super) fn is_split(&self, name: &str) -> bool {
        let text = self.text();
        self.form.offsets().iter().any(|field| {
            let at_end = |start: &str| text[field.name()].ends_with(start);
            let rest = text.as_bytes().get(field.value().start..).unwrap_or_default();
            (1..name.len()).any(|cut| {
                let (start, end) = name.split_at(cut);
                rest.starts_with(end.as_bytes()) && at_end(start)
            })
        })
    }

    /// The copies of a name within a range whose following text satisfies `is_value`, other than fields of this very
    /// name.
    pub(super) fn copies(
        &self,
        name: &'static str,
        within: Range<usize>,
        is_value: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = Copy<'f>> {
        let text = self.text();
        let start = within.start;
        let places = text[within].match_indices(name).map(move |(at, _)| start + at);
        let places = places.filter(move |at| is_value(&text[at + name.len()..]));
        places.filter_map(move |at| {
            let field = *self.fields_before(at + 1).last()?;
            let value_at = at + name.len();
            let holder = self.name(field);
            if field.start == at && holder == name {
                return None;
            }
            let value = field.value();
            let place = if at >= value.start && value_at <= field.end {
                Place::Value
            } else if at < value.start && value.start < value_at {
                Place::Split
            } else if value.start == value_at && is_one_value(self.value(field)) {
                Place::Suffix
            } else {
                Place::Elsewhere
            };
            Some(Copy { at, holder, holder_end: field.end, place })
        })
    }
}

/// Whether a value contains no name of another field that Twilio always sends.
fn is_one_value(value: &str) -> bool {
    let names = ["CallS", "Called", "Caller", "Direction", "From", "MessageSid", "To"];
    let is_number = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit());
    value.strip_prefix('+').is_none_or(is_number) && !names.iter().any(|name| value.contains(name))
}

/// Refuses a field unless `holds`.
pub(super) fn ensure(holds: bool, name: &'static str) -> Result<(), FieldError> {
    if holds { Ok(()) } else { Err(FieldError::malformed(name)) }
}
