//! Conversations of people and of programs.

use super::{Loop, Turn, similarity};
use crate::message::Direction;
use crate::time::Timestamp;

/// A turn: seconds, who wrote (`<` the contact, `>` we), and the text.
type Line<'a> = (f64, char, &'a str);

fn turn<'a>((seconds, side, body): &Line<'a>) -> Turn<'a> {
    let direction = if *side == '<' { Direction::Inbound } else { Direction::Outbound };
    #[expect(clippy::cast_possible_truncation, reason = "a test has few seconds")]
    let at = Timestamp::from_micros((seconds * 1e6) as i64);
    Turn { direction, at, body }
}

/// The number of turns after which the conversation is a loop.
fn stops_after(lines: &[Line<'_>]) -> Option<(usize, Loop)> {
    let turns: Vec<_> = lines.iter().map(turn).collect();
    (1..=turns.len()).find_map(|count| Some((count, Loop::find(&turns[..count])?)))
}

/// Two programs that write these texts in turn, each after this time.
fn exchange(texts: [&str; 2], seconds: f64, turns: u32) -> Vec<Line<'_>> {
    let line = |n: u32| {
        let (side, text) = if n.is_multiple_of(2) { ('<', texts[0]) } else { ('>', texts[1]) };
        (f64::from(n) * seconds, side, text)
    };
    (0..turns).map(line).collect()
}

#[test]
fn two_programs_that_repeat_themselves_are_stopped_before_the_tenth_turn() {
    let away = ["I am away until Monday.", "Thanks! We have received your message."];
    assert_eq!(stops_after(&exchange(away, 20.0, 30)), Some((9, Loop::Repetition)));
    assert_eq!(stops_after(&exchange(["ping", "ping"], 1.0, 30)), Some((9, Loop::Repetition)));
}

#[test]
fn counters_times_and_prefixes_do_not_hide_a_loop() {
    let bodies: Vec<_> = (0..10)
        .map(|n| match n % 2 {
            0 => format!("Ticket #{} was updated at 12:{:02}.", 4_000 + n, n),
            _ => format!("{}Your request is number {n}.", "Re: ".repeat(n)),
        })
        .collect();
    let sides = ['<', '>'].into_iter().cycle();
    let times = (0..10).map(|n| f64::from(n) * 30.0);
    let lines: Vec<_> =
        times.zip(sides).zip(&bodies).map(|((at, side), body)| (at, side, body.as_str())).collect();
    assert_eq!(stops_after(&lines), Some((9, Loop::Repetition)));
}

#[test]
fn slow_programs_are_not_stopped() {
    let away = ["I am away.", "Thanks!"];
    assert_eq!(stops_after(&exchange(away, 90.0, 30)), None);
}

#[test]
fn programs_with_changing_texts_are_stopped_by_their_haste() {
    let bodies: Vec<_> =
        (0..40).map(|n| "abcdefghij".repeat(n % 7 + 1) + &"xyz ".repeat(n)).collect();
    let line = |(n, body): (u32, &'_ String)| {
        (f64::from(n), if n % 2 == 0 { '<' } else { '>' }, body.len())
    };
    let lines: Vec<_> = (0..40).zip(&bodies).map(line).collect();
    let lines: Vec<_> = lines
        .iter()
        .zip(&bodies)
        .map(|((at, side, _), body)| (*at, *side, body.as_str()))
        .collect();
    assert_eq!(stops_after(&lines), Some((16, Loop::Haste)));
}

#[test]
fn a_person_who_asks_for_a_table_is_not_stopped() {
    let lines = [
        (0.0, '<', "Hi"),
        (1.2, '>', "Hello! How can I help?"),
        (8.0, '<', "do you have a table tonight"),
        (9.5, '>', "Yes. For how many people?"),
        (11.0, '<', "4"),
        (12.1, '>', "At what time?"),
        (15.0, '<', "7"),
        (16.2, '>', "We have 7:00 and 7:30. Which one?"),
        (18.0, '<', "7:30"),
        (19.0, '>', "Booked for 4 people at 7:30. May I have your name?"),
        (24.0, '<', "Ana"),
        (25.0, '>', "Thank you, Ana. See you tonight!"),
        (27.0, '<', "thanks"),
        (28.0, '>', "You are welcome."),
    ];
    assert_eq!(stops_after(&lines), None);
}

#[test]
fn a_person_who_answers_every_question_with_yes_is_not_stopped() {
    let questions = [
        "Are you over 18?",
        "Do you live in the US?",
        "Did you order online?",
        "Is the parcel damaged?",
        "Do you want a refund?",
        "Shall we send it to your card?",
        "May we contact you again?",
    ];
    let lines: Vec<_> = (0_u32..)
        .zip(questions)
        .flat_map(|(n, question)| {
            let at = f64::from(n) * 6.0;
            [(at, '<', "yes"), (at + 1.0, '>', question)]
        })
        .collect();
    assert_eq!(stops_after(&lines), None);
}

#[test]
fn a_person_who_writes_a_burst_of_short_messages_is_not_stopped() {
    let burst =
        ["hey", "are you there", "i need help", "my order", "the blue one", "is late", "hello??"];
    // Each message is answered at once, in two parts.
    let lines: Vec<_> = (0_u32..)
        .zip(burst)
        .flat_map(|(n, text)| {
            let at = f64::from(n) * 3.0;
            [(at, '<', text), (at + 0.3, '>', "Let me look."), (at + 0.4, '>', "One moment.")]
        })
        .collect();
    assert_eq!(stops_after(&lines), None);
}

#[test]
fn a_person_who_repeats_a_question_without_an_answer_is_not_stopped() {
    let lines: Vec<_> = (0_u32..8).map(|n| (f64::from(n) * 5.0, '<', "hello?")).collect();
    assert_eq!(stops_after(&lines), None);
}

#[test]
fn a_person_who_writes_a_third_time_gets_an_answer() {
    assert_eq!(
        stops_after(&exchange(["agent please", "Sorry, I did not understand."], 10.0, 8)),
        None
    );
}

#[test]
fn similarity_is_the_part_that_stays() {
    let measured = |one: &str, two: &str| {
        similarity(&one.chars().collect::<Vec<_>>(), &two.chars().collect::<Vec<_>>())
    };
    assert!((measured("kitten", "sitting") - 4.0 / 7.0).abs() < 1e-9);
    assert!((measured("", "") - 1.0).abs() < 1e-9);
    assert!((measured("abc", "") - 0.0).abs() < 1e-9);
    assert!((measured("ab", "ab") - 1.0).abs() < 1e-9);
}

/// Both sides have static replies.
#[test]
fn two_static_replies_are_a_loop_within_ten_turns() {
    let stops_after = |text: fn(usize) -> String, seconds: i64| {
        let texts: Vec<_> = (0..10).map(text).collect();
        let times = (0..10).map(|n| Timestamp::from_seconds(n * seconds));
        let received: Vec<_> = times.zip(texts.iter().map(String::as_str)).collect();
        (1..=10).find_map(|count| {
            Some((count, Loop::find_answered(&received[..count], "We are closed.")?))
        })
    };
    let same = |_| "I am away.".to_owned();
    let varied = |n: usize| ["zebra ", "quick ", "lamp "][n % 3].repeat(5 * n + 3);
    let photo = |_| String::new();
    assert_eq!(stops_after(photo, 2), None);
    assert_eq!(stops_after(same, 60), Some((5, Loop::Repetition)));
    assert_eq!(stops_after(varied, 1), None);
}
