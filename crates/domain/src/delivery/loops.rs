//! Loops: two programs that answer each other without end.

use std::time::Duration;

use crate::message::Direction;
use crate::time::Timestamp;

/// How long a conversation is stopped.
pub const STOPPED_FOR: Duration = Duration::from_secs(60 * 60);

/// Within this time, both sides repeat themselves.
const REPETITION: Duration = Duration::from_secs(10 * 60);
/// How often the contact writes nearly the same, each after the same answer.
const REPETITIONS: usize = 5;
/// How similar two texts are at least that count as the same, from 0 to 1.
const SIMILARITY: f64 = 0.85;
/// The characters of a text that are compared.
const COMPARED: usize = 200;

/// Within this time, the exchange is faster than people write.
const HASTE: Duration = Duration::from_secs(30);
/// How many messages of the contact are answered within it.
const HASTY_ANSWERS: usize = 8;
/// The longest wait of the contact for such an answer.
const HASTY_WAIT: Duration = Duration::from_secs(3);

/// Words that mail and messaging programs put in front of a text that they answer.
const PREFIXES: [&str; 4] = ["re", "aw", "fw", "fwd"];

/// A message of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Who wrote it.
    pub direction: Direction,
    /// When it arrived, or was written.
    pub at: Timestamp,
    /// Its text.
    pub body: &'a str,
}

impl Turn<'_> {
    /// Whether the contact sends a file without a text. People send several photos within seconds.
    fn is_file_only(&self) -> bool {
        self.direction == Direction::Inbound && self.body.trim().is_empty()
    }
}

/// How a loop shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loop {
    /// Both sides repeat themselves.
    Repetition,
    /// The contact answers faster than people do.
    Haste,
}

impl Loop {
    /// What the messages are like, for people.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Repetition => "both sides repeat themselves",
            Self::Haste => "messages and answers follow each other faster than people write",
        }
    }
}

impl Loop {
    /// Finds a loop that the last message continues. The turns are in the order of their times.
    pub fn find(turns: &[Turn<'_>]) -> Option<Self> {
        if is_repetition(turns) {
            return Some(Self::Repetition);
        }
        is_hasty(turns).then_some(Self::Haste)
    }

    /// Finds a loop that the last of these messages of a contact continues. Each earlier one got the same answer at once, so
    /// haste shows nothing: people write several texts in a row.
    pub fn find_answered(received: &[(Timestamp, &str)], answer: &str) -> Option<Self> {
        let turn = |direction, at, body| Turn { direction, at, body };
        let both = received.iter().flat_map(|(at, body)| {
            [turn(Direction::Inbound, *at, *body), turn(Direction::Outbound, *at, answer)]
        });
        let turns: Vec<_> = both.collect();
        is_repetition(turns.split_last()?.1).then_some(Self::Repetition)
    }
}

/// Whether the sides write in turn, and each of them nearly the same as before.
///
/// A person who repeats a request gets other answers, and a person who answers several questions with the same word gets
/// other questions. So both sides must repeat themselves.
fn is_repetition(turns: &[Turn<'_>]) -> bool {
    let Some(last) = turns.last() else { return false };
    let recent = turns.iter().rev().take_while(|turn| is_within(turn.at, last.at, REPETITION));
    let mut before: [Option<Vec<char>>; 2] = [None, None];
    let mut next = last.direction;
    let mut inbound = 0;
    for turn in recent {
        if turn.direction != next || turn.is_file_only() {
            break;
        }
        next = other(turn.direction);
        let text = normalized(turn.body);
        let side = &mut before[usize::from(turn.direction == Direction::Outbound)];
        if side.as_ref().is_some_and(|later| similarity(later, &text) < SIMILARITY) {
            break;
        }
        *side = Some(text);
        inbound += usize::from(turn.direction == Direction::Inbound);
    }
    inbound >= REPETITIONS
}

/// Whether many messages of the contact within a short time were each answered at once. Several answers to one message
/// count once.
fn is_hasty(turns: &[Turn<'_>]) -> bool {
    let Some(last) = turns.last() else { return false };
    let recent: Vec<_> =
        turns.iter().rev().take_while(|turn| is_within(turn.at, last.at, HASTE)).collect();
    let answered = recent.windows(2).filter(|pair| {
        let (later, earlier) = (pair[0], pair[1]);
        earlier.direction == Direction::Inbound
            && !earlier.is_file_only()
            && later.direction == Direction::Outbound
            && is_within(earlier.at, later.at, HASTY_WAIT)
    });
    answered.count() >= HASTY_ANSWERS
}

const fn other(direction: Direction) -> Direction {
    match direction {
        Direction::Inbound => Direction::Outbound,
        Direction::Outbound => Direction::Inbound,
    }
}

fn is_within(earlier: Timestamp, later: Timestamp, limit: Duration) -> bool {
    let passed = later.micros().saturating_sub(earlier.micros());
    u64::try_from(passed).is_ok_and(|passed| Duration::from_micros(passed) <= limit)
}

/// The words in lower case, without punctuation and without what is put in front of an answer. Digits are all the same,
/// because programs count and name times.
fn normalized(body: &str) -> Vec<char> {
    let lower = body.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words = words.skip_while(|word| PREFIXES.contains(word)).peekable();
    // A text of emoji or punctuation only is compared as it is.
    let text = match words.peek() {
        Some(_) => words.collect::<Vec<_>>().join(" "),
        None => lower.trim().to_owned(),
    };
    let same_digits = |c: char| if c.is_numeric() { '0' } else { c };
    text.chars().map(same_digits).take(COMPARED).collect()
}

/// How similar two texts are, from 0 to 1: 1 without the part of the longer one that has to be edited.
fn similarity(one: &[char], two: &[char]) -> f64 {
    let longest = one.len().max(two.len());
    if longest == 0 {
        return 1.0;
    }
    let edits = u32::try_from(distance(one, two)).unwrap_or(u32::MAX);
    1.0 - f64::from(edits) / f64::from(u32::try_from(longest).unwrap_or(u32::MAX))
}

/// The number of characters to insert, remove or replace (Levenshtein distance).
fn distance(one: &[char], two: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (place, left) in one.iter().enumerate() {
        let mut diagonal = place;
        row[0] = place + 1;
        for (column, right) in two.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
mod tests;
