mod at_once;

use std::collections::HashMap;

use switchboard_domain::carrier::{CarrierSender, InboundWebhook, MessagingService};
use switchboard_domain::configuration::{Conflict, DriftReason, OverridePolicy};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::ports::Randomness;
use switchboard_domain::sid::{SenderSid, ServiceSid};

use super::{
    ApplyChanges, AssignAtCarrier, CarrierOutcome, CheckWebhooks, ConfigurationError, FixProgress,
    FixSummary, FixWebhooks, Fixed, ForeignChanges, NewAssignment, NumberLeases, NumberReport,
    OpenAccess, PlannedNumber, ReleaseAtCarrier, RestoreWebhooks, Restored, Selection,
};
use crate::test_prelude::*;

const FIRST: &str = "+14155550100";
const SECOND: &str = "+14155550101";
const TRUNK: &str = "TK000000000000000000000000000000d1";

/// An account with two numbers, at the carrier and in the store, and two agents.
struct Fixture {
    store: Arc<MemoryStore>,
    carrier: Arc<MemoryCarrier>,
    randomness: Arc<dyn Randomness>,
}

/// The result of each number.
#[derive(Default)]
struct Results(Vec<Fixed>);

impl FixProgress for Results {
    fn begun(&mut self, _numbers: usize) {}

    fn done(&mut self, fixed: Fixed) {
        self.0.push(fixed);
    }
}

