//! Decision services and voice servers, as a test wants them.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::AskOutside;
use switchboard_domain::ports::{DecisionService, OutsideError, Question, VoiceProbe};
use switchboard_domain::web_address::WebUrl;

/// A decision service that is not there.
pub(crate) struct NobodyDecides;

#[async_trait]
impl DecisionService for NobodyDecides {
    async fn ask(&self, _: &AskOutside, _: &Question) -> Result<AgentId, OutsideError> {
        Err(OutsideError::Silent { source: None })
    }
}

/// Voice servers are there unless a test says otherwise.
#[derive(Default)]
pub(crate) struct Looks {
    pub(crate) find_nothing: AtomicBool,
}

#[async_trait]
impl VoiceProbe for Looks {
    async fn is_there(&self, _: &VoiceTarget, _: Option<WebUrl>) -> bool {
        !self.find_nothing.load(Ordering::SeqCst)
    }
}
