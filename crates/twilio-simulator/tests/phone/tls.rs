//! Servers with untrusted certificates.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use switchboard_twilio_simulator::phone::Webhook;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::webhook_server::{MockResponse, WebhookServer, network};

/// The address of a server with a self-signed certificate.
async fn self_signed() -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _refused_by_the_other_side = acceptor.accept(stream).await;
        }
    });
    address
}

#[tokio::test]
async fn an_untrusted_certificate_is_rejected_for_webhooks_and_streams() {
    let address = self_signed().await;
    let stream =
        format!(r#"<Connect action="/connected"><Stream url="wss://{address}/"/></Connect>"#);
    let server = WebhookServer::responding_with(move |request| match request.path() {
        "/fallback" => MockResponse::twiml(&stream),
        _ => MockResponse::twiml("<Hangup/>"),
    });
    let mut call = server.call();
    call.voice = Webhook::post(format!("https://{address}/voice"));
    call.fallback = Some(Webhook::post(server.url("/fallback")));
    let report = network().call(call, &|_| {}).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "{}", report.transcript);
    assert_eq!(requests[0].field("ErrorCode").as_deref(), Some("11220"));
    assert_eq!(requests[1].field("ErrorCode").as_deref(), Some("31910"));
}
