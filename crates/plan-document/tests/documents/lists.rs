//! Calendars and number lists.

use switchboard_domain::plan::PlanProblem;
use switchboard_domain::ports::MaterialCodec;
use switchboard_plan_document::PlanDocuments;

const DOCUMENTS: PlanDocuments = PlanDocuments;

fn messages(problems: &[PlanProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn calendar(document: &str) -> Vec<String> {
    let ranges = DOCUMENTS.calendar(document).unwrap();
    ranges.iter().map(|range| format!("{}..{}", range.first(), range.last())).collect()
}

fn numbers(document: &str) -> Vec<String> {
    let numbers = DOCUMENTS.numbers(document).unwrap();
    numbers.iter().map(|number| number.as_str().to_owned()).collect()
}

#[test]
fn a_calendar_has_one_date_or_range_per_line_or_is_a_json_array() {
    let expected = ["2026-12-24..2027-01-01", "2026-07-04..2026-07-04"];
    assert_eq!(
        calendar(
            "\u{feff}# Closed\r\n2026-12-24..2027-01-01   # over the year\r\n\r\n  2026-07-04\r\n"
        ),
        expected
    );
    assert_eq!(calendar(r#"[{"from":"2026-12-24","to":"2027-01-01"},"2026-07-04"]"#), expected);
    assert_eq!(calendar("# nothing yet\n"), [""; 0]);
}

#[test]
fn every_invalid_line_of_a_calendar_is_reported() {
    let problems = DOCUMENTS
        .calendar("2026-12-24\n24.12.2026\n2026-02-30 # no such day\n2027-01-01..2026-12-24\n")
        .unwrap_err();
    assert_eq!(
        messages(&problems),
        [
            "the document: line 2: is not a date; write for example 2026-12-24",
            "the document: line 3: is not a date; write for example 2026-12-24",
            "the document: line 4: ends before it begins; swap the two dates",
        ]
    );
    let problems = DOCUMENTS.calendar(r#"["2026-12-24", {"from": "2026-12-24"}, 7]"#).unwrap_err();
    assert_eq!(
        messages(&problems),
        [
            "/1: has no \"to\"; write for example \"2026-12-24\"",
            "/2: must be a date, or an object with from and to, not a number",
        ]
    );
}

#[test]
fn a_list_has_one_number_per_line_or_is_a_json_array() {
    let expected = ["+14155550111", "+442079460958"];
    assert_eq!(numbers("# friends\n+1 (415) 555-0111 # Ada\n\n+44 20 7946 0958"), expected);
    assert_eq!(numbers(r#"["+1 415 555 0111", "+442079460958"]"#), expected);
}

#[test]
fn an_invalid_number_is_reported_by_its_line_and_not_repeated() {
    let problems = DOCUMENTS.numbers("+14155550111\n415 555 0122\n+1 CALL NOW\n").unwrap_err();
    assert_eq!(
        messages(&problems),
        [
            "the document: line 2: has no country code; start with a plus, for example +14155550100",
            "the document: line 3: contains a character that is not valid in a phone number",
        ]
    );
    let problems = DOCUMENTS.numbers(r#"["+14155550111", "555"]"#).unwrap_err();
    assert_eq!(problems[0].at.as_str(), "/1");
}

#[test]
fn a_number_that_no_caller_can_have_is_refused() {
    for number in ["+266696687", "+12562533", "+44 (0) 20 7946 0958"] {
        assert_eq!(DOCUMENTS.numbers(number).unwrap_err().len(), 1, "{number}");
    }
}
