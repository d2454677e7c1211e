//! Links: our URLs that lead to the handler of an agent.
//!
//! The handler's own URL is in the link, with a message authentication code over it and over the account of the call, so
//! that nobody can make us request another URL, and no link works for another account.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use url::Url;

use super::SessionKeys;
use crate::identifier::AgentId;
use crate::sid::AccountSid;
use crate::twiml::LinkUse;
use crate::web_address::{MAX_URL_BYTES, WebUrl};

/// Separates this use of a key from session tokens, whose signed text begins with base64.
const PURPOSE: &str = "switchboard/handler-link/v1";
const NEXT: &str = "next=";

/// What a link is for.
#[derive(Clone, Copy, Debug)]
pub struct HandlerLink<'a> {
    /// The account of the call.
    pub account: AccountSid,
    /// The agent whose handler is requested.
    pub agent: &'a AgentId,
    /// What the call's fallback chain has tried, as a query; may be empty.
    pub progress: &'a str,
}

/// A link as a request carries it, before it is verified.
#[derive(Debug)]
pub struct ClaimedLink<'t> {
    used: LinkUse,
    agent: AgentId,
    url: WebUrl,
    progress: &'t str,
    signed: &'t str,
    tag: Vec<u8>,
    rest: &'t str,
}

/// A link that we made for the account of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedLink<'t> {
    /// What Twilio does with the response.
    pub used: LinkUse,
    /// The agent whose handler is requested.
    pub agent: AgentId,
    /// The handler's URL.
    pub url: WebUrl,
    /// What the call's fallback chain has tried, as a query; may be empty.
    pub progress: &'t str,
}

const fn letter(used: LinkUse) -> &'static str {
    match used {
        LinkUse::Twiml => "t",
        LinkUse::Callback => "c",
    }
}

impl<'t> ClaimedLink<'t> {
    /// Reads the link in the target of a request; `None` if there is none.
    pub fn parse(target: &'t str) -> Option<Self> {
        let (_, query) = target.split_once('?')?;
        let start = if query.starts_with(NEXT) { 0 } else { query.find("&next=")? + 1 };
        let token = &query[start + NEXT.len()..];
        let (token, rest) = token.split_once('&').unwrap_or((token, ""));
        let end = start + NEXT.len() + token.len();
        let (signed, tag) = query[..end].rsplit_once('.')?;
        let mut parts = token.split('.');
        let (used, agent, url) = (parts.next()?, parts.next()?, parts.next()?);
        let url = String::from_utf8(URL_SAFE_NO_PAD.decode(url).ok()?).ok()?;
        Some(Self {
            used: [LinkUse::Twiml, LinkUse::Callback]
                .into_iter()
                .find(|known| letter(*known) == used)?,
            agent: AgentId::parse(agent).ok()?,
            url: WebUrl::parse(&url).ok()?,
            progress: query[..start].trim_end_matches('&'),
            signed,
            tag: URL_SAFE_NO_PAD.decode(tag).ok()?,
            rest,
        })
    }

    /// What follows the link in the query: in a `GET`, the parameters that Twilio added.
    pub const fn rest(&self) -> &'t str {
        self.rest
    }
}

impl SessionKeys {
    /// Our URL for a URL of a handler, which begins with `base`; `None` if it would be too long for Twilio.
    pub fn handler_link(
        &self,
        base: &str,
        link: &HandlerLink<'_>,
        url: &Url,
        used: LinkUse,
    ) -> Option<String> {
        let progress = match link.progress {
            "" => String::new(),
            progress => format!("{progress}&"),
        };
        let url = URL_SAFE_NO_PAD.encode(url.as_str());
        let signed = format!("{progress}{NEXT}{}.{}.{url}", letter(used), link.agent);
        let tag = hmac::sign(self.signing_key().hmac(), &mac_text(link.account, &signed));
        let whole = format!("{base}?{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
        (whole.len() <= MAX_URL_BYTES).then_some(whole)
    }

    /// Returns what a link leads to; `None` if it is not one that we made for this account.
    pub fn verify_handler_link<'t>(
        &self,
        claimed: ClaimedLink<'t>,
        account: AccountSid,
    ) -> Option<FollowedLink<'t>> {
        let text = mac_text(account, claimed.signed);
        let mut keys = self.all_keys();
        let is_ours = keys.any(|key| hmac::verify(key.hmac(), &text, &claimed.tag).is_ok());
        let ClaimedLink { used, agent, url, progress, .. } = claimed;
        is_ours.then_some(FollowedLink { used, agent, url, progress })
    }
}

