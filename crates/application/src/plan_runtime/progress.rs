//! The progress of a call through its fallback chain.
//!
//! The next URL that Twilio requests contains the destinations already tried. Twilio signs this
//! URL, so any process can continue, and nobody else can change it.

use switchboard_domain::call::AttemptDestination;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Action, Destination, DialTo, Plan, PlanAgent, Tried};
use switchboard_domain::routing::Reason;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{
    Dial, DialTarget, Record, Say, Twiml, TwimlTooLarge, VoiceResponse, VoiceVerb,
};

/// The maximum number of agents that are tried for one call, which limits the length of the URL.
/// After them, only actions remain.
const MAX_TRIED: usize = 64;

/// The destinations already tried for a call. Agents are identified by id, because the plan may
/// have a new version when Twilio requests the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    agents: Vec<AgentId>,
    actions: usize,
    /// When the fallback chain began; `None` before the first attempt. The rule of that time
    /// continues to decide, even if the hours of another rule begin in the meantime.
    begun: Option<Timestamp>,
}

impl Progress {
    /// Parses the progress from the target of a request, as [`Self::action`] wrote it; `None` if
    /// the target contains no progress.
    pub(crate) fn parse(target: &str) -> Option<Self> {
        let (_, query) = target.split_once('?')?;
        Self::of_query(query)
    }

    /// Parses the progress from a query, as [`Self::query`] wrote it.
    pub(crate) fn of_query(query: &str) -> Option<Self> {
        let mut progress = Self::default();
        let mut has_progress = false;
        for pair in query.split('&') {
            match pair.split_once('=')? {
                ("tried", agents) => {
                    has_progress = true;
                    let agents = agents.split('.').filter(|id| !id.is_empty()).take(MAX_TRIED);
                    progress.agents = agents.filter_map(|id| AgentId::parse(id).ok()).collect();
                }
                ("done", actions) => progress.actions = actions.parse().ok()?,
                ("at", seconds) => {
                    progress.begun = Some(Timestamp::from_seconds(seconds.parse().ok()?));
                }
                _ => {}
            }
        }
        has_progress.then_some(progress)
    }

    /// Returns the URL that Twilio requests next.
    pub(crate) fn action(&self, base: &str) -> String {
        format!("{base}?{}", self.query())
    }

    /// Returns the progress as a query.
    pub(crate) fn query(&self) -> String {
        let agents: Vec<&str> = self.agents.iter().map(AgentId::as_str).collect();
        let done = match self.actions {
            0 => String::new(),
            actions => format!("&done={actions}"),
        };
        let begun = match self.begun {
            None => String::new(),
            Some(begun) => format!("&at={}", begun.seconds()),
        };
        format!("tried={}{done}{begun}", agents.join("."))
    }

    /// Whether nothing was tried yet.
    pub(crate) const fn is_fresh(&self) -> bool {
        self.agents.is_empty() && self.actions == 0
    }

    /// When the fallback chain began; `None` before the first attempt.
    pub(crate) const fn begun(&self) -> Option<Timestamp> {
        self.begun
    }

    /// Whether an agent was tried.
    pub(crate) fn has(&self, agent: &AgentId) -> bool {
        self.agents.contains(agent)
    }

    /// The agent that was tried last, even if an action followed.
    pub(crate) fn last_agent(&self) -> Option<&AgentId> {
        self.agents.last()
    }

    /// The maximum number of attempts made; `None` if no action was tried.
    pub(crate) const fn tried_with_actions(&self) -> Option<usize> {
        match self.actions {
            0 => None,
            actions => Some(self.agents.len() + actions),
        }
    }

    /// The number of destinations tried, including actions that were passed over.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.agents.len() + self.actions).unwrap_or(u32::MAX)
    }

    /// Sets the time at which the fallback chain began.
    #[must_use]
    pub(crate) const fn begun_at(mut self, begun: Timestamp) -> Self {
        self.begun = Some(begun);
        self
    }

    /// Adds an agent.
    #[must_use]
    pub(crate) fn with_agent(mut self, agent: &AgentId) -> Self {
        self.agents.push(agent.clone());
        self
    }

    /// Adds all actions up to this one.
    #[must_use]
    pub(crate) const fn with_action(mut self, place: usize) -> Self {
        self.actions = place + 1;
        self
    }

    /// Returns the same progress by positions in a plan.
    pub(crate) fn tried(&self, plan: &Plan) -> Tried {
        let agents = plan.agents().iter().enumerate();
        let is_tried = |agent: &PlanAgent| self.agents.len() >= MAX_TRIED || self.has(&agent.id);
        Tried {
            agents: agents.filter(|(_, agent)| is_tried(agent)).map(|(place, _)| place).collect(),
            actions: self.actions,
        }
    }
}

