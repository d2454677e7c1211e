//! Operations that change the same number at the same time.

use switchboard_domain::configuration::AdoptedConfiguration;
use switchboard_domain::event::EventKind;
use switchboard_domain::ports::{
    ConfigurationStore, ConfiguredNumber, EventFilter, EventStore as _, SavedConfiguration,
};
use switchboard_store_memory::{Fault, operator};

use super::*;
use crate::configuration::{Assigned, Released};

const OURS: &str = "https://voice.example.com/api/twilio/voice";

impl Fixture {
    async fn stored(&self, text: &str) -> ConfiguredNumber {
        let found = ConfigurationStore::find(&*self.store, &operator(), number(text)).await;
        found.unwrap().unwrap()
    }

    fn voice_url(&self, text: &str) -> String {
        self.carrier_configuration(text).get(Field::VoiceUrl).unwrap().to_owned()
    }

    async fn try_assign(&self, text: &str, agent: &str) -> Result<Assigned, ConfigurationError> {
        let new = NewAssignment {
            sender: number(text),
            agent: agent.to_owned(),
            channels: Channels::VOICE_AND_SMS,
            overrides: OverridePolicy::Report,
            repair: None,
        };
        self.assigning().assign(&operator(), &new).await
    }

    async fn try_release(&self, text: &str) -> Result<Released, ConfigurationError> {
        self.releasing().release(&operator(), number(text), ForeignChanges::Respect).await
    }

    /// Every event about numbers, oldest first.
    async fn events(&self) -> Vec<EventKind> {
        let page = Page::first(100);
        let found = self.store.newest(&operator(), &EventFilter::default(), &page).await;
        found.unwrap().into_iter().rev().map(|event| event.kind).collect()
    }
}

fn is_changed<T>(result: &Result<T, ConfigurationError>) -> bool {
    matches!(result, Err(ConfigurationError::Changed { number: changed }) if *changed == number(FIRST))
}

#[tokio::test]
async fn a_number_that_is_being_unassigned_cannot_be_assigned() {
    let fixture = Fixture::new().await;
    fixture.change_in_console(FIRST, Field::VoiceUrl, "https://before.example.com");
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    // The previous configuration is written, and not yet forgotten.
    let pause = fixture.store.pause("configuration.take");
    let (released, ()) = tokio::join!(fixture.try_release(FIRST), async {
        pause.reached().await;
        assert!(is_changed(&fixture.try_assign(FIRST, "Support").await));
        assert!(is_changed(&fixture.try_release(FIRST).await));
        // Other numbers are not concerned.
        pause.resume();
        pause.resume();
        fixture.try_assign(SECOND, "Sales").await.unwrap();
    });
    assert!(matches!(released.unwrap().restored, Restored::Written(_)));
    let stored = fixture.stored(FIRST).await;
    assert_eq!((stored.number.assignment, stored.adopted), (None, None));
    assert_eq!(fixture.voice_url(FIRST), "https://before.example.com");
    drop(pause);
    fixture.try_assign(FIRST, "Support").await.unwrap();
    assert_eq!(fixture.voice_url(FIRST), OURS);
}

#[tokio::test]
async fn a_number_that_is_being_assigned_cannot_be_unassigned() {
    let fixture = Fixture::new().await;
    fixture.change_in_console(FIRST, Field::VoiceUrl, "https://before.example.com");
    // The assignment is stored, and nothing is written at the carrier.
    let pause = fixture.store.pause("configuration.take");
    let (assigned, ()) = tokio::join!(fixture.try_assign(FIRST, "Sales"), async {
        pause.reached().await;
        assert!(is_changed(&fixture.try_release(FIRST).await));
        pause.resume();
    });
    assert!(matches!(assigned.unwrap().carrier, CarrierOutcome::Configured(_)));
    let before = fixture.stored(FIRST).await.adopted.unwrap().before;
    assert_eq!(before.get(Field::VoiceUrl), Some("https://before.example.com"));
    drop(pause);
    assert!(matches!(fixture.release(FIRST).await, Restored::Written(_)));
    assert_eq!(fixture.voice_url(FIRST), "https://before.example.com");
}

#[tokio::test]
async fn what_another_process_saved_although_the_lease_is_held_is_kept() {
    let fixture = Fixture::new().await;
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    let saved = fixture.stored(FIRST).await.adopted.unwrap();
    let other = AdoptedConfiguration {
        ours: Configuration::new().with(Field::VoiceUrl, "https://other.example.com"),
        ..saved.clone()
    };
    let elsewhere = fixture.store.separate_faults();
    let pause = fixture.store.pause("configuration.take");
    let (released, ()) = tokio::join!(fixture.try_release(FIRST), async {
        pause.reached().await;
        let author = operator();
        let taken = elsewhere.take(&author, number(FIRST), Some(&saved), Some(other.clone()));
        taken.await.unwrap();
        pause.resume();
    });
    assert!(is_changed(&released));
    let stored = fixture.stored(FIRST).await;
    assert!(stored.number.assignment.is_some(), "it stays assigned");
    assert_eq!(stored.adopted, Some(saved.then(other)));
}

