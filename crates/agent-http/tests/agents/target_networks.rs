//! Addresses that are not allowed get no connection.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::io::ErrorKind;
use std::net::TcpListener;

use switchboard_agent_http::{Limits, Network, SocketVoiceProbe};
use switchboard_domain::ports::{
    DecisionService as _, OutsideError, Reachability, VoiceProbe as _,
};
use switchboard_domain::target_networks::TargetNetworks;

use crate::fixture::{LONG, ask, organization, question, service_of, stream, web};

/// A server that counts no connection, and its port.
fn untouched() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn assert_untouched(listener: &TcpListener) {
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

fn public_only() -> Network {
    Network::native(TargetNetworks::default()).unwrap()
}

/// Spellings of the loopback address.
const HOSTS: [&str; 6] =
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"];

#[tokio::test]
async fn a_decision_service_at_a_refused_address_gets_no_connection() {
    let (listener, port) = untouched();
    let service = service_of(&public_only(), Limits::default());
    for host in HOSTS {
        let url = format!("http://{host}:{port}/decide");
        let error = service.ask(&ask(&url, LONG), &question()).await.unwrap_err();
        let OutsideError::Silent { source: Some(source) } = error else {
            panic!("{host}: {error:?}")
        };
        let cause = source.source().unwrap().to_string();
        assert_eq!(
            cause, "all addresses of the host are in networks that are not allowed",
            "{host}"
        );
    }
    assert_untouched(&listener);
}

#[tokio::test]
async fn the_health_of_a_voice_server_at_a_refused_address_is_unknown() {
    let (listener, port) = untouched();
    let probe = SocketVoiceProbe::new(&public_only(), LONG).unwrap();
    for host in HOSTS {
        let server = stream(&format!("wss://{host}:{port}/media"));
        let health = web(&format!("http://{host}:{port}/health"));
        for health_url in [None, Some(health)] {
            let found = probe.check(&organization(1), &server, health_url).await;
            assert_eq!(found, Reachability::Unknown, "{host}");
        }
    }
    assert_untouched(&listener);
}
