use proptest::prelude::*;
use url::form_urlencoded;

use super::{Form, FormError, MAX_FIELDS};

fn fields(raw: &str) -> Result<Vec<(String, String)>, FormError> {
    let form = Form::parse(raw.as_bytes())?;
    Ok(form.fields().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn order_and_repeats_are_kept() {
    assert_eq!(
        fields("To=2&From=1&To=2").unwrap(),
        pairs(&[("To", "2"), ("From", "1"), ("To", "2")])
    );
}

#[test]
fn a_plus_is_a_space_and_percent_encoding_is_decoded_once() {
    let decoded = pairs(&[("To", "+1415"), ("Body", "a b%2b=c"), ("é", "😀")]);
    assert_eq!(fields("To=%2B1415&Body=a+b%252b=c&%c3%A9=%F0%9F%98%80").unwrap(), decoded);
}

#[test]
fn a_name_without_a_value_has_an_empty_value_and_empty_parts_are_skipped() {
    assert_eq!(fields("&&A&B=&&C==&").unwrap(), pairs(&[("A", ""), ("B", ""), ("C", "=")]));
    assert!(Form::parse(b"").unwrap().is_empty());
}

#[test]
fn encoded_delimiters_and_semicolons_are_text() {
    let decoded = pairs(&[("A", "1;B=2"), ("C&D=", "&=")]);
    assert_eq!(fields("A=1;B=2&C%26D%3D=%26%3D").unwrap(), decoded);
}

#[test]
fn a_malformed_percent_is_refused() {
    for raw in ["A=%", "A=%2", "A=%zz", "A=%2&B=1", "%g0=1", "A=%+1", "A=%-1"] {
        assert_eq!(fields(raw), Err(FormError::MalformedPercent), "{raw}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused_even_if_two_fields_together_are() {
    for raw in ["A=%C3", "A=%C3&%A9=1", "A=%C3=%A9", "A=%C0%AF", "A=%ED%A0%80"] {
        assert_eq!(fields(raw), Err(FormError::NotUtf8), "{raw}");
    }
    assert_eq!(Form::parse(b"A=\xff"), Err(FormError::NotUtf8));
}

#[test]
fn only_a_sorted_form_without_repeats_is_in_signed_order() {
    let in_order =
        |raw: &str| Form::parse(raw.as_bytes()).unwrap().signed_text_if_sorted().map(str::to_owned);
    assert_eq!(
        in_order("A=1&AB=%2B&ReasonAbc=x&ReasonAbd").as_deref(),
        Some("A1AB+ReasonAbcxReasonAbd")
    );
    assert_eq!(in_order("A=1&A=2").as_deref(), Some("A1A2"));
    for raw in ["B=1&A=1", "A=2&A=1", "A=1&A=1", "AB=1&A=1", "LongNameB=1&LongNameA=1"] {
        assert_eq!(in_order(raw), None, "{raw}");
    }
}

#[test]
fn runs_of_every_length_are_parsed() {
    for length in 1..70 {
        let run = "x".repeat(length);
        let raw = format!("{run}={run}+{run}%41{run}");
        assert_eq!(fields(&raw).unwrap(), pairs(&[(&run, &format!("{run} {run}A{run}"))]));
    }
}

#[test]
fn a_value_without_a_name_is_refused() {
    for raw in ["=1", "=", "A=1&=", "&=B"] {
        assert_eq!(fields(raw), Err(FormError::EmptyName), "{raw}");
    }
}

#[test]
fn a_control_character_is_accepted_in_a_value_and_refused_in_a_name() {
    assert_eq!(fields("Body=a%0D%0Ab%09%00").unwrap(), pairs(&[("Body", "a\r\nb\t\0")]));
    for raw in ["To%00=1", "A=1&%0A=1", "To\t=1", "To%7F", "To%C2%85=1"] {
        assert_eq!(fields(raw), Err(FormError::ControlCharacterInName), "{raw}");
    }
}

#[test]
fn the_number_of_fields_is_bounded() {
    let most = "A=1&".repeat(MAX_FIELDS);
    assert_eq!(Form::parse(most.as_bytes()).unwrap().len(), MAX_FIELDS);
    assert_eq!(fields(&format!("{most}A=1")), Err(FormError::TooManyFields));
}

#[test]
fn a_unique_field_is_refused_if_it_is_repeated() {
    let form = Form::parse(b"To=1&to=2&From=1&From=1&%46rom=1&Empty").unwrap();
    assert_eq!(form.only("To"), Ok(Some("1")));
    assert_eq!(form.only("Empty"), Ok(Some("")));
    assert_eq!(form.only("TO"), Ok(None));
    let error = form.only("From").unwrap_err();
    assert_eq!(error, FormError::Repeated { name: "From" });
    assert_eq!(error.to_string(), "field From is repeated");
    assert_eq!(
        Form::parse(b"T%6f=1&To=1").unwrap().only("To"),
        Err(FormError::Repeated { name: "To" })
    );
}

#[test]
fn debug_shows_only_the_number_of_fields() {
    assert_eq!(
        format!("{:?}", Form::parse(b"From=%2B14155550199&To=1").unwrap()),
        "Form(2 fields)"
    );
}

proptest! {
    #[test]
    fn forms_written_by_an_independent_serializer_are_parsed_back(
        pairs in proptest::collection::vec(("\\PC{1,8}", any::<String>()), 0..30),
    ) {
        let raw = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        prop_assert_eq!(fields(&raw), Ok(pairs));
    }

    #[test]
    fn accepted_forms_parse_as_by_an_independent_parser(raw in proptest::collection::vec(
        prop_oneof![Just(b'&'), Just(b'='), Just(b'%'), Just(b'+'), Just(b'4'), Just(b'a'), any::<u8>()], 0..60,
    )) {
        if let Ok(form) = Form::parse(&raw) {
            let read: Vec<_> = form_urlencoded::parse(&raw).into_owned().collect();
            let ours: Vec<_> = form.fields().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(ours, read);
        }
    }
}
