//! The replies in TwiML (Twilio, "TwiML for Programmable Messaging").

use switchboard_domain::address::Address;
use switchboard_domain::delivery::{InvalidReply, MAX_REPLIES, OutgoingContent, ReplyError};
use switchboard_domain::twiml::Element;
use switchboard_domain::web_address::WebUrl;
use url::Url;

use super::element::parse;

/// What a document is read for.
pub(crate) struct Reading<'a> {
    /// The URL that answered, which relative URLs in the document extend.
    pub(crate) url: &'a Url,
    /// Our number or sender.
    pub(crate) ours: Option<&'a Address>,
    /// The contact, whom a `<Message>` must address.
    pub(crate) contact: Option<&'a Address>,
}

/// Reads the messages of a document. The error says what is wrong, after "the response", and quotes nothing of the
/// document.
pub(crate) fn read_replies(
    text: &str,
    reading: &Reading<'_>,
) -> Result<Vec<OutgoingContent>, &'static str> {
    let root = parse(text)?;
    if root.name != "Response" {
        return Err("is not TwiML: its root element is not <Response>");
    }
    if !root.text().trim().is_empty() {
        return Err("is TwiML with text outside <Message>");
    }
    let mut contents = Vec::new();
    for verb in root.elements() {
        if verb.name != "Message" {
            return Err(unsupported(&verb.name));
        }
        contents.extend(message(verb, reading)?);
        if contents.len() > MAX_REPLIES {
            return Err(InvalidReply::Content(ReplyError::TooLong).what());
        }
    }
    Ok(contents)
}

/// A text that Twilio sends as it is.
pub(crate) fn read_plain_text(text: &str) -> Result<Vec<OutgoingContent>, &'static str> {
    OutgoingContent::of_reply(text.trim(), Vec::new())
        .map_err(|error| InvalidReply::Content(error).what())
}

fn message(verb: &Element, reading: &Reading<'_>) -> Result<Vec<OutgoingContent>, &'static str> {
    let is_other = |name, address: Option<&Address>| {
        let given = verb.attribute(name).map(str::trim);
        given.is_some_and(|given| address.is_none_or(|address| address.to_text() != given))
    };
    if is_other("to", reading.contact) {
        return Err("is TwiML with <Message to> that is not the contact");
    }
    if is_other("from", reading.ours) {
        return Err(
            "is TwiML with <Message from> that is not the number that received the message",
        );
    }
    let (mut body, mut media) = (String::new(), Vec::new());
    for noun in verb.elements() {
        let is_text = noun.elements().next().is_none();
        match noun.name.as_str() {
            "Body" if is_text => body.push_str(noun.text().trim()),
            "Media" if is_text => {
                media.push(https(noun.text().trim(), reading.url)?);
            }
            _ => return Err("is TwiML with an element in <Message> that is not <Body> or <Media>"),
        }
    }
    let own = verb.text();
    let own = own.trim();
    if body.is_empty() {
        body.push_str(own);
    } else if !own.is_empty() {
        return Err("is TwiML with text in <Message> beside <Body>");
    }
    OutgoingContent::of_reply(&body, media).map_err(|error| match error {
        ReplyError::Empty => "is TwiML with an empty <Message>",
        other => InvalidReply::Content(other).what(),
    })
}

fn https(text: &str, base: &Url) -> Result<WebUrl, &'static str> {
    const WRONG: &str = "is TwiML with a URL in <Media> that does not lead to https://";
    let url = base.join(text).map_err(|_invalid| WRONG)?;
    if url.scheme() != "https" {
        return Err(WRONG);
    }
    WebUrl::parse(url.as_str()).map_err(|_invalid| WRONG)
}

