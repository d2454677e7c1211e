//! The laws of [`MediaCarrier`](switchboard_domain::ports::carrier::MediaCarrier).

use super::CarrierFixture;
use super::expect_error::{assert_inactive, assert_missing, assert_unauthorized};
use crate::prelude::*;

#[laws(carrier::media::media_carrier_laws)]
pub mod laws {
    use super::*;

    /// Each file is returned with its media type and all of its bytes.
    pub async fn a_file_is_read_as_it_is(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub()] {
            for (message, media, file) in &owner.media {
                let read = fixture.media().fetch(&owner.access(), *message, *media).await.unwrap();
                assert_eq!(
                    (read.content_type, read.content),
                    (file.content_type.clone(), file.content.clone())
                );
            }
        }
    }

    /// A file of another account or message looks as if it did not exist.
    pub async fn a_file_of_another_account_or_message_is_missing(fixture: &CarrierFixture) {
        let (owner, (message, media, _)) = (fixture.main(), &fixture.main().media[0]);
        let (foreign_message, foreign, _) = &fixture.sub().media[0];
        for (message, media) in [
            (foreign_message, foreign),
            (message, foreign),
            (message, &owner.media[1].1),
            (foreign_message, media),
        ] {
            let result = fixture.media().fetch(&owner.access(), *message, *media).await;
            assert_missing(result, "media.fetch", owner);
        }
    }

    /// An invalid token reads nothing.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let (owner, (message, media, _)) = (fixture.main(), &fixture.main().media[0]);
        let result = fixture.media().fetch(&owner.wrong(), *message, *media).await;
        assert_unauthorized(result, "media.fetch", owner);
    }

    /// The files of a suspended or closed account cannot be read.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        let (message, media, _) = &fixture.main().media[0];
        for owner in fixture.inactive() {
            let result = fixture.media().fetch(&owner.access(), *message, *media).await;
            assert_inactive(result, "media.fetch", owner);
        }
    }

    /// An API key reads files, and so does the owner's token.
    pub async fn an_api_key_or_the_parents_token_is_enough(fixture: &CarrierFixture) {
        let (owner, (message, media, _)) = (fixture.sub(), &fixture.sub().media[0]);
        for access in [owner.by_key(), owner.by_parent(fixture.main())] {
            fixture.media().fetch(&access, *message, *media).await.unwrap();
        }
    }
}
