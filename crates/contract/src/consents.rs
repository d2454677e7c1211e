//! The laws of [`ConsentStore`](switchboard_domain::ports::ConsentStore).

use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::ports::ConsentFilter;
use switchboard_domain::sid::{AccountSid, MessageSid};

use crate::prelude::*;
use crate::{Fixture, pages, samples};

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

    /// The consent of all contacts is listed in the order of organization, sender and contact, page by page, without that
    /// of another organization.
    pub async fn consents_are_listed(fixture: &Fixture) {
        let mut all = Vec::new();
        for (n, (sender, contact)) in (1..).zip([
            ("+14155550101", "+14155550199"),
            ("+14155550100", "messenger:1234"),
            ("+14155550100", "+14155550199"),
            ("rcs:acme", "+14155550198"),
        ]) {
            for owner in [&fixture.ours, &fixture.theirs] {
                let change = consent(owner, ConsentState::OptedOut, n);
                let change = Consent { key: key(sender, contact), ..change };
                record(fixture, &change).await;
                all.push(change);
            }
        }
        all.sort_by_key(|one| (one.organization.clone(), one.key.clone()));
        let of = |sender: Option<&str>, contact: Option<&str>| ConsentFilter {
            sender: sender.map(str::to_owned),
            contact: contact.map(str::to_owned),
        };
        for filter in [
            of(None, None),
            of(Some("+14155550100"), None),
            of(None, Some("+14155550199")),
            of(Some("rcs:acme"), Some("+14155550198")),
            of(Some("rcs:acme"), Some("+14155550199")),
        ] {
            for scope in [&fixture.us, &fixture.them, &samples::operator()] {
                let is_selected =
                    |one: &&Consent| scope.covers(&one.organization) && filter.selects(one);
                let selected: Vec<_> = all.iter().filter(is_selected).cloned().collect();
                let store = fixture.store();
                let list = async |page| store.consents().list(scope, &filter, &page).await;
                pages::hold(&selected, |one| (one.organization.clone(), one.key.clone()), list)
                    .await;
            }
        }
    }
}
