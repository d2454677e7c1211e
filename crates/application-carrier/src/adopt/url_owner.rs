//! Determines the owner of a number's URL.

use switchboard_domain::configuration::WebhookUrls;
use switchboard_domain::form::Form;

/// The query parameter with which the legacy system names an agent.
const AGENT_ID: &str = "agentId";

/// The server that receives a number's calls or messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlOwner {
    /// There is no URL.
    Unset,
    /// This server, at the URL shared by all numbers.
    Ours,
    /// The legacy system, whose URLs contain the id of the agent.
    Legacy(String),
    /// Another server.
    Foreign,
}

impl UrlOwner {
    /// The owner of a URL. A URL that names an agent belongs to the legacy system at any host, because the system may
    /// have moved.
    pub fn of(url: &str, urls: &WebhookUrls) -> Self {
        if url.is_empty() {
            Self::Unset
        } else if let Some(agent) = agent_id(url) {
            Self::Legacy(agent)
        } else if urls.own(url) {
            Self::Ours
        } else {
            Self::Foreign
        }
    }

    /// The name in tables and JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unset => "none",
            Self::Ours => "ours",
            Self::Legacy(_) => "legacy",
            Self::Foreign => "foreign",
        }
    }

    /// The agent id of a legacy URL.
    pub fn agent(&self) -> Option<&str> {
        match self {
            Self::Legacy(agent) => Some(agent),
            Self::Unset | Self::Ours | Self::Foreign => None,
        }
    }
}

/// The agent id in the query of a URL. The first of several counts, as in the legacy system.
fn agent_id(url: &str) -> Option<String> {
    let before_fragment = url.split('#').next().unwrap_or_default();
    let (_, query) = before_fragment.split_once('?')?;
    // The legacy system wrote only well-formed queries.
    let form = Form::parse(query.as_bytes()).ok()?;
    let named = form.fields().find(|(name, _)| *name == AGENT_ID);
    named.map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use switchboard_domain::configuration::WebhookUrls;
    use switchboard_domain::signature::PublicUrl;

    use super::UrlOwner;

    fn urls() -> WebhookUrls {
        WebhookUrls::below(&PublicUrl::parse("https://voice.example.com").unwrap())
    }

    #[test]
    fn a_url_is_ours_legacy_foreign_or_unset() {
        let legacy = |id: &str| UrlOwner::Legacy(id.to_owned());
        for (url, expected) in [
            ("", UrlOwner::Unset),
            ("https://voice.example.com/api/twilio/voice", UrlOwner::Ours),
            ("https://voice.example.com/api/twilio/webhook#rc=2", UrlOwner::Ours),
            ("https://voice.example.com/api/twilio/voice?agentId=c1", legacy("c1")),
            ("https://old.example.com/api/twilio/voice?x=1&agentId=a%2Fb+c#rc=2", legacy("a/b c")),
            ("https://old.example.com/?agentId=", legacy("")),
            ("https://old.example.com/?agentid=c1", UrlOwner::Foreign),
            ("https://old.example.com/?agentId=%zz", UrlOwner::Foreign),
            ("https://handler.twilio.com/twiml/EH1", UrlOwner::Foreign),
        ] {
            assert_eq!(UrlOwner::of(url, &urls()), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_id_is_read_back(id in "[^\\p{C}]{0,40}") {
            let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
            let url = format!("https://old.example.com/api/twilio/voice?agentId={encoded}");
            let url_owner = UrlOwner::of(&url, &urls());
            prop_assert_eq!(url_owner.agent(), Some(id.trim()));
        }

        #[test]
        fn any_text_is_accepted(url in "\\PC*") {
            let is_empty = UrlOwner::of(&url, &urls()) == UrlOwner::Unset;
            prop_assert_eq!(is_empty, url.is_empty());
        }
    }
}
