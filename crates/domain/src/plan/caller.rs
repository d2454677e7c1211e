//! What a plan decides about: the caller or sender, the called number, the time.

use std::borrow::Cow;
use std::fmt;

use super::audience::{Attestation, Country};
use crate::address::{Address, Channel};
use crate::form::Form;
use crate::sender::Sender;
use crate::sid::EventSid;
use crate::time::Timestamp;

/// A caller or sender, as Twilio reports it. Text is unchanged.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The number or other address.
    pub address: &'a Address,
    /// The country; `None` if Twilio reports none.
    pub country: Option<Country>,
    /// The state or province; empty if Twilio reports none.
    pub state: &'a str,
    /// The city; empty if Twilio reports none.
    pub city: &'a str,
    /// The postal code; empty if Twilio reports none.
    pub postal_code: &'a str,
    /// What the caller's carrier attests (STIR/SHAKEN); `None` if nothing.
    pub attestation: Option<Attestation>,
}

impl<'a> Caller<'a> {
    /// A caller with nothing but an address.
    pub const fn of(address: &'a Address) -> Self {
        Self { address, country: None, state: "", city: "", postal_code: "", attestation: None }
    }

    /// Reads what Twilio reports (Twilio, "Request parameters": `FromCountry`, `FromState`, `FromCity`, `FromZip`,
    /// `StirVerstat`). A value that is missing, repeated or malformed counts as unknown: the
    /// location of a caller never prevents an answer.
    pub fn read(address: &'a Address, form: &'a Form) -> Self {
        let names = ["FromCountry", "FromState", "FromCity", "FromZip", "StirVerstat"];
        let [country, state, city, postal_code, verdict] = form.each_only(names);
        Self {
            address,
            country: Country::parse(country),
            state,
            city,
            postal_code,
            attestation: Attestation::of_verdict(verdict),
        }
    }
}

/// What Twilio reported about a caller, stored so that the decision can be replayed. `Debug` leaves out state, city and
/// postal code, which can identify a person.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallerFacts {
    country: Option<Country>,
    attestation: Option<Attestation>,
    /// State, city and postal code, concatenated: one allocation per call instead of three.
    places: String,
    city_at: usize,
    postal_code_at: usize,
}

impl fmt::Debug for CallerFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerFacts")
            .field("country", &self.country)
            .field("attestation", &self.attestation)
            .finish_non_exhaustive()
    }
}

impl CallerFacts {
    /// Copies what is known about a caller.
    pub fn of(caller: &Caller<'_>) -> Self {
        let Caller { country, state, city, postal_code, attestation, .. } = *caller;
        Self {
            country,
            attestation,
            places: [state, city, postal_code].concat(),
            city_at: state.len(),
            postal_code_at: state.len() + city.len(),
        }
    }

    /// Copies what is known about a caller; `None` if that is nothing.
    pub fn known(caller: &Caller<'_>) -> Option<Self> {
        Some(Self::of(caller)).filter(|facts| *facts != Self::default())
    }

    /// The caller with these facts and an address.
    pub fn caller<'a>(&'a self, address: &'a Address) -> Caller<'a> {
        Caller {
            address,
            country: self.country,
            state: &self.places[..self.city_at],
            city: &self.places[self.city_at..self.postal_code_at],
            postal_code: &self.places[self.postal_code_at..],
            attestation: self.attestation,
        }
    }

    /// The facts as form-encoded text.
    pub fn to_text(&self) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        let Caller { country, state, city, postal_code, attestation, .. } =
            self.caller(&Address::Withheld);
        let country = country.map(|country| country.as_str().to_owned());
        let attestation = attestation.map(Attestation::as_str);
        for (name, value) in [
            ("country", country.as_deref().unwrap_or_default()),
            ("state", state),
            ("city", city),
            ("postal_code", postal_code),
            ("attestation", attestation.unwrap_or_default()),
        ] {
            if !value.is_empty() {
                text.append_pair(name, value);
            }
        }
        text.finish()
    }

    /// Parses the text that [`Self::to_text`] writes. Ignores unknown names.
    pub fn parse(text: &str) -> Self {
        let mut caller = Caller::of(&Address::Withheld);
        let [mut state, mut city, mut postal_code] = [const { Cow::Borrowed("") }; 3];
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match &*name {
                "country" => caller.country = Country::parse(&value),
                "state" => state = value,
                "city" => city = value,
                "postal_code" => postal_code = value,
                "attestation" => caller.attestation = Attestation::parse(&value),
                _ => {}
            }
        }
        Self::of(&Caller { state: &state, city: &city, postal_code: &postal_code, ..caller })
    }
}

/// What a plan decides about.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// How the call or message arrived.
    pub channel: Channel,
    /// The called number, or the sender that was written to.
    pub called: Sender,
    /// The caller or sender.
    pub caller: Caller<'a>,
    /// The SID of the call or message.
    pub event: EventSid,
    /// When the call or message arrived.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Caller, CallerFacts};
    use crate::address::Address;
    use crate::form::Form;
    use crate::plan::{Attestation, Country};

    #[test]
    fn what_twilio_reports_is_read_and_repeated_values_are_unknown() {
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
    fn facts_are_parsed_as_they_are_written() {
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
