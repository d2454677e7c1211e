//! Files of messages at the carrier.

use std::fmt;

use crate::sid::{AccountSid, MediaSid, MessageSid};

/// Where Twilio stores a file of a message (Twilio, "Media resource").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaLocation {
    /// The account of the message.
    pub account: AccountSid,
    /// The message that the media belongs to.
    pub message: MessageSid,
    /// The file.
    pub media: MediaSid,
}

impl MediaLocation {
    /// Reads the value of `MediaUrl{N}`: `https://api.twilio.com/2010-04-01/Accounts/AC…/Messages/MM…/Media/ME…`. Only
    /// these SIDs are used, so no request goes to a host that the URL names. `None` if it is another URL.
    pub fn read(url: &str) -> Option<Self> {
        let path = url.split(['?', '#']).next()?;
        let mut parts = path.rsplit('/');
        let mut part = || parts.next();
        let media = MediaSid::parse(part()?).ok()?;
        let message = part().filter(|name| *name == "Media").and_then(|_| part())?;
        let account = part().filter(|name| *name == "Messages").and_then(|_| part())?;
        part().filter(|name| *name == "Accounts")?;
        let (account, message) = (AccountSid::parse(account), MessageSid::parse(message));
        Some(Self { account: account.ok()?, message: message.ok()?, media })
    }
}

/// A file. Debug shows no content.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// Its media type, for example `image/jpeg`, at most 60 characters; empty if Twilio names none.
    pub content_type: String,
    /// Its bytes, at most 16 MiB.
    pub content: Vec<u8>,
}

impl fmt::Debug for MediaFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content_type, content } = self;
        write!(f, "MediaFile({content_type}, {} bytes)", content.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{MediaFile, MediaLocation};

    #[test]
    fn the_url_of_a_file_is_read_and_other_urls_are_not() {
        let [account, message, media] =
            ["AC", "MM", "ME"].map(|of| of.to_owned() + &"1".repeat(32));
        let path = format!("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}");
        for base in
            ["https://api.twilio.com", "https://api.dublin.ie1.twilio.com", "http://127.0.0.1:9/x"]
        {
            for end in ["", "?a=b", "#c"] {
                let location = MediaLocation::read(&format!("{base}{path}{end}")).unwrap();
                assert_eq!(location.account.as_str(), account);
                assert_eq!(location.message.as_str(), message);
                assert_eq!(location.media.as_str(), media);
            }
        }
        for other in [
            String::new(),
            "https://example.com/image.png".to_owned(),
            format!("https://api.twilio.com{path}/"),
            format!("https://api.twilio.com{path}.json"),
            format!("https://api.twilio.com{}", path.replace("/Media/", "/Other/")),
            format!("https://example.com/?{path}"),
        ] {
            assert_eq!(MediaLocation::read(&other), None, "{other}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let file = MediaFile { content_type: "text/plain".to_owned(), content: b"secret".to_vec() };
        assert_eq!(format!("{file:?}"), "MediaFile(text/plain, 6 bytes)");
    }
}
