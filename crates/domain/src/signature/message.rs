//! The signed text.

use std::borrow::Cow;

use super::url_variants::UrlParts;
use crate::form::{Form, prefix};

/// Long enough for nearly every URL, so that it is allocated once.
const TYPICAL_URL_BYTES: usize = 128;

/// A message whose URL can be replaced. It is signed in two parts, so that neither has to be copied.
pub(super) struct Message<'a> {
    url: String,
    body: Cow<'a, str>,
}

impl<'a> Message<'a> {
    /// Builds the body part (Twilio, Security: "Validating Requests"): names sorted by their bytes, each followed by its
    /// value. The values of a repeated name are sorted, and equal ones count once. An empty value still contributes its
    /// name.
    pub(super) fn new<'f>(fields: impl Iterator<Item = (&'f str, &'f str)>) -> Self {
        let mut sorted: Vec<_> =
            fields.map(|(name, value)| (prefix(name.as_bytes()), name, value)).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let text: String = sorted.into_iter().flat_map(|(_, name, value)| [name, value]).collect();
        Self::after_url(text.into())
    }

    /// Takes the body part of a form; without a copy if its fields arrived in signed order.
    pub(super) fn of(form: &'a Form) -> Self {
        form.signed_text_if_sorted()
            .map_or_else(|| Self::new(form.fields()), |text| Self::after_url(text.into()))
    }

    fn after_url(body: Cow<'a, str>) -> Self {
        Self { url: String::with_capacity(TYPICAL_URL_BYTES), body }
    }

    /// Both parts of the message for the URL made of these parts.
    pub(super) fn with_url(&mut self, parts: &UrlParts<'_>) -> [&[u8]; 2] {
        self.url.clear();
        self.url.extend(parts.iter().copied());
        [self.url.as_bytes(), self.body.as_bytes()]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Message;
    use crate::form::Form;

    fn text(url: &str, fields: &[(&str, &str)]) -> String {
        let mut message = Message::new(fields.iter().copied());
        String::from_utf8(message.with_url(&["", "", "", "", "", "", "", url]).concat()).unwrap()
    }

    #[test]
    fn names_are_sorted_by_their_bytes() {
        let fields = [
            ("callSid", "4"),
            ("B", "2"),
            ("_", "3"),
            ("CALLSID", "5"),
            ("9", "1"),
            ("CallSid", "6"),
        ];
        assert_eq!(text("u", &fields), "u91B2CALLSID5CallSid6_3callSid4");
    }

    #[test]
    fn a_name_sorts_before_longer_names_that_start_with_it() {
        let fields = [("ReasonConferenceEnded", "a"), ("Reason", "z"), ("ReasonConference", "m")];
        assert_eq!(text("", &fields), "ReasonzReasonConferencemReasonConferenceEndeda");
    }

    #[test]
    fn equal_repeats_count_once_and_other_values_are_sorted() {
        let fields = [("D", "5678"), ("D", "1234"), ("E", "1234"), ("D", "1234"), ("D", "")];
        assert_eq!(text("", &fields), "DD1234D5678E1234");
    }

    #[test]
    fn values_of_a_repeated_name_are_sorted_by_code_points() {
        assert_eq!(text("", &[("K", "\u{1F600}"), ("K", "\u{FFFD}")]), "K\u{FFFD}K\u{1F600}");
    }

    #[test]
    fn the_url_can_be_replaced_in_front_of_the_same_body_part() {
        let mut message = Message::new([("A", "1"), ("B", "")].into_iter());
        let long = "x".repeat(1000);
        for url in ["", "https://a", &long, "http://b"] {
            let parts = [url, "/", "", "p", "", "", "", "?q"];
            assert_eq!(message.with_url(&parts).concat(), format!("{url}/p?qA1B").as_bytes());
        }
    }

    proptest! {
        #[test]
        fn a_form_in_signed_order_is_signed_like_any_other(
            raw in "([AB]{1,2}[A-Za-z]{0,9}(=[a=é+]{0,3})?&){0,8}",
            sorts: bool,
        ) {
            let mut pieces: Vec<&str> = raw.split('&').collect();
            if sorts {
                pieces.sort_by_key(|piece| piece.split('=').next());
            }
            let form = Form::parse(pieces.join("&").as_bytes()).unwrap();
            let (mut one, mut other) = (Message::of(&form), Message::new(form.fields()));
            prop_assert_eq!(one.with_url(&["u"; 8]), other.with_url(&["u"; 8]));
        }
    }
}
