//! The laws of [`CallCarrier`](switchboard_domain::ports::carrier::CallCarrier).

use switchboard_domain::carrier::CallUpdate;
use switchboard_domain::twiml::{VoiceResponse, VoiceVerb};

use super::expect_error::{assert_inactive, assert_missing, assert_refused, assert_unauthorized};
use super::{CarrierFixture, samples};
use crate::prelude::*;

fn redirect() -> CallUpdate {
    CallUpdate::Redirect(WebUrl::parse("https://example.com/next?a=b&c=d").unwrap())
}

#[laws(carrier::calls::call_carrier_laws)]
pub mod laws {
    use super::*;

    /// A call can be redirected to a URL, given TwiML, and redirected again.
    pub async fn a_call_goes_on_with_its_last_update(fixture: &CarrierFixture) {
        let (access, account) = (fixture.main().access(), fixture.main().account.sid);
        let twiml = VoiceResponse::new().then(VoiceVerb::Hangup).render().unwrap();
        for (update, expected) in [
            (redirect(), "https://example.com/next?a=b&c=d".to_owned()),
            (CallUpdate::Continue(twiml.clone()), twiml.into_string()),
            (redirect(), "https://example.com/next?a=b&c=d".to_owned()),
        ] {
            fixture.calls().update(&access, fixture.call, &update).await.unwrap();
            let now = fixture.witness.call(account, fixture.call);
            assert_eq!((now.instructions, now.is_over), (expected, false));
        }
    }

    /// A call that has ended stays ended.
    pub async fn a_call_that_has_ended_cannot_go_on(fixture: &CarrierFixture) {
        let (access, account) = (fixture.main().access(), fixture.main().account.sid);
        fixture.calls().update(&access, fixture.call, &CallUpdate::Complete).await.unwrap();
        assert!(fixture.witness.call(account, fixture.call).is_over);
        let result = fixture.calls().update(&access, fixture.call, &redirect()).await;
        assert_refused(result, "call.update");
    }

    /// A call of another account looks as if it did not exist, and continues.
    pub async fn a_call_of_nobody_or_of_another_account_cannot_be_changed(
        fixture: &CarrierFixture,
    ) {
        for call in [samples::call_sid(9_999), fixture.foreign_call] {
            let result =
                fixture.calls().update(&fixture.main().access(), call, &CallUpdate::Complete).await;
            assert_missing(result, "call.update", fixture.main());
        }
        assert!(!fixture.witness.call(fixture.sub().account.sid, fixture.foreign_call).is_over);
    }

    /// An invalid token changes nothing.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let owner = fixture.main();
        let result =
            fixture.calls().update(&owner.wrong(), fixture.call, &CallUpdate::Complete).await;
        assert_unauthorized(result, "call.update", owner);
        assert!(!fixture.witness.call(owner.account.sid, fixture.call).is_over);
    }

    /// A suspended or closed account cannot change its calls.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let result = fixture.calls().update(&owner.access(), fixture.call, &redirect()).await;
            assert_inactive(result, "call.update", owner);
        }
    }

    /// An API key can change calls, and so can the owner's token.
    pub async fn an_api_key_or_the_parents_token_is_enough(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        for access in [owner.by_key(), owner.by_parent(fixture.main())] {
            fixture.calls().update(&access, fixture.foreign_call, &redirect()).await.unwrap();
        }
    }
}
