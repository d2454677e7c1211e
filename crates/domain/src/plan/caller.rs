//! Who calls or writes, when, and to which number.

use super::audience::{Attestation, Country};
use crate::address::{Address, Channel};
use crate::form::Form;
use crate::phone_number::PhoneNumber;
use crate::time::Timestamp;

/// Who calls or writes, as Twilio tells it. Text is as it came.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The address.
    pub address: &'a Address,
    /// The country that Twilio reports.
    pub country: Option<Country>,
    /// The state or province that Twilio reports.
    pub state: &'a str,
    /// The city that Twilio reports.
    pub city: &'a str,
    /// The postal code that Twilio reports.
    pub postal_code: &'a str,
    /// How far the carrier vouches for the number.
    pub attestation: Option<Attestation>,
}

impl<'a> Caller<'a> {
    /// A caller of whom only the address is known.
    pub const fn of(address: &'a Address) -> Self {
        Self { address, country: None, state: "", city: "", postal_code: "", attestation: None }
    }

    /// Reads what Twilio reports (Twilio, "Request parameters": `FromCountry`, `FromState`, `FromCity`, `FromZip`,
    /// `StirVerstat`). What is missing, repeated or odd is not known: where somebody is never keeps a call from being
    /// answered.
    pub fn read(address: &'a Address, form: &'a Form) -> Self {
        let text = |name| form.only(name).ok().flatten().unwrap_or_default();
        Self {
            address,
            country: Country::parse(text("FromCountry")),
            state: text("FromState"),
            city: text("FromCity"),
            postal_code: text("FromZip"),
            attestation: Attestation::of_verdict(text("StirVerstat")),
        }
    }
}

/// What Twilio reported of a caller, kept so that a call can be decided again later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerFacts {
    country: Option<Country>,
    state: String,
    city: String,
    postal_code: String,
    attestation: Option<Attestation>,
}

impl CallerFacts {
    /// What is known of a caller.
    pub fn of(caller: &Caller<'_>) -> Self {
        Self {
            country: caller.country,
            state: caller.state.to_owned(),
            city: caller.city.to_owned(),
            postal_code: caller.postal_code.to_owned(),
            attestation: caller.attestation,
        }
    }

    /// The caller again, with his address.
    pub fn caller<'a>(&'a self, address: &'a Address) -> Caller<'a> {
        Caller {
            address,
            country: self.country,
            state: &self.state,
            city: &self.city,
            postal_code: &self.postal_code,
            attestation: self.attestation,
        }
    }

    /// As a text, form-encoded.
    pub fn to_text(&self) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        let country = self.country.map(|country| country.as_str().to_owned());
        let attestation = self.attestation.map(Attestation::as_str);
        for (name, value) in [
            ("country", country.as_deref().unwrap_or_default()),
            ("state", &self.state),
            ("city", &self.city),
            ("postal_code", &self.postal_code),
            ("attestation", attestation.unwrap_or_default()),
        ] {
            if !value.is_empty() {
                text.append_pair(name, value);
            }
        }
        text.finish()
    }

    /// From a text that [`Self::to_text`] wrote. What else is in it is passed over.
    pub fn parse(text: &str) -> Self {
        let mut facts = Self::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match &*name {
                "country" => facts.country = Country::parse(&value),
                "state" => facts.state = value.into_owned(),
                "city" => facts.city = value.into_owned(),
                "postal_code" => facts.postal_code = value.into_owned(),
                "attestation" => facts.attestation = Attestation::parse(&value),
                _ => {}
            }
        }
        facts
    }
}

/// What a plan decides about.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// By which channel.
    pub channel: Channel,
    /// Which number was called or written to.
    pub called: PhoneNumber,
    /// Who calls or writes.
    pub caller: Caller<'a>,
    /// The call's or message's SID.
    pub event: &'a str,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Caller, CallerFacts};
    use crate::address::Address;
    use crate::form::Form;
    use crate::plan::{Attestation, Country};

    #[test]
    fn what_twilio_reports_is_read_and_what_is_odd_is_not_known() {
        let address = Address::parse("+14155550100").unwrap();
        let form = Form::parse(
            b"FromCountry=US&FromState=CA&FromCity=SAN+FRANCISCO&FromZip=94105&FromZip=94106&StirVerstat=TN-Validation-Passed-B",
        )
        .unwrap();
        let caller = Caller::read(&address, &form);
        assert_eq!(caller.country, Country::parse("US"));
        assert_eq!((caller.state, caller.city, caller.postal_code), ("CA", "SAN FRANCISCO", ""));
        assert_eq!(caller.attestation, Some(Attestation::B));
    }

    #[test]
    fn facts_are_read_as_they_are_written() {
        let address = Address::parse("+14155550100").unwrap();
        let caller = Caller {
            country: Country::parse("US"),
            city: "SAN & FRANCISCO",
            attestation: Some(Attestation::A),
            ..Caller::of(&address)
        };
        let facts = CallerFacts::of(&caller);
        assert_eq!(facts.to_text(), "country=US&city=SAN+%26+FRANCISCO&attestation=A");
        assert_eq!(CallerFacts::parse(&facts.to_text()), facts);
        assert_eq!(CallerFacts::parse(""), CallerFacts::default());
    }
}
