//! The verbs of messages (Twilio, "TwiML for Programmable Messaging").

use super::element::Element;
use super::verb::Target;
use crate::phone::webhook::Method;

/// What to do about a message that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageVerb {
    /// Send one.
    Message {
        /// Instead of the sender.
        to: Option<String>,
        /// Instead of the number that was written to.
        from: Option<String>,
        body: String,
        media: Vec<String>,
        /// Where the states of it go.
        status: Option<Target>,
        /// What follows, asked with the SID and the status of what was sent.
        action: Option<Target>,
    },
    /// Ask another URL.
    Redirect(Target),
}

/// The verbs below a root.
pub(super) fn verbs(root: &Element) -> Vec<MessageVerb> {
    root.children.iter().filter_map(verb).collect()
}

fn verb(element: &Element) -> Option<MessageVerb> {
    let method = || Method::of_attribute(element.attribute("method"));
    let own = |name| element.attribute(name).map(ToOwned::to_owned);
    let target = |name, method| own(name).map(|url| Target { url, method });
    let inside = |name: &'static str| {
        let found = element.children.iter().filter(move |child| child.name == name);
        found.map(|child| child.text.trim().to_owned())
    };
    match element.name.as_str() {
        "Message" => {
            let bodies: String = inside("Body").collect();
            let body = if bodies.is_empty() { element.text.trim().to_owned() } else { bodies };
            Some(MessageVerb::Message {
                to: own("to"),
                from: own("from"),
                body,
                media: inside("Media").collect(),
                status: target("statusCallback", Method::Post),
                action: target("action", method()),
            })
        }
        "Redirect" => {
            let url = element.text.trim().to_owned();
            Some(MessageVerb::Redirect(Target { url, method: method() }))
        }
        _ => None,
    }
}
