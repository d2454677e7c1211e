//! Diagnosis of a refused signature, off the hot path.

use super::header::Signature;
use super::key::SigningKey;
use super::matching::Matcher;
use super::near_miss::NearMiss;
use super::public_url::{PublicUrl, split_port};
use super::request::{Content, SignedRequest};
use super::url_variants::Target;

/// Maximum number of HMACs per diagnosis.
const MAX_ATTEMPTS: usize = 64;

/// Maximum number of hosts and of queries considered, so that headers cannot use up the HMACs.
const MAX_HINTS: usize = 4;

/// Ports that servers and tunnels commonly use.
const COMMON_PORTS: [&str; 6] = [":443", ":8443", ":8080", ":80", ":3000", ":5000"];

/// Possible explanations of a refusal. They are not trusted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The keys that did not match.
    pub own_keys: &'a [SigningKey],
    /// The keys of the parent account.
    pub parent_keys: &'a [SigningKey],
    /// Hosts, with or without a port, from `Host` and `X-Forwarded-Host`.
    pub hosts: &'a [&'a str],
    /// Queries, without the question mark, that the URL is known to have at Twilio.
    pub queries: &'a [&'a str],
}

/// Returns the single change with which the refused signature matches, trying the most likely one first; `None` if there
/// is none.
pub fn diagnose(
    hints: &Hints<'_>,
    urls: &[PublicUrl],
    request: &SignedRequest<'_>,
    signature: &Signature,
) -> Option<NearMiss> {
    let matcher = Matcher::new(request, signature, MAX_ATTEMPTS)?;
    let target = Target::new(request.target);
    let mut diagnosis = Diagnosis { matcher, keys: hints.own_keys, urls, target };
    diagnosis
        .scheme()
        .or_else(|| diagnosis.parent_token(hints.parent_keys))
        .or_else(|| diagnosis.host(hints.hosts))
        .or_else(|| diagnosis.path_prefix(request.target))
        .or_else(|| diagnosis.trailing_slash(request.target))
        .or_else(|| diagnosis.query(request, hints.queries))
        .or_else(|| diagnosis.port(hints.hosts))
}

struct Diagnosis<'a> {
    matcher: Matcher<'a>,
    keys: &'a [SigningKey],
    urls: &'a [PublicUrl],
    target: Target<'a>,
}

impl Diagnosis<'_> {
    fn scheme(&mut self) -> Option<NearMiss> {
        self.other_url(|url| {
            let scheme = match (url.is_websocket(), url.is_secure()) {
                (false, false) => "https://",
                (false, true) => "http://",
                (true, false) => "wss://",
                (true, true) => "ws://",
            };
            // The configured port may be that of our own listener, so the URL without a port is tried first.
            ["", url.port_part()]
                .map(|port| rebuilt(scheme, url, url.host(), port, url.prefix()))
                .into()
        })
        .map(|public_url| NearMiss::Scheme { public_url })
    }

    fn parent_token(&mut self, parent_keys: &[SigningKey]) -> Option<NearMiss> {
        let matches = self
            .urls
            .iter()
            .any(|url| self.matcher.matching_key(parent_keys, url, &self.target).is_some());
        matches.then_some(NearMiss::ParentToken)
    }

    fn host(&mut self, hosts: &[&str]) -> Option<NearMiss> {
        self.other_url(|url| {
            let lower_case = rebuilt(
                url.scheme_part(),
                url,
                &url.host().to_lowercase(),
                url.port_part(),
                url.prefix(),
            );
            let seen = hosts.iter().take(MAX_HINTS).map(|seen| {
                let (host, port) = split_port(seen);
                rebuilt(url.scheme_part(), url, host, port, url.prefix())
            });
            let others = std::iter::once(lower_case).chain(seen);
            others
                .filter(|other| other.as_ref().is_some_and(|other| other.host() != url.host()))
                .collect()
        })
        .map(|public_url| NearMiss::Host { public_url })
    }

    fn port(&mut self, hosts: &[&str]) -> Option<NearMiss> {
        self.other_url(|url| {
            let seen = hosts.iter().take(MAX_HINTS).map(|seen| split_port(seen));
            let same_host = seen
                .filter(|(host, _)| host.eq_ignore_ascii_case(url.host()))
                .map(|(_, port)| port);
            let ports = same_host.chain(COMMON_PORTS).filter(|port| *port != url.port_part());
            ports
                .map(|port| rebuilt(url.scheme_part(), url, url.host(), port, url.prefix()))
                .collect()
        })
        .map(|public_url| NearMiss::Port { public_url })
    }

    fn path_prefix(&mut self, target: &str) -> Option<NearMiss> {
        let prefixed = |url: &PublicUrl| !url.prefix().is_empty();
        let without =
            |url: &PublicUrl| rebuilt(url.scheme_part(), url, url.host(), url.port_part(), "");
        let found =
            self.other_url(|url| if prefixed(url) { vec![without(url)] } else { Vec::new() });
        if let Some(public_url) = found {
            return Some(NearMiss::PathPrefix { public_url });
        }
        let shorter = target.get(1..)?;
        let shorter =
            &shorter[shorter.find(['/', '?']).filter(|end| shorter[*end..].starts_with('/'))?..];
        self.target_matches(shorter).then_some(NearMiss::PathAdded)
    }

    fn trailing_slash(&mut self, target: &str) -> Option<NearMiss> {
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let path = path.strip_suffix('/').map_or_else(|| format!("{path}/"), ToOwned::to_owned);
        self.target_matches(&format!("{path}{query}")).then_some(NearMiss::TrailingSlash)
    }

    fn query(&mut self, request: &SignedRequest<'_>, queries: &[&str]) -> Option<NearMiss> {
        // The query of a body that is not a form contains its hash, which has matched, so the query is unchanged.
        if matches!(request.content, Content::Raw(_)) {
            return None;
        }
        let (path, query) = request.target.split_once('?').unwrap_or((request.target, ""));
        let others = queries.iter().take(MAX_HINTS).map(|query| format!("{path}?{query}"));
        let without = (!query.is_empty()).then(|| path.to_owned());
        let matches = without.into_iter().chain(others).any(|target| self.target_matches(&target));
        matches.then_some(NearMiss::Query)
    }

    /// The first of the given modifications of our URLs with which the signature matches.
    fn other_url(
        &mut self,
        others: impl Fn(&PublicUrl) -> Vec<Option<PublicUrl>>,
    ) -> Option<String> {
        let mut others = self.urls.iter().flat_map(|url| others(url).into_iter().flatten());
        let matching =
            others.find(|url| self.matcher.matching_key(self.keys, url, &self.target).is_some());
        matching.map(|url| url.shown())
    }

    fn target_matches(&mut self, target: &str) -> bool {
        let target = Target::new(target);
        self.urls.iter().any(|url| self.matcher.matching_key(self.keys, url, &target).is_some())
    }
}

/// A public URL with some parts replaced; `None` if they do not make a URL, as parts from headers may not.
fn rebuilt(
    scheme: &str,
    url: &PublicUrl,
    host: &str,
    port: &str,
    prefix: &str,
) -> Option<PublicUrl> {
    PublicUrl::parse(&[scheme, url.credentials(), host, port, prefix].concat()).ok()
}

#[cfg(test)]
mod tests;
