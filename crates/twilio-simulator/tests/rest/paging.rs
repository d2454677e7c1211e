//! Paged lists.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use serde_json::Value;
use switchboard_twilio_simulator::{AccountSeed, NumberSeed, Seed, SenderSeed};

use crate::fixture::{Fixture, MAIN, TOKEN, main_path};

/// An account with this many numbers and senders.
fn fixture(count: usize) -> Fixture {
    let name = |index: usize| format!("+1415{index:07}");
    Fixture::seeded(Seed {
        accounts: vec![AccountSeed {
            sid: Some(MAIN.to_owned()),
            auth_token: Some(switchboard_domain::secret::Secret::new(TOKEN.to_owned())),
            numbers: (0..count).map(|index| NumberSeed::new(name(index))).collect(),
            senders: (0..count)
                .map(|index| SenderSeed {
                    sender_id: format!("whatsapp:{}", name(index)),
                    ..SenderSeed::default()
                })
                .collect(),
            ..AccountSeed::default()
        }],
        ..Seed::default()
    })
}

/// Follows the links of a list to its end. Returns the keys on each page.
async fn pages(fixture: &Fixture, first: &str, list: &str, key: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = fixture.get(&path).await.json();
        let things = page[list].as_array().unwrap();
        pages.push(things.iter().map(|thing| thing[key].as_str().unwrap().to_owned()).collect());
        let link = page.get("next_page_uri").unwrap_or(&page["meta"]["next_page_url"]);
        next = link.as_str().map(str::to_owned);
    }
    pages
}

fn sizes(pages: &[Vec<String>]) -> Vec<usize> {
    pages.iter().map(Vec::len).collect()
}

#[tokio::test]
async fn following_the_links_returns_every_number_once() {
    let fixture = fixture(120);
    let path = main_path("/IncomingPhoneNumbers.json");
    let pages = pages(&fixture, &path, "incoming_phone_numbers", "phone_number").await;
    assert_eq!(sizes(&pages), [50, 50, 20]);
    let mut all = pages.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 120);
}

#[tokio::test]
async fn a_page_states_its_position_and_links_to_its_neighbors() {
    let fixture = fixture(5);
    let path = main_path("/IncomingPhoneNumbers.json");
    let first = fixture.get(&format!("{path}?PhoneNumber=%2B1415&PageSize=2")).await.json();
    assert_eq!([&first["page"], &first["start"], &first["end"], &first["page_size"]], [0, 0, 1, 2]);
    assert_eq!(first["previous_page_uri"], Value::Null);
    let next = first["next_page_uri"].as_str().unwrap();
    let expected = format!("{path}?PhoneNumber=%2B1415&PageSize=2&Page=1&PageToken=PAPN");
    assert!(next.starts_with(&expected), "{next}");
    let second = fixture.get(next).await.json();
    assert_eq!([&second["page"], &second["start"], &second["end"]], [1, 2, 3]);
    assert_eq!(second["uri"], next);
    let third = fixture.get(second["next_page_uri"].as_str().unwrap()).await.json();
    assert_eq!(third["next_page_uri"], Value::Null);
    let back = fixture.get(third["previous_page_uri"].as_str().unwrap()).await.json();
    assert_eq!(back["incoming_phone_numbers"], second["incoming_phone_numbers"]);
}

#[tokio::test]
async fn a_list_can_be_read_to_its_end_while_it_changes() {
    let fixture = fixture(4);
    let path = main_path("/IncomingPhoneNumbers.json?PageSize=2");
    let first = fixture.get(&path).await.json();
    let last = first["incoming_phone_numbers"][1]["uri"].as_str().unwrap();
    assert_eq!(fixture.delete(last).await.status, 204);
    fixture
        .post(&main_path("/IncomingPhoneNumbers.json"), &[("PhoneNumber", "+14165550000")])
        .await;
    let second = fixture.get(first["next_page_uri"].as_str().unwrap()).await.json();
    let numbers = second["incoming_phone_numbers"].as_array().unwrap();
    let numbers: Vec<_> = numbers.iter().map(|number| &number["phone_number"]).collect();
    assert_eq!(numbers, ["+14150000001", "+14150000000"]);
}

#[tokio::test]
async fn senders_have_pages_of_twenty_with_absolute_links() {
    let fixture = fixture(45);
    let pages =
        pages(&fixture, "/v2/Channels/Senders?Channel=whatsapp", "senders", "sender_id").await;
    assert_eq!(sizes(&pages), [20, 20, 5]);
    let meta = fixture.get("/v2/Channels/Senders?Channel=whatsapp").await.json()["meta"].clone();
    assert_eq!(meta["key"], "senders");
    assert!(meta["next_page_url"].as_str().unwrap().starts_with(&fixture.running.base()));
    assert_eq!(fixture.get("/v2/Channels/Senders").await.status, 400);
}

#[tokio::test]
async fn oversized_pages_and_invalid_page_tokens_are_rejected() {
    let fixture = fixture(3);
    let path = main_path("/IncomingPhoneNumbers.json");
    assert_eq!(fixture.get(&format!("{path}?PageSize=1001")).await.refusal(), (400, 20007));
    assert_eq!(fixture.get(&format!("{path}?PageSize=1000")).await.status, 200);
    for query in ["Page=1&PageSize=1", "Page=1&PageToken=PAPN1", "Page=1&PageToken=é"] {
        assert_eq!(fixture.get(&format!("{path}?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn an_exact_number_is_found() {
    let fixture = fixture(30);
    let found =
        fixture.get(&main_path("/IncomingPhoneNumbers.json?PhoneNumber=%2B14150000007")).await;
    let numbers = found.json()["incoming_phone_numbers"].clone();
    assert_eq!(numbers.as_array().unwrap().len(), 1);
    assert_eq!(numbers[0]["phone_number"], "+14150000007");
}
