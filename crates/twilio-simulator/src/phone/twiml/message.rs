//! The verbs of messages (Twilio, "TwiML for Programmable Messaging").

use super::element::Element;
use super::verb::Target;
use crate::phone::webhook::Method;

/// A verb of a messaging response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageVerb {
    /// Sends a message.
    Message {
        /// The recipient; defaults to the sender of the incoming message.
        to: Option<String>,
        /// The sender; defaults to the recipient of the incoming message.
        from: Option<String>,
        body: String,
        media: Vec<String>,
        /// Called when the status of the message changes.
        status: Option<Target>,
        /// Called with the SID and status of the message; its response is executed next.
        action: Option<Target>,
    },
    /// Continues with the TwiML of another URL.
    Redirect(Target),
}

/// The verbs below the root.
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
