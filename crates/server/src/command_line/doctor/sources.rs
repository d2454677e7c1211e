//! The checks of the networks from which requests are accepted.

use switchboard_domain::client_sources::ClientSources;

use super::check::Check;
use crate::settings::{ADMIN_ALLOWED_SOURCES, ALLOWED_SOURCES, Sources, TRUSTED_PROXIES};

const NAME: &str = "sources";

/// Tells who is accepted, and whether proxies are believed.
pub(super) fn check(sources: &Sources) -> Vec<Check> {
    let Sources { webhooks, admin } = sources;
    let proxies = &webhooks.proxies;
    let mut checks = vec![
        listener("webhooks", ALLOWED_SOURCES, webhooks),
        listener("requests to the admin API", ADMIN_ALLOWED_SOURCES, admin),
    ];
    if proxies.trust_everybody() {
        checks.push(Check::warn(
            NAME,
            format!("{TRUSTED_PROXIES} is {}: everybody can name any address", proxies.networks()),
            format!("list only your own proxies in {TRUSTED_PROXIES}"),
        ));
    } else if !proxies.is_empty() {
        checks.push(Check::ok(NAME, format!("proxies in {} are believed", proxies.networks())));
    }
    checks
}

fn listener(what: &str, setting: &str, sources: &ClientSources) -> Check {
    let allowed = &sources.allowed;
    if allowed.is_unlimited() {
        return Check::ok(NAME, format!("{what} are accepted from everywhere"));
    }
    let detail = format!("{what} are accepted from {allowed} only");
    if sources.proxies.is_empty() {
        let remedy = format!(
            "if a proxy is in front of the listener, list it in {TRUSTED_PROXIES}: all requests come from its address, whoever sent \
             them, and {setting} decides about this address"
        );
        return Check::warn(NAME, detail, remedy);
    }
    Check::ok(NAME, detail)
}

#[cfg(test)]
mod tests {
    use switchboard_domain::client_sources::ClientSources;
    use switchboard_domain::source_networks::SourceNetworks;

    use super::super::check::State;
    use super::{Sources, check};

    fn sources(allowed: &str, proxies: &str) -> Sources {
        let networks = |text| SourceNetworks::parse(text).unwrap();
        let proxies = networks(proxies).into();
        let webhooks = ClientSources { allowed: networks(allowed), proxies };
        let admin = ClientSources { allowed: SourceNetworks::default(), ..webhooks.clone() };
        Sources { webhooks, admin }
    }

    #[test]
    fn an_allow_list_without_a_proxy_and_a_proxy_that_is_everybody_are_warned_of() {
        let states = |allowed, proxies| -> Vec<State> {
            check(&sources(allowed, proxies)).iter().map(|check| check.state).collect()
        };
        assert_eq!(states("", ""), [State::Ok; 2]);
        assert_eq!(states("203.0.113.0/24", ""), [State::Warn, State::Ok]);
        assert_eq!(states("203.0.113.0/24", "10.0.0.0/8"), [State::Ok; 3]);
        assert_eq!(states("203.0.113.0/24", "0.0.0.0/0"), [State::Ok, State::Ok, State::Warn]);
        let detail = &check(&sources("203.0.113.0/24", "10.0.0.0/8"))[0].detail;
        assert_eq!(detail, "webhooks are accepted from 203.0.113.0/24 only");
    }
}
