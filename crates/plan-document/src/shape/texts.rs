//! Texts that have a grammar.

use schemars::JsonSchema;
use serde::Serialize;

/// A phone number with its country code. Spaces, brackets, dots and dashes in it are passed over.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = r"^[+0-9 ()./\u00a0\u2010-\u2013-]+$",
    "examples" = ["+14155550100", "+1 (415) 555-0100"]
))]
pub(crate) struct PhoneNumber<'a>(pub(super) &'a str);

/// A day of the calendar.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "examples" = ["2026-12-24"]))]
pub(crate) struct Day(pub(super) String);

/// A day of the calendar, or days in a row with two dots between the first and the last.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$",
    "examples" = ["2026-12-24", "2026-12-24..2027-01-01"]
))]
pub(crate) struct DayOrDays(pub(super) String);

/// A time of day, from 00:00 to 24:00.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend(
    "pattern" = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
    "examples" = ["09:00", "24:00"]
))]
pub(crate) struct TimeOfDay(pub(super) String);

/// A time zone by its IANA name.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("minLength" = 1, "examples" = ["America/New_York", "Europe/London"]))]
pub(crate) struct TimeZone<'a>(pub(super) &'a str);

/// An `https://` or `http://` URL without a user name or password.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "uri", "maxLength" = 2000))]
pub(crate) struct Url<'a>(pub(super) &'a str);

/// A name of one line, at most 200 characters.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("minLength" = 1))]
pub(crate) struct Name<'a>(pub(super) &'a str);

/// A country by its two letters (ISO 3166-1), as Twilio reports it.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^[A-Za-z]{2}$", "examples" = ["US", "GB"]))]
pub(crate) struct Country<'a>(pub(super) &'a str);

/// The beginning of a phone number, country code included.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = r"^\+[1-9][0-9]{0,14}$", "examples" = ["+1415", "+44"]))]
pub(crate) struct Prefix<'a>(pub(super) &'a str);

/// A SIP address.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = r"^\s*sips?:.", "examples" = ["sip:desk@pbx.example.com"]))]
pub(crate) struct Sip<'a>(pub(super) &'a str);

/// A sentence that is said: not blank, at most 16,000 characters.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("minLength" = 1, "maxLength" = 4096))]
pub(crate) struct Sentence<'a>(pub(super) &'a str);

/// In which language it is said, as Twilio names it. Twilio chooses if it is left out.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("minLength" = 1, "examples" = ["en-US", "de-DE"]))]
pub(crate) struct Language<'a>(pub(super) &'a str);
