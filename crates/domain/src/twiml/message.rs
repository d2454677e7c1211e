//! Answers to messages.

use std::fmt;

use super::escape::is_allowed;
use super::rendering::{Answer, Twiml, TwimlTooLarge};
use super::voice::write_redirect;
use crate::web_address::WebUrl;

/// Maximum length of a message body in characters (Twilio, error 21617).
pub const MAX_BODY_CHARACTERS: usize = 1_600;
/// Maximum number of messages in one answer. More are almost certainly a mistake.
pub const MAX_MESSAGES: usize = 10;

/// An answer to a message: verbs that Twilio executes in order. An empty answer sends nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageResponse(Vec<MessageVerb>);

/// A verb of an answer to a message. `Debug` shows its name and length only.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageVerb {
    /// Sends a reply.
    ///
    /// A body of more than 1,600 characters is split into several messages, at white space if there is any close enough
    /// to the limit. An answer has at most ten messages; text beyond them is not sent. A blank body sends nothing, because
    /// Twilio refuses it.
    Message {
        /// Text of the reply.
        body: String,
        /// URLs of media, sent with the first message.
        media: Vec<WebUrl>,
        /// Where Twilio reports the status of each message; `None` if nowhere.
        status_callback: Option<WebUrl>,
    },
    /// Requests further TwiML from another URL, by POST. Verbs after it are never executed.
    Redirect {
        /// URL that Twilio requests.
        url: String,
    },
}

impl MessageVerb {
    /// A reply with a text and no media.
    pub fn text(body: impl Into<String>) -> Self {
        Self::Message { body: body.into(), media: Vec::new(), status_callback: None }
    }
}

impl MessageResponse {
    /// Creates an answer that sends nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a verb.
    #[must_use]
    pub fn then(mut self, verb: MessageVerb) -> Self {
        self.0.push(verb);
        self
    }

    /// Whether it sends nothing.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of the only reply; `None` if there is another number of verbs or another verb.
    pub fn only_text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [MessageVerb::Message { body, .. }] => Some(body),
            _ => None,
        }
    }

    /// Renders the answer as XML.
    pub fn render(&self) -> Result<Twiml, TwimlTooLarge> {
        let mut answer = Answer::new();
        let mut messages_left = MAX_MESSAGES;
        for verb in &self.0 {
            match verb {
                MessageVerb::Message { body, media, status_callback } => {
                    let mut media = media.as_slice();
                    let mut pieces = message_pieces(body, messages_left);
                    if pieces.is_empty() && !media.is_empty() && messages_left > 0 {
                        pieces.push(String::new());
                    }
                    for piece in pieces {
                        messages_left -= 1;
                        let media = std::mem::take(&mut media);
                        write_message(&mut answer, &piece, media, status_callback.as_ref());
                    }
                }
                MessageVerb::Redirect { url } => write_redirect(&mut answer, url),
            }
        }
        answer.finish()
    }
}

/// Writes one message. `<Body>` separates the text from the media (Twilio, "TwiML Message: Media").
fn write_message(
    answer: &mut Answer,
    text: &str,
    media: &[WebUrl],
    status_callback: Option<&WebUrl>,
) {
    answer.open("Message");
    if let Some(url) = status_callback {
        answer.attribute("statusCallback", url.as_str());
    }
    answer.content();
    if media.is_empty() {
        answer.text(text);
    } else {
        if !text.is_empty() {
            write_text(answer, "Body", text);
        }
        for url in media {
            write_text(answer, "Media", url.as_str());
        }
    }
    answer.close("Message");
}

fn write_text(answer: &mut Answer, name: &'static str, text: &str) {
    answer.open(name);
    answer.content();
    answer.text(text);
    answer.close(name);
}

/// Splits a body into at most `max` messages.
///
/// It splits at white space, but only in the second half of a message and only while the rest still fits into the
/// remaining messages: a body of ten full messages loses no word.
pub fn message_pieces(body: &str, max: usize) -> Vec<String> {
    let characters: Vec<char> = body.chars().filter(|character| is_allowed(*character)).collect();
    let mut rest = trimmed(&characters);
    let mut pieces = Vec::new();
    while !rest.is_empty() && pieces.len() < max {
        let room_after = (max - pieces.len() - 1) * MAX_BODY_CHARACTERS;
        let (piece, after) = rest.split_at(split_point(rest, room_after));
        pieces.push(trimmed(piece).iter().collect());
        rest = trimmed(after);
    }
    pieces
}

/// Length of the next message in characters.
fn split_point(rest: &[char], room_after: usize) -> usize {
    if rest.len() <= MAX_BODY_CHARACTERS {
        return rest.len();
    }
    let earliest = rest.len().saturating_sub(room_after).max(MAX_BODY_CHARACTERS / 2);
    // White space directly after a full message is as good a place as white space inside it.
    (earliest..=MAX_BODY_CHARACTERS)
        .rev()
        .find(|at| rest[*at].is_whitespace())
        .unwrap_or(MAX_BODY_CHARACTERS)
}

/// Without surrounding white space, so that every message starts and ends with visible text.
fn trimmed(characters: &[char]) -> &[char] {
    let is_visible = |character: &char| !character.is_whitespace();
    match (characters.iter().position(is_visible), characters.iter().rposition(is_visible)) {
        (Some(first), Some(last)) => &characters[first..=last],
        _ => &[],
    }
}

