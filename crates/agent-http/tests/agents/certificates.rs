//! Certificate verification.

use switchboard_agent_http::{Limits, SocketVoiceProbe};
use switchboard_domain::ports::{DecisionService as _, Reachability, VoiceProbe as _};
use tokio::sync::mpsc::error::TryRecvError;

use crate::fixture::{LONG, agent, ask, network, organization, question, service_of, stream, web};
use crate::servers::{Authority, behind_tls};

/// A year in the far future.
const LATER: i32 = 4_000;

#[tokio::test]
async fn a_server_with_a_valid_certificate_is_healthy_and_receives_its_name() {
    let authority = Authority::new();
    let (address, mut calling) = behind_tls(authority.identity("localhost", LATER)).await;
    let probe = SocketVoiceProbe::new(&network(authority.certificate()), LONG).unwrap();
    let target = stream(&format!("wss://localhost:{}/media", address.port()));
    assert_eq!(probe.check(&organization(1), &target, None).await, Reachability::Reachable);
    assert_eq!(calling.recv().await.unwrap().name.as_deref(), Some("localhost"));
    let health_url = Some(web(&format!("https://localhost:{}/health", address.port())));
    assert_eq!(probe.check(&organization(1), &target, health_url).await, Reachability::Reachable);
}

#[tokio::test]
async fn a_certificate_can_be_for_an_ip_address() {
    let authority = Authority::new();
    let (address, mut calling) = behind_tls(authority.identity("127.0.0.1", LATER)).await;
    let probe = SocketVoiceProbe::new(&network(authority.certificate()), LONG).unwrap();
    assert_eq!(
        probe.check(&organization(1), &stream(&format!("wss://{address}/media")), None).await,
        Reachability::Reachable
    );
    assert_eq!(calling.recv().await.unwrap().name, None);
}

#[tokio::test]
async fn the_certificate_is_verified_each_time() {
    let authority = Authority::new();
    let (address, mut calling) = behind_tls(authority.identity("localhost", LATER)).await;
    let probe = SocketVoiceProbe::new(&network(authority.certificate()), LONG).unwrap();
    let target = stream(&format!("wss://localhost:{}/media", address.port()));
    for _ in 0..3 {
        let health_url = Some(web(&format!("https://localhost:{}/health", address.port())));
        assert_eq!(
            probe.check(&organization(1), &target, health_url).await,
            Reachability::Reachable
        );
        assert!(calling.recv().await.unwrap().is_full);
    }
}

#[tokio::test]
async fn a_server_with_an_invalid_certificate_is_not_healthy() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let network = network(authority.certificate());
    let probe = SocketVoiceProbe::new(&network, LONG).unwrap();
    for (wrong, identity) in [
        ("authority", stranger.identity("localhost", LATER)),
        ("name", authority.identity("voice.example.com", LATER)),
        ("time", authority.identity("localhost", 2_001)),
    ] {
        let (address, mut calling) = behind_tls(identity).await;
        let port = address.port();
        let target = stream(&format!("wss://localhost:{port}/media"));
        assert_eq!(
            probe.check(&organization(1), &target, None).await,
            Reachability::Unreachable,
            "{wrong}"
        );
        let health_url = Some(web(&format!("https://localhost:{port}/health")));
        assert_eq!(
            probe.check(&organization(1), &target, health_url).await,
            Reachability::Unreachable,
            "{wrong}"
        );
        assert_eq!(calling.try_recv(), Err(TryRecvError::Empty), "{wrong}");
    }
}

#[tokio::test]
async fn a_decision_service_is_called_only_with_a_valid_certificate() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (address, _calling) = behind_tls(authority.identity("localhost", LATER)).await;
    let ask = ask(&format!("https://localhost:{}/choose", address.port()), LONG);
    let trusting = service_of(&network(authority.certificate()), Limits::default());
    assert_eq!(trusting.ask(&ask, &question()).await.unwrap(), agent(1));
    let wary = service_of(&network(stranger.certificate()), Limits::default());
    wary.ask(&ask, &question()).await.unwrap_err();
}
