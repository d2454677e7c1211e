//! How an app of the use-case tests can differ from the default.

use std::sync::Arc;

use switchboard_application::{AgentLoadLimits, Deadlines, RecorderLimits, RouteCacheLimits};
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::authentication::Validation;
use switchboard_domain::ports::{CallStore, DecisionService, MessageStore, VoiceHandler};

use crate::outside::{NoDecisionService, StubHandler};

/// How an app can differ from the default.
#[derive(Clone)]
pub(crate) struct AppOptions {
    pub(crate) validation: Validation,
    pub(crate) voice_server: Option<VoiceTarget>,
    pub(crate) deadlines: Deadlines,
    pub(crate) limits: RouteCacheLimits,
    pub(crate) recorder: RecorderLimits,
    pub(crate) agent_load: AgentLoadLimits,
    pub(crate) decisions: Arc<dyn DecisionService>,
    pub(crate) handler: Arc<dyn VoiceHandler>,
    /// Replaces the store's own port.
    pub(crate) calls: Option<Arc<dyn CallStore>>,
    /// Replaces the store's own port.
    pub(crate) messages: Option<Arc<dyn MessageStore>>,
}

impl Default for AppOptions {
    fn default() -> Self {
        Self {
            validation: Validation::Enforced,
            voice_server: None,
            deadlines: Deadlines::default(),
            limits: RouteCacheLimits::default(),
            recorder: RecorderLimits::default(),
            agent_load: AgentLoadLimits::default(),
            decisions: Arc::new(NoDecisionService),
            handler: Arc::new(StubHandler::default()),
            calls: None,
            messages: None,
        }
    }
}
