//! Single values: texts, words, numbers.

use std::fmt::Display;
use std::ops::RangeInclusive;

use switchboard_domain::agent::{Label, Reply};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Share, Zone};
use switchboard_domain::web_address::WebUrl;

use super::place::{Place, Read, Reading};
use crate::nearest::nearest;
use crate::shape::limits::SENTENCE_CHARACTERS;
use crate::tree::Tree;

pub(super) fn text<'t>(place: &Place<'t>, reading: &mut Reading) -> Read<&'t str> {
    match place.tree {
        Tree::Text(text) => Ok(text),
        _ => Err(reading.expected(place, "text")),
    }
}

/// A text that has a grammar.
pub(super) fn parsed<T, E: Display>(
    place: &Place<'_>,
    reading: &mut Reading,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Read<T> {
    let text = text(place, reading)?;
    parse(text).map_err(|error| reading.refuse(&place.at, error.to_string()))
}

/// One of some words.
pub(super) fn word<T>(
    place: &Place<'_>,
    reading: &mut Reading,
    words: &[&'static str],
    parse: impl FnOnce(&str) -> Option<T>,
) -> Read<T> {
    parsed(place, reading, |text| {
        parse(text).ok_or_else(|| {
            let meant = nearest(text, words.iter().copied());
            let hint = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
            format!("must be one of {}{hint}", words.join(", "))
        })
    })
}

pub(super) fn label(place: &Place<'_>, reading: &mut Reading) -> Read<Label> {
    parsed(place, reading, Label::parse)
}

/// What is said to a caller.
pub(super) fn sentence(place: &Place<'_>, reading: &mut Reading) -> Read<Reply> {
    parsed(place, reading, |text| {
        if text.chars().count() > SENTENCE_CHARACTERS {
            return Err(format!(
                "is longer than the {SENTENCE_CHARACTERS} characters that Twilio says at once"
            ));
        }
        Reply::parse(text).map_err(|error| error.to_string())
    })
}

pub(super) fn zone(place: &Place<'_>, reading: &mut Reading) -> Read<Zone> {
    parsed(place, reading, Zone::parse)
}

pub(super) fn url(place: &Place<'_>, reading: &mut Reading) -> Read<WebUrl> {
    parsed(place, reading, WebUrl::parse)
}

pub(crate) fn phone_number(place: &Place<'_>, reading: &mut Reading) -> Read<PhoneNumber> {
    parsed(place, reading, PhoneNumber::parse_typed)
}

/// A number as people type it.
pub(crate) fn phone_number_in(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse_typed(text).map_err(|error| error.to_string())
}

pub(super) fn flag(place: &Place<'_>, reading: &mut Reading) -> Read<bool> {
    match place.tree {
        Tree::Flag(flag) => Ok(*flag),
        _ => Err(reading.expected(place, "true or false")),
    }
}

/// A whole number within a range. `1.0` is whole, as JSON Schema has it.
pub(super) fn whole(
    place: &Place<'_>,
    reading: &mut Reading,
    range: &RangeInclusive<u32>,
) -> Read<u32> {
    let Tree::Number(number) = *place.tree else {
        return Err(reading.expected(place, "a number"));
    };
    let is_within = (f64::from(*range.start())..=f64::from(*range.end())).contains(&number);
    if is_within && number.fract() == 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and between two numbers of this type"
        )]
        return Ok(number as u32);
    }
    let (least, most) = (range.start(), range.end());
    Err(reading.refuse(&place.at, format!("must be a whole number from {least} to {most}")))
}

/// A percentage with at most two decimals.
pub(super) fn share(place: &Place<'_>, reading: &mut Reading) -> Read<Share> {
    let Tree::Number(percent) = *place.tree else {
        return Err(reading.expected(place, "a number"));
    };
    let hundredths = (percent * 100.0).round();
    // Two decimals are never exact in binary: what is nearer than a millionth was written so.
    let has_two_decimals = (percent * 100.0 - hundredths).abs() < 1e-6;
    let share = if has_two_decimals && (0.0..=10_000.0).contains(&hundredths) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and between 0 and 10,000"
        )]
        Share::of_hundredths(hundredths as u16)
    } else {
        None
    };
    share.ok_or_else(|| {
        reading.refuse(&place.at, "must be a percentage from 0.01 to 100 with at most two decimals")
    })
}