impl Fixture {
    async fn new() -> Self {
        let carrier = Arc::new(MemoryCarrier::new());
        let fixture = Self { store: Arc::default(), carrier, randomness: clock() };
        add_account(&fixture.store, '1').await;
        fixture.carrier.add_account(CarrierAccount {
            sid: sid('1'),
            name: "Main".to_owned(),
            owner: sid('1'),
            status: AccountStatus::Active,
            token: Some(Secret::new("first-token".to_owned())),
        });
        for text in [FIRST, SECOND] {
            add_number(&fixture.store, text, '1').await;
            let digits = format!("{:0>32}", text.trim_start_matches('+'));
            let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Number);
            fixture.carrier.add_number(CarrierNumber {
                sid: NumberSid::parse(&format!("PN{digits}")).unwrap(),
                sender: number(text),
                account: sid('1'),
                capabilities: Capabilities { voice: true, sms: true, mms: true },
                configuration: fields
                    .map(|field| (field, if field.is_method() { "POST" } else { "" }))
                    .collect(),
            });
        }
        add_agent(&fixture.store, 1, "Sales", None).await;
        add_agent(&fixture.store, 2, "Support", None).await;
        fixture
    }

    fn access(&self) -> OpenAccess {
        OpenAccess { accounts: self.store.clone(), keyring: sealer().keyring }
    }

    fn applying(&self) -> ApplyChanges {
        let public = PublicUrl::parse("https://voice.example.com").unwrap();
        ApplyChanges {
            carrier: self.carrier.clone(),
            configurations: self.store.clone(),
            urls: Arc::new(WebhookUrls::below(&public)),
            clock: clock(),
            leases: NumberLeases {
                leases: self.store.clone(),
                randomness: Arc::clone(&self.randomness),
            },
        }
    }

    fn checking(&self) -> CheckWebhooks {
        let ApplyChanges { carrier, configurations, urls, clock, .. } = self.applying();
        let (access, findings) = (self.access(), self.store.clone());
        CheckWebhooks { access, carrier, configurations, findings, urls, clock }
    }

    async fn assign(&self, text: &str, agent: &str, overrides: OverridePolicy) -> CarrierOutcome {
        self.assign_on(text, agent, Channels::VOICE_AND_SMS, overrides).await
    }

    async fn assign_on(
        &self,
        text: &str,
        agent: &str,
        channels: Channels,
        overrides: OverridePolicy,
    ) -> CarrierOutcome {
        let new = NewAssignment {
            sender: number(text),
            agent: agent.to_owned(),
            channels,
            overrides,
            repair: None,
        };
        let assigned = self.assigning().assign(&operator(), &new).await;
        assigned.unwrap().carrier
    }

    fn assigning(&self) -> AssignAtCarrier {
        let numbers = Arc::new(numbers(&self.store));
        AssignAtCarrier { numbers, access: self.access(), apply: self.applying() }
    }

    async fn release(&self, text: &str) -> Restored {
        let foreign = ForeignChanges::Respect;
        self.releasing().release(&operator(), number(text), foreign).await.unwrap().restored
    }

    fn releasing(&self) -> ReleaseAtCarrier {
        let restore = RestoreWebhooks { access: self.access(), apply: self.applying() };
        ReleaseAtCarrier { numbers: Arc::new(numbers(&self.store)), restore }
    }

    /// Why each number and sender drifts.
    async fn reasons(&self) -> HashMap<Sender, Vec<DriftReason>> {
        let mut reasons = HashMap::new();
        let mut report = |report: NumberReport| {
            reasons.insert(report.configured.number.sender, report.drift.reasons());
        };
        let (selection, overrides) = (Selection::All, OverridePolicy::TakeOver);
        self.checking().check(&operator(), selection, overrides, &mut report).await.unwrap();
        reasons
    }

    /// Adds a sender to an account at the carrier, and returns its SID.
    fn add_sender(&self, account: char, text: &str, digit: char) -> SenderSid {
        let sid_of_sender =
            SenderSid::parse(&format!("XE{}", digit.to_string().repeat(32))).unwrap();
        let address = number(text).address();
        let configuration = Configuration::new();
        let sender = CarrierSender { sid: sid_of_sender, address, configuration };
        self.carrier.add_sender(sid(account), sender);
        sid_of_sender
    }

    /// Adds a short code to an account at the carrier, and returns its SID.
    fn add_short_code(&self, account: char, text: &str) -> NumberSid {
        let sid_of_code = NumberSid::parse(&format!("SC{}", "c".repeat(32))).unwrap();
        self.carrier.add_number(CarrierNumber {
            sid: sid_of_code,
            sender: number(text),
            account: sid(account),
            capabilities: Capabilities { sms: true, ..Capabilities::default() },
            configuration: Configuration::new(),
        });
        sid_of_code
    }

    /// Adds a sender here, and lets the agent Sales answer it.
    async fn answer(&self, text: &str) {
        add_number(&self.store, text, '1').await;
        let sender = number(text);
        let channels = sender.channels();
        numbers(&self.store).assign(&operator(), sender, "Sales", channels).await.unwrap();
    }

    fn change_in_console(&self, text: &str, field: Field, value: &str) {
        let set = |number: &mut CarrierNumber| number.configuration.extend([(field, value)]);
        assert!(self.carrier.change_number(number(text), set));
    }

    fn carrier_configuration(&self, text: &str) -> Configuration {
        self.carrier.number(number(text)).unwrap().configuration
    }

    async fn plan(&self, overrides: OverridePolicy) -> Vec<PlannedNumber> {
        let mut plan = Vec::new();
        let mut add = |report: NumberReport| {
            plan.push(PlannedNumber {
                sender: report.configured.number.sender,
                account: report.configured.number.account,
                changes: report.drift.changes,
            });
        };
        let checking = self.checking();
        checking.check(&operator(), Selection::All, overrides, &mut add).await.unwrap();
        plan.retain(|planned| !planned.changes.is_empty());
        plan
    }

    async fn fix(&self, plan: Vec<PlannedNumber>, selection: Selection) -> (FixSummary, Results) {
        let fixing = FixWebhooks { check: self.checking(), apply: self.applying() };
        let (policies, overrides) = (&RepairPolicy::ALL, OverridePolicy::Report);
        let mut results = Results::default();
        let scope = operator();
        let fixed =
            fixing.fix(&scope, selection, overrides, policies, Some(plan), &mut results).await;
        (fixed.unwrap(), results)
    }
}

fn is_outdated(fixed: &Fixed, text: &str) -> bool {
    let is_it = |failed: &Sender| *failed == number(text);
    matches!(fixed, Fixed::Failed { number, error: ConfigurationError::Outdated { .. } } if is_it(number))
}

#[tokio::test]
async fn a_failed_write_does_not_count_as_configured() {
    let fixture = Fixture::new().await;
    fixture.carrier.fail_next_of("number.update", 1, Failure::Refused);
    let first = fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    assert!(matches!(first, CarrierOutcome::Unfinished(_)), "{first:?}");
    let second = fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    assert!(matches!(second, CarrierOutcome::Configured(_)), "{second:?}");
    let third = fixture.assign(FIRST, "Support", OverridePolicy::Report).await;
    assert!(matches!(third, CarrierOutcome::NotAsked), "{third:?}");
}