/// The signed part has no line breaks, because it is part of a URL.
fn mac_text(account: AccountSid, signed: &str) -> Vec<u8> {
    format!("{PURPOSE}\n{account}\n{signed}").into_bytes()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{ClaimedLink, FollowedLink, HandlerLink};
    use crate::identifier::AgentId;
    use crate::sealing::{EncryptionKey, KeyId, Keyring};
    use crate::session::SessionKeys;
    use crate::sid::AccountSid;
    use crate::time::Timestamp;
    use crate::twiml::LinkUse;
    use crate::web_address::WebUrl;

    const BASE: &str = "https://calls.example.com/api/twilio/voice/handler";
    const HANDLER: &str = "https://handler.example.net:8443/menu?x=1&y=%20.";

    fn keys(id: &str) -> EncryptionKey {
        EncryptionKey::generate(KeyId::parse(id).unwrap(), [id.as_bytes()[1]; 32]).unwrap()
    }

    fn session_keys(ids: &[&str]) -> SessionKeys {
        Keyring::new(ids.iter().map(|id| keys(id)).collect()).unwrap().session_keys()
    }

    fn account(digit: char) -> AccountSid {
        AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
    }

    fn agent() -> AgentId {
        AgentId::new(Timestamp::from_seconds(1), [7; 10])
    }

    fn made(progress: &str, used: LinkUse, url: &str) -> Option<String> {
        let agent = agent();
        let link = HandlerLink { account: account('a'), agent: &agent, progress };
        session_keys(&["k1"]).handler_link(BASE, &link, &Url::parse(url).unwrap(), used)
    }

    fn target(progress: &str, used: LinkUse) -> String {
        let url = made(progress, used, HANDLER).unwrap();
        url.strip_prefix("https://calls.example.com").unwrap().to_owned()
    }

    fn follow<'t>(ids: &[&str], target: &'t str, account: AccountSid) -> Option<FollowedLink<'t>> {
        session_keys(ids).verify_handler_link(ClaimedLink::parse(target)?, account)
    }

    #[test]
    fn a_link_leads_where_it_was_made_for() {
        for progress in ["", "tried=agt_1.agt_2&done=1&at=5"] {
            for used in [LinkUse::Twiml, LinkUse::Callback] {
                let target = target(progress, used);
                let expected = FollowedLink {
                    used,
                    agent: agent(),
                    url: WebUrl::parse(HANDLER).unwrap(),
                    progress,
                };
                let followed = follow(&["k1"], &target, account('a'));
                assert_eq!(followed.as_ref(), Some(&expected), "{target}");
                assert_eq!(follow(&["k2", "k1"], &target, account('a')), followed);
                assert_eq!(follow(&["k2"], &target, account('a')), None);
                assert_eq!(follow(&["k1"], &target, account('b')), None);
            }
        }
    }

    #[test]
    fn the_parameters_of_a_get_follow_the_link() {
        let target = format!("{}&AccountSid=AC1&Digits=5", target("tried=", LinkUse::Twiml));
        assert_eq!(ClaimedLink::parse(&target).unwrap().rest(), "AccountSid=AC1&Digits=5");
        assert!(follow(&["k1"], &target, account('a')).is_some());
    }

    #[test]
    fn a_changed_link_leads_nowhere() {
        let genuine = target("tried=agt_1&at=5", LinkUse::Twiml);
        for at in 0..genuine.len() {
            let mut changed = genuine.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let followed = follow(&["k1"], &changed, account('a'));
            // The path is not part of the link; Twilio signs it.
            assert_eq!(followed.is_some(), at < "/api/twilio/voice/handler".len(), "{changed}");
            let cut = &genuine[..at];
            assert!(follow(&["k1"], cut, account('a')).is_none(), "{cut}");
        }
        assert!(follow(&["k1"], &format!("{genuine}x"), account('a')).is_none());
    }

    #[test]
    fn a_link_that_twilio_would_cut_off_is_not_made() {
        let url = format!("https://handler.example.net/{}", "a".repeat(1_400));
        assert_eq!(made("", LinkUse::Twiml, &url), None);
        assert!(made("", LinkUse::Twiml, &url[..1_200]).unwrap().len() <= 2_000);
    }
}