/// What is wrong with a verb. Only names of verbs that Twilio has are repeated.
fn unsupported(verb: &str) -> &'static str {
    macro_rules! by_name {
        ($($name:literal),*) => {
            match verb {
                "Redirect" => "is TwiML with <Redirect>, which is not followed",
                $($name => concat!("is TwiML with <", $name, ">, which does not reply to a message"),)*
                _ => "is TwiML with an element in <Response> that is not <Message>",
            }
        };
    }
    by_name!(
        "Connect", "Dial", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Pay", "Play",
        "Prompt", "Record", "Refer", "Reject", "Say", "Sms", "Start", "Stop"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use switchboard_domain::address::Address;
    use url::Url;

    use super::{Reading, read_plain_text, read_replies};

    /// The texts and media of the replies.
    fn read(document: &str) -> Result<Vec<(String, Vec<String>)>, &'static str> {
        let url = Url::parse("https://agents.example.com/hooks/sms?key=1").unwrap();
        let [ours, contact] = ["+14155550100", "whatsapp:+14155550199"].map(Address::parse);
        let (ours, contact) = (ours.unwrap(), contact.unwrap());
        let reading = Reading { url: &url, ours: Some(&ours), contact: Some(&contact) };
        let contents = read_replies(document, &reading)?;
        let shown = |content: &switchboard_domain::delivery::OutgoingContent| {
            let media = content.media.iter().map(|url| url.as_str().to_owned());
            (content.body.as_str().to_owned(), media.collect())
        };
        Ok(contents.iter().map(shown).collect())
    }

    fn text(body: &str) -> (String, Vec<String>) {
        (body.to_owned(), Vec::new())
    }

    #[test]
    fn messages_have_their_text_directly_or_in_a_body() {
        let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n  <Message>Hello &amp; welcome</Message>\n  \
             <Message action=\"/done\" method=\"GET\"><Body> a\nb </Body></Message><!-- c -->\n</Response>";
        assert_eq!(read(document).unwrap(), [text("Hello & welcome"), text("a\nb")]);
    }

    #[test]
    fn an_empty_response_replies_nothing() {
        for nothing in
            ["<Response/>", "<Response></Response>", "<Response> \n <!-- c --></Response>"]
        {
            assert_eq!(read(nothing).unwrap(), [], "{nothing}");
        }
    }

    #[test]
    fn relative_urls_of_media_extend_the_url_of_the_endpoint() {
        let document = "<Response><Message>a<Media>/a.jpg</Media><Media> https://cdn.example.com/b.png </Media></Message></Response>";
        let media = ["https://agents.example.com/a.jpg", "https://cdn.example.com/b.png"];
        let expected = ("a".to_owned(), media.map(str::to_owned).to_vec());
        assert_eq!(read(document).unwrap(), [expected]);
        for wrong in ["file:///etc/passwd", "http://example.com/a", "https://", "data:,a"] {
            let document =
                format!("<Response><Message><Media>{wrong}</Media></Message></Response>");
            assert!(read(&document).unwrap_err().contains("<Media>"), "{wrong}");
        }
    }

    #[test]
    fn a_message_may_name_the_two_sides_of_the_conversation_only() {
        let message = |attribute: &str| {
            read(&format!("<Response><Message {attribute}>a</Message></Response>"))
        };
        assert_eq!(message("to='whatsapp:+14155550199' from='+14155550100'").unwrap(), [text("a")]);
        assert!(message("to='+14155550123'").unwrap_err().contains("<Message to>"));
        assert!(message("from='+14155550123'").unwrap_err().contains("<Message from>"));
    }

    #[test]
    fn a_long_text_is_split_and_too_many_messages_are_refused() {
        let long = format!("<Response><Message>{}</Message></Response>", "é".repeat(2_000));
        let lengths: Vec<_> =
            read(&long).unwrap().iter().map(|(body, _)| body.chars().count()).collect();
        assert_eq!(lengths, [1_600, 400]);
        let many = |count| format!("<Response>{}</Response>", "<Message>a</Message>".repeat(count));
        assert_eq!(read(&many(10)).unwrap().len(), 10);
        assert!(read(&many(11)).unwrap_err().contains("more than 10 messages"));
    }

    #[test]
    fn what_is_not_a_reply_is_refused_with_its_reason() {
        for (document, reason) in [
            ("<html><body>Sorry</body></html>", "<Response>"),
            ("<!DOCTYPE html><html></html>", "document type"),
            ("<Response><Redirect>/next</Redirect></Response>", "<Redirect>"),
            ("<Response><Message>a</Message><Redirect/></Response>", "<Redirect>"),
            ("<Response><Say>Hello</Say></Response>", "<Say>"),
            ("<Response><Secret/></Response>", "not <Message>"),
            ("<response/>", "<Response>"),
            ("<Response>Hello</Response>", "text outside <Message>"),
            ("<Response><Message/></Response>", "empty <Message>"),
            ("<Response><Message> \n</Message></Response>", "empty <Message>"),
            ("<Response><Message><b>a</b></Message></Response>", "<Body>"),
            ("<Response><Message>a<Body>b</Body></Message></Response>", "beside <Body>"),
            ("<Response><Message>a</Response>", "well-formed"),
            ("{\"reply\": {\"body\": \"a\"}}", "well-formed"),
        ] {
            let what = read(document).unwrap_err();
            assert!(what.contains(reason) && !what.contains("Secret"), "{document}: {what}");
        }
    }

    #[test]
    fn a_plain_text_is_one_reply() {
        assert_eq!(read_plain_text(" OK\n").unwrap()[0].body.as_str(), "OK");
    }

    proptest! {
        #[test]
        fn any_document_is_read_or_refused(
            text in "(<Response>)?(<(Message|Body|Media|Redirect)>|</(Message|Body|Media)>|[a-z &;]|<Message/>){0,12}(</Response>)?",
        ) {
            let _never_panics = read(&text);
        }
    }
}
