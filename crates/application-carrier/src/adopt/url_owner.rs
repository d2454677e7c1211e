//! Where a number's calls or messages go, as its URL tells.

use switchboard_domain::configuration::WebhookUrls;
use switchboard_domain::form::Form;

/// The field of the query by which the legacy system named an agent.
const AGENT_ID: &str = "agentId";

/// Where a number's calls or messages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlOwner {
    /// Nowhere.
    Nowhere,
    /// To us, by the URL that all numbers have.
    Ours,
    /// To a URL that names its agent, as the legacy system wrote them: the agent's id.
    Legacy(String),
    /// To somebody else.
    Foreign,
}

impl UrlOwner {
    /// Where that URL leads. A URL that names an agent is one of the legacy system's, whatever its host is: the
    /// system may have moved.
    pub fn of(url: &str, urls: &WebhookUrls) -> Self {
        if url.is_empty() {
            Self::Nowhere
        } else if let Some(agent) = agent_id(url) {
            Self::Legacy(agent)
        } else if urls.own(url) {
            Self::Ours
        } else {
            Self::Foreign
        }
    }

    /// The word for it in tables and JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Nowhere => "none",
            Self::Ours => "ours",
            Self::Legacy(_) => "legacy",
            Self::Foreign => "foreign",
        }
    }

    /// The id of the agent that it names.
    pub fn agent(&self) -> Option<&str> {
        match self {
            Self::Legacy(agent) => Some(agent),
            Self::Nowhere | Self::Ours | Self::Foreign => None,
        }
    }
}

/// The id of the agent that a URL names in its query. Of several, the first one counts, as it did for the earlier
/// system.
fn agent_id(url: &str) -> Option<String> {
    let before_fragment = url.split('#').next().unwrap_or_default();
    let (_, query) = before_fragment.split_once('?')?;
    // A query that is no form is not one that the legacy system wrote.
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
    fn a_url_is_ours_the_earlier_systems_somebody_elses_or_none() {
        let legacy = |id: &str| UrlOwner::Legacy(id.to_owned());
        for (url, expected) in [
            ("", UrlOwner::Nowhere),
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
        fn any_id_is_read_as_it_was_written(id in "[^\\p{C}]{0,40}") {
            let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
            let url = format!("https://old.example.com/api/twilio/voice?agentId={encoded}");
            let url_owner = UrlOwner::of(&url, &urls());
            prop_assert_eq!(url_owner.agent(), Some(id.trim()));
        }

        #[test]
        fn no_url_makes_it_fail(url in "\\PC*") {
            let is_empty = UrlOwner::of(&url, &urls()) == UrlOwner::Nowhere;
            prop_assert_eq!(is_empty, url.is_empty());
        }
    }
}
