//! Servers whose certificates nobody knows.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use switchboard_twilio_simulator::phone::Webhook;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::customer::{Answer, Customer, exchange};

/// The address of a server with a certificate of its own making.
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
async fn a_certificate_that_nobody_knows_is_refused_for_webhooks_and_for_streams() {
    let address = self_signed().await;
    let stream =
        format!(r#"<Connect action="/connected"><Stream url="wss://{address}/"/></Connect>"#);
    let customer = Customer::answering(move |asked| match asked.path() {
        "/fallback" => Answer::twiml(&stream),
        _ => Answer::twiml("<Hangup/>"),
    });
    let mut order = customer.call();
    order.voice = Webhook::post(format!("https://{address}/voice"));
    order.fallback = Some(Webhook::post(customer.url("/fallback")));
    let report = exchange().call(order, &|_| {}).await;
    let asked = customer.asked();
    assert_eq!(asked.len(), 2, "{}", report.transcript);
    assert_eq!(asked[0].field("ErrorCode").as_deref(), Some("11220"));
    assert_eq!(asked[1].field("ErrorCode").as_deref(), Some("31910"));
}
