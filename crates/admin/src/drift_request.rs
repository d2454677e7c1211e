//! What a job about webhook configurations is started with.

use serde::{Deserialize, Serialize};
use switchboard_application_carrier::configuration::{ForeignChanges, Selection};
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use utoipa::ToSchema;

use crate::body::Fields;
use crate::problem::Problem;

/// The numbers of a request at most.
const MAX_NUMBERS: usize = 1_000;

/// Which numbers are checked; all of them if neither is given.
#[derive(Serialize, ToSchema)]
pub(crate) struct DriftCheckBody {
    /// These numbers and senders, 1,000 at most.
    numbers: Option<Vec<String>>,
    /// The numbers of this account.
    account_sid: Option<String>,
}

/// Which numbers are fixed: one of `numbers`, `account_sid` and `all` must be given.
#[derive(Serialize, ToSchema)]
pub(crate) struct DriftFixBody {
    /// These numbers and senders, 1,000 at most.
    numbers: Option<Vec<String>>,
    /// The numbers of this account.
    account_sid: Option<String>,
    /// All numbers.
    #[schema(default = false)]
    all: Option<bool>,
    /// Whether a SIP trunk, TwiML application or Messaging Service that overrides the URLs of a number is cleared.
    #[schema(default = false)]
    take_over: Option<bool>,
}

/// Which numbers get their previous configuration again: one of `numbers`, `account_sid` and `all` must be given.
#[derive(Serialize, ToSchema)]
pub(crate) struct DriftRestoreBody {
    /// These numbers and senders, 1,000 at most.
    numbers: Option<Vec<String>>,
    /// The numbers of this account.
    account_sid: Option<String>,
    /// All numbers with a saved configuration.
    #[schema(default = false)]
    all: Option<bool>,
    /// Whether fields that somebody else has changed at Twilio are overwritten with their previous values.
    #[schema(default = false)]
    overwrite: Option<bool>,
}

/// The numbers that a job is about.
pub(crate) enum Numbers {
    /// Some of them, in the order of the request.
    Chosen(Vec<Sender>),
    /// Those of an account, or all.
    Selected(Selection),
}

/// What a job is started with, as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct DriftRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbers: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    take_over: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    overwrite: Option<bool>,
}

/// Whether a request must say that it is about all numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum All {
    Named,
    Implied,
}

impl DriftRequest {
    /// Reads the body of a check.
    pub(crate) fn check(mut fields: Fields) -> Result<Self, Problem> {
        let request = Self::numbers_of(&mut fields, All::Implied);
        fields.end()?;
        Ok(request)
    }

    /// Reads the body of a fix.
    pub(crate) fn fix(mut fields: Fields) -> Result<Self, Problem> {
        let take_over = fields.flag("take_over");
        let request = Self { take_over, ..Self::numbers_of(&mut fields, All::Named) };
        fields.end()?;
        Ok(request)
    }

    /// Reads the body of a restoration.
    pub(crate) fn restore(mut fields: Fields) -> Result<Self, Problem> {
        let overwrite = fields.flag("overwrite");
        let request = Self { overwrite, ..Self::numbers_of(&mut fields, All::Named) };
        fields.end()?;
        Ok(request)
    }

    fn numbers_of(fields: &mut Fields, all: All) -> Self {
        let has_numbers = fields.has("numbers");
        let numbers = fields.texts("numbers", Sender::parse);
        if has_numbers && !fields.is_wrong("numbers") && !(1..=MAX_NUMBERS).contains(&numbers.len())
        {
            fields.wrong("numbers", "invalid", &format!("must name 1 to {MAX_NUMBERS} numbers"));
        }
        let account = fields.text("account_sid", AccountSid::parse);
        let is_all = all == All::Named && fields.flag("all") == Some(true);
        let given = [has_numbers, account.is_some(), is_all].iter().filter(|is| **is).count();
        let is_wrong = fields.is_wrong("account_sid") || fields.is_wrong("all");
        if !is_wrong && (given > 1 || (given == 0 && all == All::Named)) {
            let what = match all {
                All::Named => "must be given, or account_sid, or all: true, and only one of them",
                All::Implied => "cannot be given together with account_sid",
            };
            fields.wrong("numbers", "invalid", &what);
        }
        Self {
            numbers: has_numbers
                .then(|| numbers.iter().map(|number| number.as_str().to_owned()).collect()),
            account_sid: account.map(|account| account.to_string()),
            ..Self::default()
        }
    }

    /// The numbers that it is about; `None` if it was not stored by this program.
    pub(crate) fn numbers(&self) -> Option<Numbers> {
        if let Some(numbers) = &self.numbers {
            let chosen: Result<_, _> = numbers.iter().map(|text| Sender::parse(text)).collect();
            return chosen.ok().map(Numbers::Chosen);
        }
        let account = self.account_sid.as_deref().map(AccountSid::parse).transpose().ok()?;
        Some(Numbers::Selected(account.map_or(Selection::All, Selection::Account)))
    }

    /// What happens to what overrides the URLs of a number.
    pub(crate) const fn overrides(&self) -> OverridePolicy {
        match self.take_over {
            Some(true) => OverridePolicy::TakeOver,
            Some(false) | None => OverridePolicy::Report,
        }
    }

    /// What happens to changes by others.
    pub(crate) const fn foreign(&self) -> ForeignChanges {
        match self.overwrite {
            Some(true) => ForeignChanges::Overwrite,
            Some(false) | None => ForeignChanges::Respect,
        }
    }
}
