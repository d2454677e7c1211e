//! Parses the values of query parameters.

use std::fmt::Display;

use serde::Deserialize;
use switchboard_domain::history::Period;
use switchboard_domain::time::Timestamp;
use utoipa::IntoParams;

use crate::objects::NumberDisplay;
use crate::problem::Problem;
use crate::when;

/// The parameters of one record.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordParams {
    /// Whether phone numbers of contacts are shown in full. Otherwise, they are masked except for their last two digits.
    #[param(value_type = Option<bool>, default = false)]
    reveal: Option<String>,
}

impl RecordParams {
    pub(crate) fn phone_numbers(&self) -> Result<NumberDisplay, Problem> {
        revealed(self.reveal.as_deref())
    }
}

/// A parameter that may be left out.
pub(crate) fn parsed<T, E: Display>(
    name: &str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Problem> {
    text.map(parse).transpose().map_err(|error| Problem::parameter(name, error))
}

/// A parameter that is one of a few words.
pub(crate) fn word<T>(
    name: &str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
    words: impl IntoIterator<Item = &'static str>,
) -> Result<Option<T>, Problem> {
    let wrong = || {
        let words: Vec<_> = words.into_iter().collect();
        format!("is not one of {}", words.join(", "))
    };
    parsed(name, text, |text| parse(text).ok_or_else(wrong))
}

/// A period of time.
pub(crate) fn period(
    since: Option<&str>,
    until: Option<&str>,
    now: Timestamp,
) -> Result<Period, Problem> {
    let since = parsed("since", since, |text| when::parse(text, now))?;
    let until = parsed("until", until, |text| when::parse(text, now))?;
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(Problem::parameter("since", "is not before until, so nothing can match"));
    }
    Ok(Period { since, until })
}

/// Whether phone numbers are shown in full.
pub(crate) fn revealed(text: Option<&str>) -> Result<NumberDisplay, Problem> {
    Ok(if flag("reveal", text)? { NumberDisplay::Revealed } else { NumberDisplay::Masked })
}

/// A parameter that is `true` or `false`; `false` if it is left out.
pub(crate) fn flag(name: &str, text: Option<&str>) -> Result<bool, Problem> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::parameter(name, "is neither true nor false")),
    }
}