impl fmt::Debug for MessageVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { body, .. } => write!(f, "Message of {} bytes", body.len()),
            Self::Redirect { .. } => f.write_str("Redirect"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MessageResponse, MessageVerb, message_pieces};
    use crate::web_address::WebUrl;

    fn rendered(verb: MessageVerb) -> String {
        MessageResponse::new().then(verb).render().unwrap().into_string()
    }

    fn response(content: &str) -> String {
        format!(r#"<?xml version="1.0" encoding="UTF-8"?><Response>{content}</Response>"#)
    }

    fn lengths(body: &str) -> Vec<usize> {
        message_pieces(body, 10).iter().map(|piece| piece.chars().count()).collect()
    }

    #[test]
    fn twilio_reports_the_status_of_each_message() {
        let url = WebUrl::parse("https://example.com/status?delivery=dlv_1&x=2").unwrap();
        let status_callback = Some(url);
        let verb =
            MessageVerb::Message { body: "a".to_owned(), media: Vec::new(), status_callback };
        let expected = r#"<Message statusCallback="https://example.com/status?delivery=dlv_1&amp;x=2">a</Message>"#;
        assert_eq!(rendered(verb), response(expected));
    }

    #[test]
    fn no_verb_and_a_blank_body_send_nothing() {
        assert_eq!(MessageResponse::new().render().unwrap().as_str(), response(""));
        for blank in ["", " \n\t", "\u{1}\u{fffe}"] {
            assert_eq!(rendered(MessageVerb::text(blank.to_owned())), response(""));
        }
    }

    #[test]
    fn a_text_is_sent_back_as_it_is() {
        let body = "Tom & \"Jerry\" <3\n😀".to_owned();
        assert_eq!(
            rendered(MessageVerb::text(body)),
            response("<Message>Tom &amp; \"Jerry\" &lt;3\n😀</Message>")
        );
    }

    #[test]
    fn media_are_sent_with_the_first_message() {
        let url = |name| WebUrl::parse(&format!("https://example.com/{name}?a&b")).unwrap();
        let body = format!("{} b", "a".repeat(1_600));
        let verb =
            MessageVerb::Message { body, media: vec![url("1"), url("2")], status_callback: None };
        let media = "<Media>https://example.com/1?a&amp;b</Media><Media>https://example.com/2?a&amp;b</Media>";
        let first = format!("<Message><Body>{}</Body>{media}</Message>", "a".repeat(1_600));
        assert_eq!(rendered(verb), response(&format!("{first}<Message>b</Message>")));
        let verb = MessageVerb::Message {
            body: String::new(),
            media: vec![url("1")],
            status_callback: None,
        };
        let media = "<Media>https://example.com/1?a&amp;b</Media>";
        assert_eq!(rendered(verb), response(&format!("<Message>{media}</Message>")));
    }

    #[test]
    fn a_redirect_is_asked_by_post() {
        let url = "https://example.com/?a=1&b=2".to_owned();
        assert_eq!(
            rendered(MessageVerb::Redirect { url }),
            response(r#"<Redirect method="POST">https://example.com/?a=1&amp;b=2</Redirect>"#)
        );
    }

    #[test]
    fn a_long_body_is_parted_at_white_space() {
        let body = format!("{} {}", "a".repeat(1_000), "b".repeat(1_000));
        assert_eq!(message_pieces(&body, 10), ["a".repeat(1_000), "b".repeat(1_000)]);
        assert_eq!(lengths(&"word ".repeat(1_000)), [1_599, 1_599, 1_599, 199]);
        assert_eq!(lengths(&format!("{} b", "a".repeat(1_600))), [1_600, 1]);
    }

    #[test]
    fn a_long_word_is_split_between_characters() {
        assert_eq!(lengths(&"é".repeat(1_600)), [1_600]);
        assert_eq!(lengths(&"😀".repeat(1_601)), [1_600, 1]);
        assert_eq!(lengths(&format!("a {}", "b".repeat(1_700))), [1_600, 102]);
    }

    #[test]
    fn an_answer_has_at_most_ten_messages() {
        assert_eq!(lengths(&"a".repeat(20_000)), [1_600; 10]);
        let answer = MessageResponse::new()
            .then(MessageVerb::text("a".repeat(1_600 * 9)))
            .then(MessageVerb::text("b".repeat(2_000)))
            .then(MessageVerb::text("c".to_owned()));
        let text = answer.render().unwrap().into_string();
        assert_eq!(text.matches("<Message>").count(), 10);
        assert!(text.contains('b') && !text.contains(">c<"));
    }

    #[test]
    fn a_body_of_ten_full_messages_loses_no_word() {
        // Splitting only at white space would make sixteen or more messages of these.
        for word in [900, 940, 990] {
            let body = format!("{} ", "w".repeat(word)).repeat(16_000 / (word + 1));
            let joined: String = message_pieces(&body, 10).concat();
            assert_eq!(joined.replace(' ', ""), body.replace(' ', ""));
        }
    }

    #[test]
    fn an_answer_of_more_than_64_kb_is_refused() {
        let answer = MessageResponse::new().then(MessageVerb::text("&".repeat(16_000)));
        assert!(answer.render().unwrap_err().bytes > 80_000);
    }

    #[test]
    fn debug_does_not_show_the_text() {
        let answer = MessageResponse::new().then(MessageVerb::text("hello".to_owned()));
        assert_eq!(format!("{answer:?}"), "MessageResponse([Message of 5 bytes])");
    }

    proptest! {
        #[test]
        fn split_messages_are_short_visible_and_lose_no_word(body in "([a-z]{1,40}[ \n]{0,3}){0,900}") {
            let pieces = message_pieces(&body, 1_000);
            for piece in &pieces {
                prop_assert!(!piece.is_empty() && piece.chars().count() <= 1_600);
                prop_assert_eq!(piece.trim(), piece);
            }
            let visible = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(visible(&pieces.concat()), visible(&body));
        }
    }
}
