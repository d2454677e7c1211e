//! What Twilio would report about a hypothetical caller.

use std::convert::Infallible;

use switchboard_domain::address::Address;
use switchboard_domain::plan::{Attestation, Caller, CallerFacts, Country};

use crate::body::Fields;
use crate::explanation_request;

/// The fields of a body that say what Twilio would report.
pub(crate) struct Reported {
    country: Option<Country>,
    state: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    attestation: Option<Attestation>,
}

impl Reported {
    /// Reads the fields.
    pub(crate) fn read(fields: &mut Fields) -> Self {
        let country = fields.text("country", explanation_request::country);
        let attestation = fields.text("attestation", explanation_request::attestation);
        let mut text = |name| fields.text(name, |text| Ok::<_, Infallible>(text.to_owned()));
        let (state, city, postal_code) = (text("state"), text("city"), text("postal_code"));
        Self { country, state, city, postal_code, attestation }
    }

    /// The facts about a caller with this address.
    pub(crate) fn facts(&self, address: &Address) -> CallerFacts {
        CallerFacts::of(&Caller {
            address,
            country: self.country,
            state: self.state.as_deref().unwrap_or_default(),
            city: self.city.as_deref().unwrap_or_default(),
            postal_code: self.postal_code.as_deref().unwrap_or_default(),
            attestation: self.attestation,
        })
    }
}
