//! Renders a transcript for a terminal.

use std::fmt;

use super::entry::{Entry, Event, Request};
use super::recorder::Transcript;

/// Longer parameter values, usually tokens, are truncated.
const MAX_CHARACTERS: usize = 60;

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>4}.{:03} s  {}", self.at_ms / 1_000, self.at_ms % 1_000, self.event)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(request) => request.fmt(f),
            Self::Twiml { text } => write!(f, "TwiML            {} bytes", text.len()),
            Self::Status { status } => write!(f, "call             {status}"),
            Self::Verb { text } => write!(f, "verb             {text}"),
            Self::StreamOpened { sid, url, parameters } => {
                write!(f, "stream           {sid} open to {url}")?;
                parameters
                    .iter()
                    .try_for_each(|(name, value)| write!(f, "\n{:28}{name} = {}", "", cut(value)))
            }
            Self::MarkSet { name } => write!(f, "mark set         {name}"),
            Self::MarkPlayed { name } => write!(f, "mark played      {name}"),
            Self::Cleared { bytes } => write!(f, "cleared          {bytes} bytes of audio"),
            Self::Key { digit } => write!(f, "key pressed      {digit}"),
            Self::Prompt { text } => write!(f, "caller says      {text}"),
            Self::Said { text } => write!(f, "agent says       {text}"),
            Self::StreamClosed { sid, sent, received, heard_bytes, by } => write!(
                f,
                "stream           {sid} closed by {by}: {sent} sent, {received} received, {heard_bytes} bytes heard",
            ),
            Self::Reply { to, from, body, media, .. } => {
                write!(f, "reply            from {from} to {to}: {body}")?;
                media.iter().try_for_each(|url| write!(f, "\n{:28}with {url}", ""))
            }
            Self::Alert(alert) => alert.fmt(f),
            Self::Ended { status, seconds, reason } => {
                write!(f, "ended            {status} after {seconds} s: {reason}")
            }
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split_once('?').filter(|_| self.url.len() > 2 * MAX_CHARACTERS);
        let url = url.map_or(self.url.as_str(), |(before, _)| before);
        write!(f, "{:<16} {} {url}", self.purpose.as_str(), self.method)?;
        match self.status {
            Some(status) => write!(f, " → {status}")?,
            None => write!(f, " → no answer")?,
        }
        write!(f, " in {} ms", self.elapsed_ms)?;
        if self.attempt > 1 {
            write!(f, " (attempt {})", self.attempt)?;
        }
        if let Some(fault) = self.fault {
            write!(f, " [{fault}]")?;
        }
        Ok(())
    }
}

/// Truncates a value that is too long for a line.
fn cut(value: &str) -> String {
    match value.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}… ({} bytes)", &value[..end], value.len()),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Event};
    use crate::phone::transcript::{Purpose, Request};
    use crate::phone::webhook::Method;

    fn shown(event: Event) -> String {
        Entry { at_ms: 1_042, event }.to_string()
    }

    #[test]
    fn a_request_shows_its_url_and_its_outcome() {
        let mut request = Request {
            purpose: Purpose::Incoming,
            method: Method::Post,
            url: "http://127.0.0.1/voice".to_owned(),
            fields: Vec::new(),
            attempt: 1,
            idempotency_token: String::new(),
            status: Some(200),
            elapsed_ms: 3.0,
            content_type: Some("text/xml".to_owned()),
            body: None,
            failure: None,
            fault: None,
        };
        assert_eq!(
            shown(Event::Request(request.clone())),
            "   1.042 s  webhook          POST http://127.0.0.1/voice → 200 in 3 ms"
        );
        request.status = None;
        request.attempt = 2;
        request.fault = Some("late");
        let text = shown(Event::Request(request));
        assert!(text.ends_with("→ no answer in 3 ms (attempt 2) [late]"));
    }

    #[test]
    fn long_parameters_are_truncated() {
        let text = shown(Event::StreamOpened {
            sid: "MZ1".to_owned(),
            url: "ws://a".to_owned(),
            parameters: vec![("sessionToken".to_owned(), "ä".repeat(100))],
        });
        assert!(text.ends_with(&format!("sessionToken = {}… (200 bytes)", "ä".repeat(60))));
    }
}
