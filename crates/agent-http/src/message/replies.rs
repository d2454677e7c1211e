//! Replies of endpoints: `{"reply": {"body": "…", "media": ["https://…"]}}`, `{"replies": […]}`, or nothing.

use serde::Deserialize;
use switchboard_domain::delivery::{InvalidReply, MAX_REPLIES, OutgoingContent, ReplyError};
use switchboard_domain::ports::ReplyCodec;
use switchboard_domain::web_address::WebUrl;

#[derive(Deserialize)]
struct Response {
    reply: Option<Reply>,
    replies: Option<Vec<Reply>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    body: Option<String>,
    #[serde(default)]
    media: Vec<String>,
}

/// The JSON of replies.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonReplies;

impl ReplyCodec for JsonReplies {
    fn read(&self, text: &[u8]) -> Result<Vec<OutgoingContent>, InvalidReply> {
        read_replies(text)
    }
}

pub(super) fn read_replies(body: &[u8]) -> Result<Vec<OutgoingContent>, InvalidReply> {
    let body = body.trim_ascii();
    if body.is_empty() {
        return Ok(Vec::new());
    }
    // serde would also accept an array.
    if !body.starts_with(b"{") {
        return Err(InvalidReply::Shape);
    }
    let response: Response =
        serde_json::from_slice(body).map_err(|_may_quote_the_text| InvalidReply::Shape)?;
    let replies = match (response.reply, response.replies) {
        (Some(_), Some(_)) => return Err(InvalidReply::Both),
        (Some(reply), None) => vec![reply],
        (None, replies) => replies.unwrap_or_default(),
    };
    let mut contents = Vec::new();
    for reply in replies {
        let media: Result<Vec<_>, _> = reply.media.iter().map(|url| https(url)).collect();
        let content = OutgoingContent::of_reply(reply.body.as_deref().unwrap_or_default(), media?);
        contents.extend(content.map_err(InvalidReply::Content)?);
        if contents.len() > MAX_REPLIES {
            return Err(InvalidReply::Content(ReplyError::TooLong));
        }
    }
    Ok(contents)
}

fn https(url: &str) -> Result<WebUrl, InvalidReply> {
    let parsed = WebUrl::parse(url).map_err(|_invalid| InvalidReply::Media)?;
    let is_https = url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    if is_https { Ok(parsed) } else { Err(InvalidReply::Media) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use switchboard_domain::delivery::{InvalidReply, MAX_REPLIES, ReplyError};

    use super::read_replies;

    /// The texts and the numbers of media of the replies.
    fn read(body: &str) -> Result<Vec<(String, usize)>, InvalidReply> {
        let replies = read_replies(body.as_bytes())?;
        let shown = |content: &switchboard_domain::delivery::OutgoingContent| {
            (content.body.as_str().to_owned(), content.media.len())
        };
        Ok(replies.iter().map(shown).collect())
    }

    fn text(body: &str) -> (String, usize) {
        (body.to_owned(), 0)
    }

    #[test]
    fn one_reply_several_or_none() {
        assert_eq!(read(r#"{"reply":{"body":"hi"}}"#).unwrap(), [text("hi")]);
        let several = r#" {"replies":[{"body":"a"},{"media":["https://example.com/1"]}]} "#;
        assert_eq!(read(several).unwrap(), [text("a"), (String::new(), 1)]);
        for nothing in ["", " \n", "{}", r#"{"reply":null}"#, r#"{"replies":[]}"#] {
            assert_eq!(read(nothing).unwrap(), [], "{nothing:?}");
        }
    }

    #[test]
    fn fields_that_a_later_version_may_add_are_ignored_beside_replies() {
        assert_eq!(read(r#"{"reply":{"body":"hi"},"handoff":{}}"#).unwrap(), [text("hi")]);
    }

    #[test]
    fn a_long_reply_is_split_and_a_too_long_one_refused() {
        let reply = |length| format!(r#"{{"reply":{{"body":"{}"}}}}"#, "é".repeat(length));
        let lengths: Vec<_> = read(&reply(2_000)).unwrap();
        let lengths: Vec<_> = lengths.iter().map(|(body, _)| body.chars().count()).collect();
        assert_eq!(lengths, [1_600, 400]);
        assert_eq!(read(&reply(16_000)).unwrap().len(), MAX_REPLIES);
        let too_long = InvalidReply::Content(ReplyError::TooLong);
        assert_eq!(read(&reply(16_001)).unwrap_err(), too_long);
        let many = [r#"{"body":"a"}"#; MAX_REPLIES + 1].join(",");
        assert_eq!(read(&format!(r#"{{"replies":[{many}]}}"#)).unwrap_err(), too_long);
    }

    #[test]
    fn what_is_not_a_reply_is_refused_with_its_reason() {
        for (body, error) in [
            ("<html>", InvalidReply::Shape),
            ("[]", InvalidReply::Shape),
            (r#""hi""#, InvalidReply::Shape),
            (r#"{"reply":"hi"}"#, InvalidReply::Shape),
            (r#"{"reply":{"text":"hi"}}"#, InvalidReply::Shape),
            (r#"{"reply":{"body":"a"},"replies":[]}"#, InvalidReply::Both),
            (r#"{"reply":{"media":["file:///etc/passwd"]}}"#, InvalidReply::Media),
            (r#"{"reply":{"media":["http://example.com/1"]}}"#, InvalidReply::Media),
            (r#"{"reply":{"body":" "}}"#, InvalidReply::Content(ReplyError::Empty)),
        ] {
            assert_eq!(read(body).unwrap_err(), error, "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _never_panics = read_replies(&body);
        }

        #[test]
        fn any_text_is_a_reply(body in "\\PC{1,300}") {
            prop_assume!(!body.trim().is_empty());
            let response = serde_json::json!({ "reply": { "body": body } }).to_string();
            prop_assert_eq!(read(&response).unwrap().len(), 1);
        }
    }
}
