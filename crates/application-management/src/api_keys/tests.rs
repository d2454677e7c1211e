use std::net::IpAddr;

use switchboard_domain::api_key::{KeyRefusal, KeyScope, KeyScopes};
use switchboard_domain::source_networks::SourceNetworks;

use super::{ApiKeys, NewApiKey, Presented, UnauthorizedError};
use crate::fixtures::{clock, label};
use crate::test_prelude::*;

fn keys(store: &Arc<MemoryStore>) -> ApiKeys {
    let ambient = clock();
    ApiKeys {
        store: store.clone(),
        organizations: store.clone(),
        attempts: Arc::default(),
        randomness: ambient.clone(),
        identifiers: ambient.clone(),
        clock: ambient,
    }
}

async fn present(keys: &ApiKeys, key: &str, source: &str) -> Result<(), UnauthorizedError> {
    let source: IpAddr = source.parse().unwrap();
    let presented = Presented { key, selected: None, source: Some(source), needs: KeyScope::Read };
    keys.authorize(presented).await.map(drop)
}

#[tokio::test]
async fn the_store_is_not_asked_for_wrong_keys_without_end() {
    let store = Arc::new(MemoryStore::new());
    let keys = keys(&store);
    let new = |name| NewApiKey {
        organization: None,
        name: label(name),
        scopes: KeyScopes::parse("read").unwrap(),
        networks: SourceNetworks::default(),
        expires_at: None,
    };
    let (_, known) = keys.add(&operator(), new("known")).await.unwrap();
    let (_, other) = keys.add(&operator(), new("other")).await.unwrap();
    present(&keys, known.expose(), "192.0.2.1").await.unwrap();
    let before = store.requests_of("api_key.find");
    let mut refused = 0;
    for n in 0..200 {
        let wrong = format!("sbk_{n:03}{}", &known.expose()[7..]);
        match present(&keys, &wrong, "192.0.2.1").await.unwrap_err() {
            UnauthorizedError::Refused(KeyRefusal::Unknown) => refused += 1,
            UnauthorizedError::RateLimited { wait } => assert!(!wait.is_zero()),
            error @ (UnauthorizedError::Refused(_)
            | UnauthorizedError::OrganizationUnknown { .. }
            | UnauthorizedError::Store(_)) => panic!("{error}"),
        }
    }
    assert!(refused < 50, "{refused}");
    assert_eq!(store.requests_of("api_key.find") - before, refused);
    // Neither a key that was accepted before nor another network is concerned.
    present(&keys, known.expose(), "192.0.2.1").await.unwrap();
    present(&keys, other.expose(), "192.0.2.2").await.unwrap();
    let throttled = present(&keys, "not a key", "192.0.2.1").await.unwrap_err();
    assert!(matches!(throttled, UnauthorizedError::RateLimited { .. }));
}

#[tokio::test]
async fn a_key_without_the_scope_is_no_wrong_key() {
    let store = Arc::new(MemoryStore::new());
    let keys = keys(&store);
    let new = NewApiKey {
        organization: None,
        name: label("routes"),
        scopes: KeyScopes::parse("route").unwrap(),
        networks: SourceNetworks::default(),
        expires_at: None,
    };
    let (_, key) = keys.add(&operator(), new).await.unwrap();
    for _ in 0..100 {
        let refused = present(&keys, key.expose(), "192.0.2.1").await.unwrap_err();
        let UnauthorizedError::Refused(refusal) = refused else { panic!("{refused}") };
        assert_eq!(refusal, KeyRefusal::Scope { needed: KeyScope::Read });
    }
}
