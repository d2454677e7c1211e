//! What a number's configuration should be.

use std::fmt;

use super::{Configuration, Field};
use crate::address::Channel;
use crate::number::Channels;
use crate::signature::PublicUrl;
use crate::web_address::WebUrl;

const POST: &str = "POST";

/// The URLs that Twilio should call. They are the same for all numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrls {
    /// The URL for calls.
    pub voice: String,
    /// The URL for messages.
    pub message: String,
    /// The URL for the status of calls and messages.
    pub status: String,
    /// The URL for calls that this server does not answer.
    pub voice_fallback: Option<WebUrl>,
    /// The URL for messages that this server does not answer.
    pub message_fallback: Option<WebUrl>,
}

impl WebhookUrls {
    /// The URLs of switchboard below a public URL.
    pub fn below(public: &PublicUrl) -> Self {
        let below = |path: &str| format!("{}/api/twilio/{path}", public.as_str());
        Self {
            voice: below("voice"),
            message: below("webhook"),
            status: below("status"),
            voice_fallback: None,
            message_fallback: None,
        }
    }

    /// Whether a URL is one of these, except for its query and fragment, for example a legacy URL that names its agent.
    pub fn own(&self, url: &str) -> bool {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        [&self.voice, &self.message, &self.status].into_iter().any(|own| own == path)
    }
}

/// Does not show the URLs, because a public URL can contain a password.
impl fmt::Debug for WebhookUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookUrls(…)")
    }
}

/// The desired configuration of a number that an agent answers on these channels. Fields that are not set can have any
/// value.
pub fn desired(channels: Channels, urls: &WebhookUrls) -> Configuration {
    let mut desired = Configuration::new();
    let mut to = |url: Field, method: Field, value: &str| {
        desired.extend([(url, value), (method, POST)]);
    };
    if channels.contains(Channel::Voice) {
        to(Field::VoiceUrl, Field::VoiceMethod, &urls.voice);
        to(Field::StatusCallback, Field::StatusCallbackMethod, &urls.status);
        if let Some(fallback) = &urls.voice_fallback {
            to(Field::VoiceFallbackUrl, Field::VoiceFallbackMethod, fallback.as_str());
        }
    }
    if channels.contains(Channel::Sms) {
        to(Field::SmsUrl, Field::SmsMethod, &urls.message);
        if let Some(fallback) = &urls.message_fallback {
            to(Field::SmsFallbackUrl, Field::SmsFallbackMethod, fallback.as_str());
        }
    }
    if channels.contains(Channel::WhatsApp) || channels.contains(Channel::Rcs) {
        to(Field::SenderCallbackUrl, Field::SenderCallbackMethod, &urls.message);
        to(Field::SenderStatusCallbackUrl, Field::SenderStatusCallbackMethod, &urls.status);
        if let Some(fallback) = &urls.message_fallback {
            to(Field::SenderFallbackUrl, Field::SenderFallbackMethod, fallback.as_str());
        }
    }
    desired
}

#[cfg(test)]
mod tests {
    use super::{WebhookUrls, desired};
    use crate::configuration::Field;
    use crate::number::Channels;
    use crate::signature::PublicUrl;
    use crate::web_address::WebUrl;

    fn urls() -> WebhookUrls {
        WebhookUrls::below(&PublicUrl::parse("https://voice.example.com/in").unwrap())
    }

    #[test]
    fn each_channel_has_its_own_fields_and_the_same_urls() {
        let of = |channels: &str| desired(Channels::parse(channels).unwrap(), &urls());
        let voice = of("voice");
        assert_eq!(
            voice.iter().collect::<Vec<_>>(),
            [
                (Field::VoiceUrl, "https://voice.example.com/in/api/twilio/voice"),
                (Field::VoiceMethod, "POST"),
                (Field::StatusCallback, "https://voice.example.com/in/api/twilio/status"),
                (Field::StatusCallbackMethod, "POST"),
            ]
        );
        assert_eq!(of("sms").len(), 2);
        assert_eq!(of("whatsapp").len(), 4);
        assert_eq!(of("rcs"), of("whatsapp"));
        assert_eq!(of("voice,sms,whatsapp").len(), 10);
    }

    #[test]
    fn a_fallback_is_asked_for_only_where_there_is_one() {
        let mut urls = urls();
        urls.voice_fallback = Some(WebUrl::parse("https://fallback.example.com").unwrap());
        let desired = desired(Channels::VOICE_AND_SMS, &urls);
        assert_eq!(desired.get(Field::VoiceFallbackUrl), Some("https://fallback.example.com"));
        assert_eq!(desired.get(Field::VoiceFallbackMethod), Some("POST"));
        assert_eq!(desired.get(Field::SmsFallbackUrl), None);
    }

    #[test]
    fn an_old_url_of_ours_is_known_by_its_path() {
        let urls = urls();
        assert!(urls.own("https://voice.example.com/in/api/twilio/voice?agentId=7#rc=2"));
        assert!(!urls.own("https://voice.example.com/api/twilio/voice"));
    }
}
