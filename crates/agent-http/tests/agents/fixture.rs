//! Fixtures: clients, questions and a fixed clock.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use switchboard_agent_http::{
    HttpDecisionService, Limits, Network, SigningSecret, SocketVoiceProbe,
};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::agent::{Label, VoiceTarget};
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{Candidate, OutsideError, Question};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{CallSid, EventSid};
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use crate::servers::Authority;

/// The signing secret.
pub(crate) const SECRET: [u8; 32] = *b"thirty-two bytes that are secret";
/// The signing secret of other organizations.
pub(crate) const OTHER_SECRET: [u8; 32] = *b"thirty-two bytes that are theirs";
/// The signing secret before a rotation.
pub(crate) const OLD_SECRET: [u8; 32] = *b"thirty-two bytes that were used.";
/// The fixed time, in seconds.
pub(crate) const NOW: i64 = 1_700_000_000;
/// A timeout that is never reached.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// A timeout that a test waits for.
pub(crate) const SHORT: Duration = Duration::from_millis(100);

/// A network that trusts a test authority, independent of the system's authorities.
pub(crate) fn network(authority: CertificateDer<'static>) -> Network {
    Network::trusting([authority], TargetNetworks::loopback()).unwrap()
}

pub(crate) fn service() -> HttpDecisionService {
    service_of(&network(Authority::new().certificate()), Limits::default())
}

pub(crate) fn service_of(network: &Network, limits: Limits) -> HttpDecisionService {
    let secrets = |organization: &OrganizationId| {
        let own = if *organization == self::organization(1) { SECRET } else { OTHER_SECRET };
        [own, OLD_SECRET].map(|secret| SigningSecret::new(secret.to_vec()).unwrap()).into()
    };
    HttpDecisionService::new(
        network,
        Box::new(secrets),
        Arc::new(Timestamp::from_seconds(NOW)),
        limits,
    )
    .unwrap()
}

pub(crate) fn limits(max_concurrent: usize, max_concurrent_per_service: usize) -> Limits {
    let [max_concurrent, max_concurrent_per_service] =
        [max_concurrent, max_concurrent_per_service].map(|most| NonZeroUsize::new(most).unwrap());
    Limits { max_concurrent, max_concurrent_per_service }
}

pub(crate) fn probe(timeout_after: Duration) -> SocketVoiceProbe {
    SocketVoiceProbe::new(&network(Authority::new().certificate()), timeout_after).unwrap()
}

pub(crate) fn ask(url: &str, timeout: Duration) -> AskOutside {
    AskOutside { url: web(url), timeout }
}

pub(crate) fn organization(n: u8) -> OrganizationId {
    OrganizationId::new(Timestamp::from_seconds(NOW), [n; 10])
}

pub(crate) fn agent(n: u8) -> AgentId {
    AgentId::new(Timestamp::from_seconds(NOW), [n; 10])
}

pub(crate) fn question() -> Question {
    Question {
        organization: organization(1),
        channel: Channel::Voice,
        event: EventSid::Call(CallSid::parse(&format!("CA{}", "1".repeat(32))).unwrap()),
        to: Sender::parse("+14155550100").unwrap(),
        from: Address::parse("+14155550199").unwrap(),
        candidates: vec![
            Candidate { agent: agent(1), external_id: Some(Label::parse("sales").unwrap()) },
            Candidate { agent: agent(2), external_id: None },
        ],
        verified_by: VerifiedBy::PrimaryToken,
    }
}

pub(crate) fn stream(url: &str) -> VoiceTarget {
    VoiceTarget::Stream(StreamUrl::parse(url).unwrap())
}

pub(crate) fn web(url: &str) -> WebUrl {
    WebUrl::parse(url).unwrap()
}

/// Why a response was rejected.
pub(crate) fn what(answer: Result<AgentId, OutsideError>) -> &'static str {
    match answer {
        Err(OutsideError::Useless { what }) => what,
        other => panic!("{other:?}"),
    }
}

/// The cause of a failed request; empty for a timeout.
pub(crate) fn cause(answer: Result<AgentId, OutsideError>) -> String {
    match answer {
        Err(OutsideError::Silent { source }) => {
            source.map(|source| source.to_string()).unwrap_or_default()
        }
        other => panic!("{other:?}"),
    }
}