#[tokio::test]
async fn an_override_is_reported_each_time_and_cleared_on_request() {
    let fixture = Fixture::new().await;
    fixture.change_in_console(FIRST, Field::TrunkSid, TRUNK);
    for _ in 0..2 {
        let outcome = fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
        let CarrierOutcome::Drifting(drift) = outcome else { panic!("{outcome:?}") };
        assert_eq!(drift.reasons(), [DriftReason::OverriddenByTrunk]);
    }
    let cleared = fixture.assign(FIRST, "Sales", OverridePolicy::TakeOver).await;
    assert!(matches!(&cleared, CarrierOutcome::Configured(changes) if changes.len() == 1));
    assert_eq!(fixture.carrier_configuration(FIRST).get(Field::TrunkSid), Some(""));
    let other = fixture.assign(FIRST, "Support", OverridePolicy::Report).await;
    assert!(matches!(other, CarrierOutcome::NotAsked), "{other:?}");
}

#[tokio::test]
async fn a_foreign_change_is_reported_even_after_its_channel_was_unassigned() {
    let fixture = Fixture::new().await;
    fixture.change_in_console(FIRST, Field::SmsUrl, "https://before.example.com");
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    fixture.change_in_console(FIRST, Field::SmsUrl, "https://theirs.example.com");
    let voice = Channels::parse("voice").unwrap();
    fixture.assign_on(FIRST, "Sales", voice, OverridePolicy::Report).await;
    let Restored::Conflicts(conflicts) = fixture.release(FIRST).await else {
        panic!("no conflict")
    };
    assert_eq!(conflicts.len(), 1);
    let Conflict { field, before, ours, now } = &conflicts[0];
    assert_eq!((*field, &**before), (Field::SmsUrl, "https://before.example.com"));
    assert_eq!(&**ours, "https://voice.example.com/api/twilio/webhook");
    assert_eq!(&**now, "https://theirs.example.com");

    fixture.change_in_console(FIRST, Field::SmsUrl, "https://before.example.com");
    assert!(matches!(fixture.release(FIRST).await, Restored::Written(_)));
    assert_eq!(fixture.carrier_configuration(FIRST).get(Field::VoiceUrl), Some(""));
}

#[tokio::test]
async fn an_override_that_the_plan_clears_is_not_counted_as_left() {
    let fixture = Fixture::new().await;
    fixture.change_in_console(FIRST, Field::TrunkSid, TRUNK);
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    let plan = fixture.plan(OverridePolicy::TakeOver).await;
    let (summary, results) = fixture.fix(plan, Selection::All).await;
    assert_eq!((summary.fields, summary.left), (1, 0), "{:?}", results.0);
}

#[tokio::test]
async fn drift_that_the_plan_does_not_change_is_counted_as_left() {
    let fixture = Fixture::new().await;
    for text in [FIRST, SECOND] {
        fixture.assign(text, "Sales", OverridePolicy::Report).await;
        fixture.change_in_console(text, Field::VoiceUrl, "https://theirs.example.com");
    }
    let mut plan = fixture.plan(OverridePolicy::TakeOver).await;
    plan.retain(|planned| planned.sender == number(FIRST));
    fixture.change_in_console(FIRST, Field::TrunkSid, TRUNK);
    let (summary, results) = fixture.fix(plan, Selection::All).await;
    assert_eq!((summary.fields, summary.left), (1, 2), "{:?}", results.0);
    let [Fixed::Written { blockers, .. }] = &*results.0 else { panic!("{:?}", results.0) };
    assert_eq!(blockers[0].reason, DriftReason::OverriddenByTrunk);
    assert_eq!(fixture.carrier_configuration(FIRST).get(Field::TrunkSid), Some(TRUNK));
}

#[tokio::test]
async fn a_plan_applies_only_to_the_selected_numbers() {
    let fixture = Fixture::new().await;
    for text in [FIRST, SECOND] {
        fixture.assign(text, "Sales", OverridePolicy::Report).await;
        fixture.change_in_console(text, Field::VoiceUrl, "https://theirs.example.com");
    }
    let plan = fixture.plan(OverridePolicy::Report).await;
    let (summary, results) = fixture.fix(plan.clone(), Selection::Number(number(FIRST))).await;
    assert_eq!((summary.numbers, summary.changed, summary.left), (1, 1, 0), "{:?}", results.0);
    let theirs = fixture.carrier_configuration(SECOND);
    assert_eq!(theirs.get(Field::VoiceUrl), Some("https://theirs.example.com"));

    let only_second = plan.into_iter().filter(|planned| planned.sender == number(SECOND));
    fixture.change_in_console(FIRST, Field::VoiceUrl, "https://theirs.example.com");
    let (summary, _) = fixture.fix(only_second.collect(), Selection::Number(number(FIRST))).await;
    assert_eq!((summary.changed, summary.left), (0, 1), "a number outside the plan still drifts");
}