#[tokio::test]
async fn a_number_that_was_unassigned_after_the_check_is_not_fixed() {
    let fixture = Fixture::new().await;
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    fixture.change_in_console(FIRST, Field::VoiceUrl, "https://theirs.example.com");
    let plan = fixture.plan(OverridePolicy::Report).await;
    let saved = fixture.stored(FIRST).await.adopted.unwrap();
    let elsewhere = fixture.store.separate_faults();
    let pause = fixture.store.pause("lease.acquire");
    let (fixed, ()) = tokio::join!(fixture.fix(plan, Selection::All), async {
        pause.reached().await;
        elsewhere.take(&operator(), number(FIRST), Some(&saved), None).await.unwrap();
        elsewhere.assign(&operator(), number(FIRST), None).await.unwrap();
        pause.resume();
    });
    let (summary, results) = fixed;
    assert_eq!((summary.changed, summary.left), (0, 1));
    let [Fixed::Failed { error: ConfigurationError::Changed { .. }, .. }] = &*results.0 else {
        panic!("{:?}", results.0);
    };
    assert_eq!(fixture.voice_url(FIRST), "https://theirs.example.com");
    assert_eq!(fixture.stored(FIRST).await.adopted, None);
}

#[tokio::test]
async fn a_number_that_was_unassigned_during_the_check_does_not_drift() {
    let fixture = Fixture::new().await;
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    fixture.change_in_console(FIRST, Field::SmsMethod, "GET");
    let elsewhere = Fixture {
        store: Arc::new(fixture.store.separate_faults()),
        carrier: Arc::clone(&fixture.carrier),
        randomness: clock(),
    };
    let pause = fixture.store.pause("check_finding.report_numbers");
    let (reasons, ()) = tokio::join!(fixture.reasons(), async {
        pause.reached().await;
        let (scope, foreign) = (&operator(), ForeignChanges::Overwrite);
        elsewhere.releasing().release(scope, number(FIRST), foreign).await.unwrap();
        drop(pause);
    });
    assert_eq!(reasons[&number(FIRST)], [DriftReason::WrongMethod]);
    assert_eq!(fixture.events().await, []);
}

/// An account whose check fails does not keep what was found about the others from being recorded.
#[tokio::test]
async fn what_was_found_about_an_account_is_recorded_when_it_is_read() {
    let fixture = Fixture::new().await;
    add_account(&fixture.store, '2').await;
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    fixture.change_in_console(FIRST, Field::VoiceUrl, "https://theirs.example.com");
    // The account of the number is read with two requests.
    fixture.store.fail_after("configuration.list", 2, 1, Fault::Failed);
    let (selection, overrides) = (Selection::All, OverridePolicy::Report);
    let checked = fixture.checking().check(&operator(), selection, overrides, &mut |_| {}).await;
    assert!(checked.is_err());
    assert_eq!(fixture.events().await, [EventKind::NumberDrifted]);
}

/// A number that is removed while it is being assigned is removed, and nothing is written at the carrier.
#[tokio::test]
async fn a_number_is_removed_before_its_configuration_is_saved_or_not_at_all() {
    let fixture = Fixture::new().await;
    let removing = numbers(&fixture.store);
    let pause = fixture.store.pause("configuration.take");
    let (assigned, ()) = tokio::join!(fixture.try_assign(FIRST, "Sales"), async {
        pause.reached().await;
        removing.remove(&operator(), number(FIRST), SavedConfiguration::Refuse).await.unwrap();
        drop(pause);
    });
    assert!(matches!(assigned.unwrap().carrier, CarrierOutcome::Unfinished(_)));
    assert_eq!(fixture.voice_url(FIRST), "");
    fixture.assign(SECOND, "Sales", OverridePolicy::Report).await;
    let refused = removing.remove(&operator(), number(SECOND), SavedConfiguration::Refuse).await;
    assert!(refused.is_err());
}

/// Fixing the number that knows the setting of a service saves it with the other number, which is fixed at the same time.
#[tokio::test]
async fn a_fix_that_passes_the_setting_of_a_service_on_fixes_both_numbers() {
    let fixture = Fixture::new().await;
    let pool = [FIRST, SECOND].map(|text| {
        let digits = format!("{:0>32}", text.trim_start_matches('+'));
        NumberSid::parse(&format!("PN{digits}")).unwrap()
    });
    let service = MessagingService {
        sid: ServiceSid::parse(&format!("MG{}", "1".repeat(32))).unwrap(),
        name: "Campaigns".to_owned(),
        inbound_webhook: InboundWebhook::Service,
        inbound_url: "https://theirs.example.com".to_owned(),
    };
    fixture.carrier.add_service(sid('1'), service, pool);
    for text in [FIRST, SECOND] {
        fixture.assign(text, "Sales", OverridePolicy::TakeOver).await;
        fixture.change_in_console(text, Field::VoiceUrl, "https://theirs.example.com");
    }
    let knows_service = async |text| {
        let adopted = fixture.stored(text).await.adopted.unwrap();
        adopted.ours.get(Field::ServiceDefers).is_some()
    };
    assert!(knows_service(FIRST).await && !knows_service(SECOND).await);
    let voice = Channels::parse_assigned("voice", &number(FIRST)).unwrap();
    numbers(&fixture.store).assign(&operator(), number(FIRST), "Sales", voice).await.unwrap();
    let plan = fixture.plan(OverridePolicy::Report).await;
    let (summary, results) = fixture.fix(plan, Selection::All).await;
    assert_eq!((summary.changed, summary.left), (2, 0), "{:?}", results.0);
    assert!(!knows_service(FIRST).await && knows_service(SECOND).await);
    assert_eq!(fixture.voice_url(SECOND), OURS);
}

/// Another process may have the lease once it was not renewed in time, so nothing is written any more.
#[tokio::test(start_paused = true)]
async fn an_operation_whose_lease_cannot_be_renewed_ends() {
    let fixture = Fixture::new().await;
    let pause = fixture.store.pause("configuration.take");
    fixture.store.fail_after("lease.acquire", 1, usize::MAX, Fault::Failed);
    let assigned = fixture.try_assign(FIRST, "Sales").await;
    assert!(is_changed(&assigned));
    drop(pause);
    assert_eq!(fixture.voice_url(FIRST), "");
}
