//! The laws of [`CallCarrier`](switchboard_domain::ports::carrier::CallCarrier).

use switchboard_domain::carrier::CallUpdate;
use switchboard_domain::twiml::{VoiceResponse, VoiceVerb};
use switchboard_domain::web_address::WebUrl;

use super::{CarrierWorld, refused, samples};

fn redirect() -> CallUpdate {
    CallUpdate::Redirect(WebUrl::parse("https://example.com/next?a=b&c=d").unwrap())
}

carrier_laws! {
    $
    /// Stamps the laws of `CallCarrier` on a harness.
    call_carrier_laws in calls;

    /// By a URL, by TwiML, and again by a URL.
    async fn a_call_goes_on_with_what_it_is_told_last(world: &CarrierWorld) {
        let (access, account) = (world.main().access(), world.main().account.sid);
        let twiml = VoiceResponse::new().then(VoiceVerb::Hangup).render().unwrap();
        for (update, expected) in [
            (redirect(), "https://example.com/next?a=b&c=d".to_owned()),
            (CallUpdate::Continue(twiml.clone()), twiml.into_string()),
            (redirect(), "https://example.com/next?a=b&c=d".to_owned()),
        ] {
            world.calls.update(&access, world.call, &update).await.unwrap();
            let now = world.witness.call(account, world.call);
            assert_eq!((now.instructions, now.is_over), (expected, false));
        }
    }

    /// What is over stays so.
    async fn a_call_that_has_ended_cannot_go_on(world: &CarrierWorld) {
        let (access, account) = (world.main().access(), world.main().account.sid);
        world.calls.update(&access, world.call, &CallUpdate::Complete).await.unwrap();
        assert!(world.witness.call(account, world.call).is_over);
        let result = world.calls.update(&access, world.call, &redirect()).await;
        refused::refused(result, "call.update");
    }

    /// A call of another account is as if it were not there, and goes on.
    async fn a_call_of_nobody_or_of_another_account_cannot_be_changed(world: &CarrierWorld) {
        for call in [samples::call_sid(9_999), world.foreign_call] {
            let result =
                world.calls.update(&world.main().access(), call, &CallUpdate::Complete).await;
            refused::missing(result, "call.update", world.main());
        }
        assert!(!world.witness.call(world.sub().account.sid, world.foreign_call).is_over);
    }

    /// A token that is nobody's changes nothing.
    async fn wrong_credentials_are_told(world: &CarrierWorld) {
        let owner = world.main();
        let result = world.calls.update(&owner.wrong(), world.call, &CallUpdate::Complete).await;
        refused::unauthorized(result, "call.update", owner);
        assert!(!world.witness.call(owner.account.sid, world.call).is_over);
    }

    /// An account that is suspended or closed changes nothing.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let result = world.calls.update(&owner.access(), world.call, &redirect()).await;
            refused::inactive(result, "call.update", owner);
        }
    }

    /// An API key changes calls, and so does the owner's token.
    async fn an_api_key_or_the_parents_token_is_enough(world: &CarrierWorld) {
        let owner = world.sub();
        for access in [owner.by_key(), owner.by_parent(world.main())] {
            world.calls.update(&access, world.foreign_call, &redirect()).await.unwrap();
        }
    }
}
