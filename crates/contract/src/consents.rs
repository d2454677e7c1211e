//! The laws of [`ConsentStore`](switchboard_domain::ports::ConsentStore).

use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::sid::{AccountSid, MessageSid};

use crate::prelude::*;
use crate::{Fixture, samples};

fn key(ours: &str, contact: &str) -> ConversationKey {
    let parse = |text| Address::parse(text).unwrap();
    ConversationKey::new(&parse(ours), &parse(contact))
}

fn consent(organization: &OrganizationId, state: ConsentState, changed_at: i64) -> Consent {
    Consent {
        organization: organization.clone(),
        key: key("+14155550100", "+14155550199"),
        state,
        changed_at: samples::at(changed_at),
        account: AccountSid::parse(&format!("AC{changed_at:032x}")).unwrap(),
        message: Some(MessageSid::parse(&format!("SM{changed_at:032x}")).unwrap()),
    }
}

async fn record(fixture: &Fixture, consent: &Consent) {
    fixture.store().consents().record(consent).await.unwrap();
}

async fn found(fixture: &Fixture, consent: &Consent) -> Option<Consent> {
    fixture.store().consents().find(&consent.organization, &consent.key).await.unwrap()
}

#[laws(consents::consent_laws)]
pub mod laws {
    use super::*;

    /// A change is stored exactly.
    pub async fn a_change_is_found_as_it_was_recorded(fixture: &Fixture) {
        let by_message = consent(&fixture.ours, ConsentState::OptedOut, 1);
        assert_eq!(found(fixture, &by_message).await, None);
        record(fixture, &by_message).await;
        assert_eq!(found(fixture, &by_message).await, Some(by_message));
        let by_twilio =
            Consent { message: None, ..consent(&fixture.ours, ConsentState::OptedOut, 2) };
        record(fixture, &by_twilio).await;
        assert_eq!(found(fixture, &by_twilio).await, Some(by_twilio));
    }

    /// The latest change stands, whatever the order in which changes arrive and how often. Of two at the same time, the
    /// one that opts out stands.
    pub async fn the_latest_change_stands(fixture: &Fixture) {
        let stop = consent(&fixture.ours, ConsentState::OptedOut, 1);
        let start = consent(&fixture.ours, ConsentState::OptedIn, 2);
        let stop_at_once = consent(&fixture.ours, ConsentState::OptedOut, 2);
        for (change, stands) in [
            (&stop, &stop),
            (&start, &start),
            (&stop, &start),
            (&stop_at_once, &stop_at_once),
            (&start, &stop_at_once),
        ] {
            record(fixture, change).await;
            assert_eq!(found(fixture, &stop).await.as_ref(), Some(stands));
        }
    }

    /// A contact's consent is separate for each number and organization, and the same on all channels.
    pub async fn consents_are_told_apart(fixture: &Fixture) {
        let ours = consent(&fixture.ours, ConsentState::OptedOut, 1);
        record(fixture, &ours).await;
        let theirs = consent(&fixture.theirs, ConsentState::OptedIn, 2);
        assert_eq!(found(fixture, &theirs).await, None);
        for (sender, contact, is_same) in [
            ("+14155550101", "+14155550199", false),
            ("+14155550100", "+14155550198", false),
            ("whatsapp:+14155550100", "whatsapp:+14155550199", true),
        ] {
            let other = Consent { key: key(sender, contact), ..ours.clone() };
            assert_eq!(found(fixture, &other).await.is_some(), is_same, "{sender}");
        }
    }
}
