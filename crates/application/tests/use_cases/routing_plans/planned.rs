//! An app with agents, and a number with a routing plan.

use crate::prelude::*;

/// The sentence that the caller of an answered call hears if no destination is left.
pub(crate) const APOLOGY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say language="en-US">We are sorry. Your call cannot be completed at the moment. Please try again later.</Say><Hangup/></Response>"#;
pub(crate) const HANG_UP: &str =
    r#"<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>"#;

/// First, then Second, then a person, then a sentence.
pub(crate) const FALLBACK_CHAIN: &str = r#"{"rules": [], "otherwise": {
    "agents": ["First", "Second"], "strategy": "priority",
    "next": [{"dial": {"number": "+14155550142", "timeout_seconds": 20}},
             {"say": {"text": "Nobody is here. Please call later.", "language": "en-US"}}]}}"#;

/// One of the plans, by its index.
pub(crate) fn plan_id(index: u8) -> PlanId {
    PlanId::new(NOW, [index; 10])
}

/// The call with this index.
pub(crate) fn call_sid(index: u32) -> String {
    format!("CA{index:032x}")
}

/// An app in which a plan decides for the number. Without a plan, the number is assigned to Own.
pub(crate) struct PlannedApp {
    pub(crate) app: TestApp,
    pub(crate) main: TestAccount,
    pub(crate) first: Agent,
    pub(crate) second: Agent,
    pub(crate) own: Agent,
}

impl PlannedApp {
    pub(crate) async fn by(document: &str) -> Self {
        Self::over(document, AppOptions::default()).await
    }

    pub(crate) async fn over(document: &str, options: AppOptions) -> Self {
        let app = TestApp::with(options).await;
        let main = account(1);
        app.add_account(&main).await;
        let named = |index, name, host| {
            let mut agent = agent(index, name);
            agent.profile.voice_target = Some(stream(&format!("wss://{host}.example.net/stream")));
            agent
        };
        let planned = Self {
            own: named(1, "Own", "own"),
            first: named(2, "First", "first"),
            second: named(3, "Second", "second"),
            app,
            main,
        };
        for agent in [&planned.own, &planned.first, &planned.second] {
            planned.app.add_agent(agent).await;
        }
        planned.app.add_number(NUMBER, &planned.main, Some(&planned.own)).await;
        planned.save(plan_id(1), 1, document).await;
        planned.attach(&PlanPlace::Number(sender(NUMBER)), Some(1)).await;
        planned
    }

    /// Saves a version of a plan as another process would. This process uses it after it has read
    /// the change.
    pub(crate) async fn save(&self, id: PlanId, version: u32, document: &str) {
        let saved = SavedPlan {
            name: label(&format!("Plan {id}")),
            id,
            organization: default_organization(),
            version,
            document: document.into(),
            author: label("test"),
            saved_at: NOW,
        };
        self.app.store.plans().save(&operator(), &saved).await.unwrap();
        self.app.watcher.catch_up().await.unwrap();
    }

    pub(crate) async fn attach(&self, place: &PlanPlace, plan: Option<u8>) {
        let places = self.app.store.plan_places();
        places.attach(&operator(), place, plan.map(plan_id)).await.unwrap();
        self.app.watcher.catch_up().await.unwrap();
    }

    pub(crate) async fn change(&self, agent: &Agent) {
        self.app.store.agents().change(&operator(), None, agent).await.unwrap();
        self.app.watcher.catch_up().await.unwrap();
    }

    pub(crate) async fn limit(&self, agent: &Agent, limits: &AgentLimits) {
        let catalogue = self.app.store.catalogue();
        catalogue.set_limits(&operator(), &agent.id, limits).await.unwrap();
        self.app.watcher.catch_up().await.unwrap();
    }

    /// Limits First to this many concurrent calls.
    pub(crate) async fn limit_first(&self, capacity: u32) {
        let limits = AgentLimits { capacity: Some(capacity), ..AgentLimits::default() };
        self.limit(&self.first, &limits).await;
    }

    /// The parameters of a call.
    pub(crate) fn fields(&self, sid: &str) -> Fields {
        with(call(&self.main, CALLER, NUMBER), "CallSid", sid)
    }

    /// Sends an inbound call.
    pub(crate) async fn call(&self) -> CallAnswer {
        self.call_as(CALL).await
    }

    pub(crate) async fn call_as(&self, sid: &str) -> CallAnswer {
        let request = Request::post(VOICE, &self.fields(sid)).signed_by(&self.main);
        self.app.voice(&request).await.unwrap()
    }

    /// Ends a step of the call with these fields; Twilio then requests the next TwiML.
    pub(crate) async fn over_with(&self, before: &Twiml, told: &[(&str, &str)]) -> Twiml {
        self.over_with_as(CALL, before, told).await
    }

    pub(crate) async fn over_with_as(
        &self,
        sid: &str,
        before: &Twiml,
        told: &[(&str, &str)],
    ) -> Twiml {
        let fields = with(self.fields(sid), "CallStatus", "in-progress");
        let fields = told.iter().fold(fields, |fields, (name, value)| with(fields, name, value));
        let request = Request::post(&action(before), &fields).signed_by(&self.main);
        self.app.connected(&request).await.unwrap()
    }

    /// The agent's stream fails.
    pub(crate) async fn fails(&self, before: &Twiml) -> Twiml {
        self.over_with(before, &[("StreamEvent", "stream-error"), ("ErrorCode", "31920")]).await
    }

    /// Nobody answers the dialed phone.
    pub(crate) async fn not_answered(&self, before: &Twiml) -> Twiml {
        self.over_with(before, &[("DialCallStatus", "no-answer")]).await
    }

    /// The call ends with this status.
    pub(crate) async fn completed(&self, sid: &str) {
        let fields = with(self.fields(sid), "CallStatus", "completed");
        self.app.status(&Request::post(STATUS, &fields).signed_by(&self.main)).await.unwrap();
    }
}

/// The URL that Twilio requests after a step: the target of the verb's action.
#[track_caller]
pub(crate) fn action(twiml: &Twiml) -> String {
    let text = twiml.as_str();
    let start = text.find("action=\"").unwrap() + "action=\"".len();
    let rest = &text[start..];
    let url = &rest[..rest.find('"').unwrap()];
    let target = url.strip_prefix("https://calls.example.com").unwrap();
    assert!(target.starts_with(CONNECTED), "{target}");
    target.replace("&amp;", "&")
}

/// Whether the TwiML connects to this voice server.
pub(crate) fn connects_to(twiml: &Twiml, host: &str) -> bool {
    twiml.as_str().contains(&format!("<Stream url=\"wss://{host}.example.net/stream\" "))
}

/// The ids of agents.
pub(crate) fn ids<const N: usize>(agents: [&Agent; N]) -> Vec<Option<AgentId>> {
    agents.iter().map(|agent| Some(agent.id.clone())).collect()
}
