//! The laws of [`PublicUrlStore`](switchboard_domain::ports::PublicUrlStore).

use switchboard_domain::signature::PublicUrl;

use crate::Fixture;
use crate::prelude::*;

fn url(text: &str) -> PublicUrl {
    PublicUrl::parse(text).unwrap()
}

#[laws(public_url::public_url_laws)]
pub mod laws {
    use super::*;

    /// A new store has no public URL.
    pub async fn a_fresh_store_has_no_public_url(fixture: &Fixture) {
        assert_eq!(fixture.public_url().find().await.unwrap(), None);
    }

    /// The stored URL is returned exactly as it was written, including credentials, letter case and
    /// port.
    pub async fn the_last_public_url_is_stored_as_written(fixture: &Fixture) {
        for text in ["https://user:P%40ss@Voice.example.com:8443/In", "http://[::1]", "https://a.b"]
        {
            fixture.public_url().set(&fixture.operator, &url(text)).await.unwrap();
            let found = fixture.public_url().find().await.unwrap().unwrap();
            assert_eq!(found.as_str(), text);
        }
        if let Some(again) = fixture.reopened().await {
            assert_eq!(again.public_url().find().await.unwrap(), Some(url("https://a.b")));
        }
    }

    /// `set_first` does not replace a stored URL, but `set` does.
    pub async fn the_first_public_url_is_not_replaced_by_a_second_first_one(fixture: &Fixture) {
        let (first, second) = (url("https://first.example.com"), url("https://second.example.com"));
        assert_eq!(fixture.public_url().set_first(&fixture.operator, &first).await.unwrap(), first);
        assert_eq!(
            fixture.public_url().set_first(&fixture.operator, &second).await.unwrap(),
            first
        );
        fixture.public_url().set(&fixture.operator, &second).await.unwrap();
        assert_eq!(
            fixture.public_url().set_first(&fixture.operator, &first).await.unwrap(),
            second
        );
    }
}
