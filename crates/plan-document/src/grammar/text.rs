//! The texts that documents contain.

use switchboard_domain::agent::{Label, MAX_LABEL_CHARACTERS, Reply};
use switchboard_domain::phone_number;
use switchboard_domain::plan::{self, DateRange, LocalDate, MinuteOfDay, Zone};
use switchboard_domain::web_address::{MAX_URL_BYTES, WebUrl};

use crate::countries;

/// Longest sentence that Twilio speaks at once, in characters (Twilio, TwiML Say).
const MAX_SENTENCE_CHARACTERS: usize = 4_096;
/// Longest prefix of a number: a plus and the 15 digits of E.164.
const MAX_PREFIX_CHARACTERS: usize = 16;

text! {
    #[doc = format!("A name on one line, at most {MAX_LABEL_CHARACTERS} characters.")]
    Name of Label, with {"minLength": 1}, Label::parse, Label::as_str
}

text! {
    /// The URL of this schema.
    SchemaUrl of (), with {}, |_: &str| Ok::<(), String>(()), |(): &()| ""
}

text! {
    /// A phone number with its country code. Spaces, brackets, dots and dashes are ignored.
    PhoneNumber of phone_number::PhoneNumber,
    with {
        "pattern": r"^[+0-9 ()./\u00a0\u2010-\u2013-]+$",
        "examples": ["+14155550100", "+1 (415) 555-0100"]
    },
    number, phone_number::PhoneNumber::as_str
}

text! {
    /// The first digits of a phone number, with a plus and the country code.
    Prefix of String,
    with {"pattern": r"^\+[1-9][0-9]{0,14}$", "examples": ["+1415", "+44"]},
    prefix, String::as_str
}

text! {
    /// A country as its two-letter code (ISO 3166-1), as Twilio reports it.
    Country of plan::Country,
    with {"pattern": "^[A-Za-z]{2}$", "examples": ["US", "GB"]},
    country, plan::Country::as_str
}

text! {
    /// A date.
    Day of LocalDate,
    with {"pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "examples": ["2026-12-24"]},
    day, LocalDate::to_string
}

text! {
    /// A date, or a range of dates with two dots between the first and the last.
    DayOrDays of DateRange,
    with {
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        "examples": ["2026-12-24", "2026-12-24..2027-01-01"]
    },
    dates, |dates: &DateRange| dates.first()
}

text! {
    /// A time of day, from 00:00 to 24:00.
    TimeOfDay of MinuteOfDay,
    with {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", "examples": ["09:00", "24:00"]},
    time_of_day, MinuteOfDay::to_string
}

text! {
    /// A time of day, from 00:00 to 23:59.
    StartTime of MinuteOfDay,
    with {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["09:00"]},
    start_time, MinuteOfDay::to_string
}

text! {
    /// A time zone as its IANA name.
    TimeZone of Zone,
    with {"minLength": 1, "examples": ["America/New_York", "Europe/London"]},
    Zone::parse, Zone::as_str
}

text! {
    /// An `https://` or `http://` URL without a user name or password.
    Url of WebUrl, with {"format": "uri", "maxLength": MAX_URL_BYTES}, WebUrl::parse, WebUrl::as_str
}

text! {
    /// A SIP address.
    Sip of Label, with {"pattern": r"^\s*sips?:.", "examples": ["sip:desk@pbx.example.com"]}, sip, Label::as_str
}

text! {
    #[doc = format!("A text that is spoken: not blank, at most {MAX_SENTENCE_CHARACTERS} characters.")]
    Sentence of Reply, with {"minLength": 1, "maxLength": MAX_SENTENCE_CHARACTERS}, sentence, Reply::as_str
}

text! {
    /// The language in which a text is spoken, as a code that Twilio knows. Without it, Twilio chooses.
    Language of Label, with {"minLength": 1, "examples": ["en-US", "de-DE"]}, Label::parse, Label::as_str
}

/// Reads a number as people type it.
pub(crate) fn number(text: &str) -> Result<phone_number::PhoneNumber, String> {
    let number = phone_number::PhoneNumber::parse_typed(text).map_err(|error| error.to_string())?;
    if number.is_withheld_spelling() {
        return Err(
            "is how carriers spell a withheld number; use the condition withheld".to_owned()
        );
    }
    Ok(number)
}

fn prefix(text: &str) -> Result<String, &'static str> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let is_prefix = text.len() <= MAX_PREFIX_CHARACTERS
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.is_empty()
        && !digits.starts_with('0');
    let what = "must be the beginning of a number with its country code, for example +1415";
    if is_prefix { Ok(text.to_owned()) } else { Err(what) }
}

fn country(text: &str) -> Result<plan::Country, &'static str> {
    let known = plan::Country::parse(text).filter(|country| countries::is_known(country.as_str()));
    known.ok_or(if text.eq_ignore_ascii_case("uk") {
        "is not a country code; the United Kingdom is GB"
    } else {
        "is not a country code; write two letters (ISO 3166-1), for example US"
    })
}

fn day(text: &str) -> Result<LocalDate, &'static str> {
    LocalDate::parse(text).ok_or("is not a date; write for example 2026-12-24")
}

/// A date, or a range of dates `2026-12-24..2027-01-01`.
pub(crate) fn dates(text: &str) -> Result<DateRange, &'static str> {
    match text.split_once("..") {
        None => day(text).map(DateRange::day),
        Some((first, last)) => DateRange::new(day(first)?, day(last)?).ok_or(BACKWARD),
    }
}

/// What is wrong with a range whose days are in the wrong order.
pub(super) const BACKWARD: &str = "ends before it begins; swap the two dates";

fn time_of_day(text: &str) -> Result<MinuteOfDay, &'static str> {
    MinuteOfDay::parse(text).ok_or("must be a time of day from 00:00 to 24:00, for example 09:00")
}

fn start_time(text: &str) -> Result<MinuteOfDay, &'static str> {
    match time_of_day(text)? {
        MinuteOfDay::END => Err("is the end of the day; start at 00:00 of the next day"),
        minute => Ok(minute),
    }
}

fn sip(text: &str) -> Result<Label, String> {
    let sip = Label::parse(text).map_err(|error| error.to_string())?;
    let text = sip.as_str();
    let rest = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) {
        return Ok(sip);
    }
    Err("is not a SIP address; write for example sip:desk@pbx.example.com".to_owned())
}

fn sentence(text: &str) -> Result<Reply, String> {
    if text.chars().count() > MAX_SENTENCE_CHARACTERS {
        return Err(format!(
            "is longer than the {MAX_SENTENCE_CHARACTERS} characters that Twilio speaks"
        ));
    }
    Reply::parse(text).map_err(|error| error.to_string())
}
