//! A webhook, an explanation and a replay make the same decision about the same call.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use switchboard_application_management::routing_plans::{
    Before, DestinationSummary, ExplainPlan, NewVersion, PlanError, Plans, ReplayPlan, ReplayTerms,
    Replayed, ReplayedChange, Replaying,
};
use switchboard_application_management::{Circumstances, ExplainRoute, Explanation};
use switchboard_domain::address::Address;
use switchboard_domain::call::InboundCall;
use switchboard_domain::plan::{Caller, DateRange, LocalDate};
use switchboard_domain::ports::Expected;

use crate::drawn::{self, DrawnAgents, DrawnEvent, DrawnKind, DrawnPlace};
use crate::identifiers::CountingIdentifiers;
use crate::prelude::*;

/// Calls last longer than a test.
const MAX_CALL_SECONDS: i64 = 10 * 365 * 24 * 3_600;

/// The agent that took the call, and the reason.
type Outcome = (Option<AgentId>, Reason, Option<&'static str>);

/// An app with four agents and a number, and the use cases of an operator.
struct OperatedApp {
    app: TestApp,
    main: TestAccount,
    explaining: ExplainRoute,
    plans: Plans,
    replaying: ReplayPlan,
}

impl OperatedApp {
    async fn new(agents: DrawnAgents, loaded: bool, voice_server: bool, single: bool) -> Self {
        let voice_server = voice_server.then(|| stream("wss://house.example.net/stream"));
        let mut options =
            AppOptions { voice_server: voice_server.clone(), ..AppOptions::default() };
        options.agent_load.longest_call = MAX_CALL_SECONDS;
        let app = TestApp::with(options).await;
        let main = account(1);
        app.add_account(&main).await;
        let store = &app.store;
        let holidays = DateRange::day(LocalDate::parse("2026-11-26").unwrap());
        let organization = default_organization();
        let catalogue = store.catalogue();
        let (calendar, list) = (label("holidays"), label("friends"));
        let (days, author) = (Some(vec![holidays]), operator());
        catalogue
            .set_calendar(&author, &organization, &calendar, &Expected::Anything, days)
            .await
            .unwrap();
        let friends = vec![phone("+14155550111"), phone("+14155550120")];
        catalogue
            .set_list(&author, &organization, &list, &Expected::Anything, Some(friends))
            .await
            .unwrap();
        let mut first = None;
        for (index, (called, written, enabled)) in (1u8..).zip(agents) {
            let mut one: Agent = agent(index, ["a", "b", "c", "d"][usize::from(index) - 1]);
            one.profile.voice_target = one.profile.voice_target.filter(|_| called);
            one.profile.message_target = one.profile.message_target.filter(|_| written);
            one.profile.state = if enabled { AgentState::Enabled } else { AgentState::Disabled };
            app.add_agent(&one).await;
            let hours = r#"{"time_zone":"Europe/London","weekly":[{"from":"06:00","to":"22:00"}],"except":{"calendars":["holidays"]}}"#;
            let limits = AgentLimits {
                capacity: (loaded && index < 3).then_some(u32::from(index)),
                hours: (index == 4).then(|| hours.into()),
                health_url: None,
            };
            app.store.catalogue().set_limits(&operator(), &one.id, &limits).await.unwrap();
            first.get_or_insert(one);
        }
        app.add_number(NUMBER, &main, first.as_ref().filter(|_| single)).await;
        let store = &app.store;
        let sources = PlanSources {
            plans: store.clone(),
            catalogue: store.clone(),
            codec: Arc::new(PlanDocuments),
        };
        let explaining = ExplainRoute {
            routes: store.clone(),
            plans: ExplainPlan {
                sources: sources.clone(),
                places: store.clone(),
                live_calls: store.clone(),
                longest_call: MAX_CALL_SECONDS,
            },
            voice_server: voice_server.clone(),
        };
        let replaying = ReplayPlan {
            calls: store.clone(),
            messages: store.clone(),
            numbers: store.clone(),
            plans: store.clone(),
            codec: Arc::new(PlanDocuments),
            places: store.clone(),
            has_voice_server: voice_server.is_some(),
        };
        let plans = Plans {
            sources,
            places: store.clone(),
            identifiers: Arc::new(CountingIdentifiers::default()),
            clock: Arc::clone(&app.clock) as _,
        };
        Self { app, main, explaining, plans, replaying }
    }

    /// Saves a plan without its invalid rules.
    async fn save(&self, drawn: &(Vec<String>, String), plan: Option<&SavedPlan>) -> SavedPlan {
        let prepared = self.prepare(drawn, plan).await;
        self.plans.save(&operator(), &prepared.version).await.unwrap();
        prepared.version
    }

    async fn prepare(
        &self,
        (rules, otherwise): &(Vec<String>, String),
        plan: Option<&SavedPlan>,
    ) -> switchboard_application_management::routing_plans::Prepared {
        let mut rules = rules.clone();
        loop {
            let new = NewVersion {
                organization: default_organization(),
                document: drawn::document(&rules, otherwise).into(),
                plan: plan.map(|plan| plan.id.to_string()),
                name: None,
                author: label("somebody"),
            };
            match self.plans.prepare(&operator(), new).await {
                Ok(prepared) => return prepared,
                Err(PlanError::Wrong { problems }) => {
                    let at = problems[0].at.as_str().strip_prefix("/rules/");
                    let at = at.unwrap_or_else(|| panic!("{problems:?}"));
                    rules.remove(at.split('/').next().unwrap().parse().unwrap());
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    async fn attach(&self, plan: &SavedPlan, place: DrawnPlace) {
        let place = match place {
            DrawnPlace::Nothing => return,
            DrawnPlace::Number => PlanPlace::Number(sender(NUMBER)),
            DrawnPlace::Account => PlanPlace::Account(self.main.sid),
            DrawnPlace::Organization => PlanPlace::Organization(default_organization()),
        };
        self.plans.attach(&operator(), plan.id.as_str(), |_plan| place).await.unwrap();
    }

    fn fields(&self, index: usize, event: &DrawnEvent) -> Fields {
        let sid = format!("{index:032x}");
        let other = event.from.as_str();
        let fields = match event.kind {
            DrawnKind::Call => {
                with(call(&self.main, other, NUMBER), "CallSid", &format!("CA{sid}"))
            }
            DrawnKind::Placed => {
                let placed = with(call(&self.main, NUMBER, other), "Direction", "outbound-api");
                with(placed, "CallSid", &format!("CA{sid}"))
            }
            DrawnKind::Sms | DrawnKind::WhatsApp => {
                let prefix = if event.kind == DrawnKind::Sms { "" } else { "whatsapp:" };
                let (from, to) = (format!("{prefix}{other}"), format!("{prefix}{NUMBER}"));
                let written = message(&self.main, &from, &to, "hello");
                let sid = format!("SM{sid}");
                let written = with(with(written, "MessageSid", &sid), "SmsMessageSid", &sid);
                with(written, "SmsSid", &sid)
            }
        };
        let names = ["FromCountry", "FromState", "FromCity", "FromZip"];
        let fields = names
            .iter()
            .zip(event.place)
            .fold(fields, |fields, (name, value)| with(fields, name, value));
        with(fields, "StirVerstat", event.verdict)
    }

    /// The decision of the webhook, with the rule if one is recorded.
    async fn answered(&self, event: &DrawnEvent, fields: &Fields) -> (Outcome, Option<RuleRef>) {
        let is_call = matches!(event.kind, DrawnKind::Call | DrawnKind::Placed);
        if !is_call {
            let request = Request::post(MESSAGE, fields).signed_by(&self.main);
            let answer = self.app.message(&request).await.unwrap();
            return ((answer.agent, answer.reason, None), None);
        }
        let answer =
            self.app.voice(&Request::post(VOICE, fields).signed_by(&self.main)).await.unwrap();
        self.app.recorder.drain().await.unwrap();
        let found = self.app.store.calls().find(&operator(), answer.account, answer.call).await;
        let record = found.unwrap().unwrap();
        let action = record.attempts.iter().find_map(|attempt| match attempt.destination {
            AttemptDestination::Action(word) => Some(word),
            _ => None,
        });
        ((answer.agent, answer.reason, action), record.decision.unwrap().rule)
    }

    /// The decision of the explanation.
    async fn explained(&self, fields: &Fields, at: Timestamp, counts_calls: bool) -> Explanation {
        let form = Form::parse(encoded(fields).as_bytes()).unwrap();
        let from = Address::parse_caller(form.only("From").unwrap().unwrap()).unwrap();
        let facts = CallerFacts::of(&Caller::read(&from, &form));
        let circumstances = Circumstances { at, facts, counts_calls };
        if form.only("CallSid").unwrap().is_some() {
            let call = InboundCall::parse(&form).unwrap();
            self.explaining.call(&operator(), &call, &circumstances).await.unwrap()
        } else {
            let message = InboundMessage::parse(&form).unwrap();
            self.explaining.message(&operator(), &message, &circumstances).await.unwrap()
        }
    }

    /// The decisions that a plan would change, of all recorded calls and messages.
    async fn replayed(
        &self,
        plan: &switchboard_domain::plan::Plan,
        of: Replaying,
    ) -> (Replayed, BTreeMap<String, (Before, DestinationSummary, Option<usize>)>) {
        let terms = ReplayTerms {
            organization: default_organization(),
            from: Timestamp::from_seconds(0),
            until: Timestamp::from_seconds(4_000_000_000),
            of,
            most: None,
        };
        let mut changes = BTreeMap::new();
        let report = async |page: Vec<ReplayedChange>, _counts: &Replayed| {
            changes.extend(page.into_iter().map(|change| {
                (change.event.to_string(), (change.before, change.after, change.rule))
            }));
            Ok::<_, PlanError>(())
        };
        let counts = self.replaying.replay(&operator(), plan, &terms, report).await.unwrap();
        (counts, changes)
    }
}

/// The explanation, reduced to what an answer shows too. For a message, an answer does not show the
/// kind of action.
fn outcome(explanation: &Explanation, is_call: bool) -> Outcome {
    let agent = explanation.agent().map(|(id, _)| id.clone());
    let answers = matches!(explanation.reason, Reason::Assigned | Reason::Planned);
    let action = match explanation.plan.as_ref().and_then(|plan| plan.fallback_chain.first()) {
        Some(DestinationSummary::Action(action)) if is_call => Some(action.as_str()),
        _ => None,
    };
    (agent.filter(|_| answers), explanation.reason, action)
}

fn sid(fields: &Fields) -> String {
    let is_sid = |(name, _): &&(String, String)| name == "CallSid" || name == "MessageSid";
    fields.iter().find(is_sid).unwrap().1.clone()
}

async fn agree(
    operated: OperatedApp,
    loaded: bool,
    place: DrawnPlace,
    first: (Vec<String>, String),
    second: (Vec<String>, String),
    events: Vec<DrawnEvent>,
) -> TestCaseResult {
    let saved = operated.save(&first, None).await;
    operated.attach(&saved, place).await;
    let mut came = Vec::new();
    for (index, event) in events.iter().enumerate() {
        operated.app.clock.pass_seconds(event.later);
        let at = switchboard_domain::ports::Clock::now(&*operated.app.clock);
        let fields = operated.fields(index, event);
        let (answered, rule) = operated.answered(event, &fields).await;
        let explanation = operated.explained(&fields, at, true).await;
        let is_call = sid(&fields).starts_with("CA");
        prop_assert_eq!(&outcome(&explanation, is_call), &answered, "{:?}", event);
        let told = explanation.plan.as_ref().map(|plan| RuleRef {
            plan: plan.id.clone(),
            version: plan.version,
            rule: plan.decided.map(|rule| u32::try_from(rule).unwrap()),
        });
        prop_assert!(!is_call || rule == told, "{:?} {:?}", rule, told);
        prop_assert_eq!(explanation.plan.is_some(), place != DrawnPlace::Nothing);
        came.push((fields, at, answered));
    }
    if place == DrawnPlace::Nothing {
        return Ok(());
    }
    let of = Replaying::Plan(saved.id.clone());
    let calls = came.iter().filter(|(fields, ..)| sid(fields).starts_with("CA")).count() as u64;
    // The same plan decides the same, unless the load was different at that time.
    let same = operated.prepare(&first, Some(&saved)).await.plan;
    let (counts, changes) = operated.replayed(&same, of.clone()).await;
    prop_assert_eq!((counts.calls, counts.messages), (calls, came.len() as u64 - calls));
    prop_assert_eq!(counts.without_facts, 0);
    prop_assert!(loaded || changes.is_empty(), "{:?}", changes);
    // The replay of another plan decides as this plan does after it is saved.
    let other = operated.prepare(&second, Some(&saved)).await.plan;
    let (counts, changes) = operated.replayed(&other, of).await;
    prop_assert_eq!(counts.changed, changes.len() as u64);
    operated.save(&second, Some(&saved)).await;
    let mut left = 0;
    for (fields, at, before) in &came {
        let explanation = operated.explained(fields, *at, false).await;
        let is_call = sid(fields).starts_with("CA");
        let after = outcome(&explanation, is_call);
        match changes.get(&sid(fields)) {
            Some((_, destination, rule)) => {
                prop_assert_eq!(destination.agent(), after.0.as_ref());
                prop_assert_eq!(*rule, explanation.plan.unwrap().decided);
                prop_assert_ne!(before, &after);
            }
            None if explanation.plan.as_ref().unwrap().asks.is_some() => left += 1,
            None => prop_assert_eq!((&before.0, before.2), (&after.0, after.2)),
        }
    }
    prop_assert!(counts.left_to_service <= left);
    Ok(())
}

proptest! {
    // `PROPTEST_CASES=12000` tries 100,000 calls and messages.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(120, |cases| cases.parse().unwrap()),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_same_call_gives_the_same_answer_by_webhook_explanation_and_replay(
        (loaded, first, second) in any::<bool>().prop_flat_map(|loaded| {
            (Just(loaded), drawn::plan(loaded), drawn::plan(loaded))
        }),
        agents in any::<DrawnAgents>(),
        place in drawn::place(),
        (voice_server, single) in any::<(bool, bool)>(),
        events in prop::collection::vec(drawn::event(), 1..16),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let operated = OperatedApp::new(agents, loaded, voice_server, single).await;
            agree(operated, loaded, place, first, second, events).await
        })?;
    }
}

#[tokio::test]
async fn the_calls_of_numbers_without_a_plan_are_replayed_with_their_facts() {
    let operated = OperatedApp::new([(true, true, true); 4], false, false, true).await;
    let event = DrawnEvent {
        kind: DrawnKind::Call,
        from: "+14155550111".to_owned(),
        place: ["US", "CA", "", ""],
        verdict: "",
        later: 1,
    };
    let (answered, rule) = operated.answered(&event, &operated.fields(1, &event)).await;
    assert_eq!((answered.1, rule), (Reason::Assigned, None));
    let drawn = (Vec::new(), r#"{"agents":["b"]}"#.to_owned());
    let draft = operated.prepare(&drawn, None).await.plan;
    let (counts, changes) = operated.replayed(&draft, Replaying::Number(sender(NUMBER))).await;
    assert_eq!((counts.calls, counts.changed, counts.without_facts), (1, 1, 0));
    let (before, after, rule) = changes.into_values().next().unwrap();
    let (a, b) = (agent(1, "a").id, agent(2, "b").id);
    assert_eq!((before, after.agent(), rule), (Before::Agent(a), Some(&b), None));
    for of in [Replaying::Account(account(2).sid), Replaying::Number(sender("+14155550101"))] {
        assert_eq!(operated.replayed(&draft, of).await.0, Replayed::default());
    }
    let (counts, _) = operated.replayed(&draft, Replaying::Everything).await;
    assert_eq!(counts.calls, 1);
    assert_eq!(
        operated.app.store.calls().list(&operator(), &Page::first(9)).await.unwrap().len(),
        1
    );
}