/// Returns an attempt as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) destination: AttemptDestination,
    pub(crate) reason: Reason,
}

impl Step {
    pub(crate) fn of(attempt: &Destination<'_>) -> Self {
        let (destination, reason) = match attempt {
            Destination::Agent(_, agent) => {
                (AttemptDestination::Agent(agent.id.clone()), Reason::Planned)
            }
            Destination::Action(_, action) => {
                (AttemptDestination::Action(action.as_str()), Reason::PlannedAction)
            }
            Destination::Exhausted => (AttemptDestination::Exhausted, Reason::NobodyAvailable),
        };
        Self { destination, reason }
    }
}

/// Renders actions as TwiML.
pub(crate) struct PlannedAttempts<'a> {
    /// The URL that Twilio requests after an attempt, without the progress.
    pub(crate) action: &'a str,
    /// The called number, which a dialed phone shows if Twilio cannot show the caller's own
    /// address.
    pub(crate) caller_id: Option<PhoneNumber>,
}

impl PlannedAttempts<'_> {
    /// Returns the TwiML of an action. `progress` includes the action.
    pub(crate) fn render(
        &self,
        action: &Action,
        progress: &Progress,
    ) -> Result<Twiml, TwimlTooLarge> {
        let next = progress.action(self.action);
        let say = |greeting: &switchboard_domain::plan::Greeting| {
            VoiceVerb::Say(Say {
                text: greeting.text.as_str().to_owned(),
                language: greeting.language.as_ref().map(|label| label.as_str().to_owned()),
            })
        };
        let response = VoiceResponse::new();
        let response = match action {
            Action::Dial { to, timeout_seconds } => response.then(VoiceVerb::Dial(Dial {
                target: match to {
                    DialTo::Number(number) => DialTarget::Number(*number),
                    DialTo::Sip(address) => DialTarget::Sip(address.as_str().to_owned()),
                },
                caller_id: self.caller_id,
                timeout_seconds: Some(*timeout_seconds),
                answer_on_bridge: true,
                action: Some(next),
            })),
            Action::Voicemail { greeting, most_seconds, announce } => {
                response.then(say(greeting)).then(VoiceVerb::Record(Record {
                    action: next,
                    max_seconds: *most_seconds,
                    status_callback: announce.as_ref().map(|url| url.as_str().to_owned()),
                }))
            }
            Action::Say(greeting) => response.then(say(greeting)).then(VoiceVerb::Hangup),
            Action::Reject(reason) => response.then(VoiceVerb::Reject { reason: *reason }),
            Action::Redirect(url) => {
                response.then(VoiceVerb::Redirect { url: url.as_str().to_owned() })
            }
            Action::Enqueue(queue) => response
                .then(VoiceVerb::Enqueue { queue: queue.0.as_str().to_owned(), action: next }),
        };
        response.render()
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::identifier::AgentId;
    use switchboard_domain::time::Timestamp;

    use super::Progress;

    fn agent(index: u8) -> AgentId {
        AgentId::new(Timestamp::from_seconds(0), [index; 10])
    }

    #[test]
    fn progress_is_read_as_it_is_written() {
        for progress in [
            Progress::default(),
            Progress::default().with_agent(&agent(1)),
            Progress::default().with_agent(&agent(1)).with_agent(&agent(2)).with_action(0),
            Progress::default().with_action(3),
            Progress::default().with_action(0).begun_at(Timestamp::from_seconds(1_795_000_000)),
        ] {
            let url = progress.action("https://x.example/api/twilio/voice/connected");
            let target = url.strip_prefix("https://x.example").unwrap();
            assert_eq!(Progress::parse(target), Some(progress), "{target}");
        }
    }

    #[test]
    fn a_target_without_progress_or_with_an_invalid_one_is_none() {
        for target in [
            "/connected",
            "/connected?",
            "/connected?x=1",
            "/c?tried=&done=-1",
            "/c?tried=&at=x",
            "/c?tried",
        ] {
            assert_eq!(Progress::parse(target), None, "{target}");
        }
        assert_eq!(Progress::parse("/c?tried=agt_x"), Some(Progress::default()));
    }
}
