//! What a simulated request tells about its caller.

use switchboard_application_management::Circumstances;
use switchboard_domain::address::Address;
use switchboard_domain::form::Form;
use switchboard_domain::plan::{Caller, CallerFacts};
use switchboard_twilio_simulator::phone::Request;
use url::form_urlencoded;

use crate::installation::Installation;

/// The facts about the caller in a request, so that the explanation uses the same as the decision.
pub(super) fn circumstances(
    request: &Request,
    from: &Address,
    installation: &Installation,
) -> Circumstances {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(&request.fields);
    let form = Form::parse(text.finish().as_bytes());
    let facts = form.map(|form| CallerFacts::of(&Caller::read(from, &form)));
    Circumstances {
        at: installation.ambient.clock.now(),
        facts: facts.unwrap_or_default(),
        counts_calls: true,
    }
}