#[tokio::test]
async fn an_outdated_plan_is_refused() {
    let fixture = Fixture::new().await;
    for text in [FIRST, SECOND] {
        fixture.assign(text, "Sales", OverridePolicy::Report).await;
        fixture.change_in_console(text, Field::SmsUrl, "https://theirs.example.com");
    }
    let mut plan = fixture.plan(OverridePolicy::Report).await;
    // As if the plan was made with another public URL.
    for change in plan.iter_mut().flat_map(|planned| &mut planned.changes) {
        change.to.push('x');
    }
    let (summary, results) = fixture.fix(plan.clone(), Selection::All).await;
    assert_eq!((summary.fields, summary.left), (0, 2));
    assert!(
        is_outdated(&results.0[0], FIRST) && is_outdated(&results.0[1], SECOND),
        "{:?}",
        results.0
    );

    fixture.change_in_console(FIRST, Field::SmsUrl, "https://voice.example.com/api/twilio/webhook");
    assert!(matches!(fixture.release(FIRST).await, Restored::Written(_)));
    let (summary, results) = fixture.fix(plan, Selection::Number(number(FIRST))).await;
    assert_eq!(summary.left, 1);
    assert!(is_outdated(&results.0[0], FIRST), "{:?}", results.0);
}

#[tokio::test]
async fn an_unreachable_number_of_a_plan_is_left_with_the_reason() {
    let fixture = Fixture::new().await;
    fixture.assign(FIRST, "Sales", OverridePolicy::Report).await;
    fixture.change_in_console(FIRST, Field::VoiceUrl, "https://theirs.example.com");
    let plan = fixture.plan(OverridePolicy::Report).await;
    fixture.carrier.make_unreachable(sid('1'));
    let (summary, results) = fixture.fix(plan, Selection::All).await;
    assert_eq!(summary.left, 1);
    let [Fixed::Left { drift, .. }] = &*results.0 else { panic!("{:?}", results.0) };
    assert_eq!(drift.reasons(), [DriftReason::Unreachable]);
}

/// A sender is listed only in accounts in which one of its channel is stored.
#[tokio::test]
async fn a_sender_that_another_account_has_now_has_moved() {
    const SENDERS: [&str; 4] =
        ["whatsapp:+14155550102", "rcs:acme_agent", "12345", "whatsapp:+14155550103"];
    let fixture = Fixture::new().await;
    add_account(&fixture.store, '2').await;
    fixture.carrier.add_account(CarrierAccount {
        sid: sid('2'),
        name: "Other".to_owned(),
        owner: sid('2'),
        status: AccountStatus::Active,
        token: Some(Secret::new("first-token".to_owned())),
    });
    for text in SENDERS {
        fixture.answer(text).await;
    }
    fixture.add_sender('2', SENDERS[0], 'a');
    fixture.add_sender('2', SENDERS[1], 'b');
    fixture.add_short_code('2', SENDERS[2]);
    let reasons = fixture.reasons().await;
    for text in &SENDERS[..3] {
        assert_eq!(reasons[&number(text)], [DriftReason::MovedAccount], "{text}");
    }
    assert_eq!(reasons[&number(SENDERS[3])], [DriftReason::NotFound]);
}

#[tokio::test]
async fn a_service_whose_pool_has_short_codes_and_senders_is_seen() {
    const SENDERS: [&str; 3] = ["whatsapp:+14155550102", "rcs:acme_agent", "12345"];
    let fixture = Fixture::new().await;
    for text in SENDERS {
        fixture.answer(text).await;
    }
    let pool = [
        fixture.add_sender('1', SENDERS[0], 'a').into(),
        fixture.add_sender('1', SENDERS[1], 'b').into(),
        fixture.add_short_code('1', SENDERS[2]),
    ];
    let service = MessagingService {
        sid: ServiceSid::parse(&format!("MG{}", "1".repeat(32))).unwrap(),
        name: "Campaigns".to_owned(),
        inbound_webhook: InboundWebhook::Service,
        inbound_url: "https://theirs.example.com".to_owned(),
    };
    fixture.carrier.add_service(sid('1'), service, pool);
    let reasons = fixture.reasons().await;
    for (text, reason) in SENDERS.into_iter().zip([
        DriftReason::SenderOverriddenByService,
        DriftReason::SenderOverriddenByService,
        DriftReason::OverriddenByService,
    ]) {
        assert!(reasons[&number(text)].contains(&reason), "{text}: {reasons:?}");
    }
}
