//! The circuit breaker of the handler that answers the calls of numbers without a plan.

use std::sync::Arc;

use switchboard_domain::call::CallKey;
use switchboard_domain::ports::HandlerError;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;

use super::agent_load::Server;
use crate::voice_handlers::AskError;

/// The health of an agent's handler. It is the state that the attempts of routing plans have, too, and that health checks
/// update.
#[derive(Clone)]
pub(crate) struct HandlerHealth(Arc<Server>);

impl HandlerHealth {
    pub(super) const fn new(server: Arc<Server>) -> Self {
        Self(server)
    }

    /// Whether a call may ask the handler now. In the half-open state, only one of several concurrent calls may.
    pub(crate) fn try_call(&self, (account, call): CallKey, now: Timestamp) -> bool {
        if call.is_simulated() {
            return self.0.breaker.takes_calls(account, now);
        }
        self.0.breaker.try_call(account, now)
    }

    /// Records whether the handler answered a call. Several calls in a row that it did not answer open the breaker; any
    /// response is an answer, because no caller waits for it. A simulated call shows nothing, nor does a handler that was
    /// not asked.
    pub(crate) fn asked(&self, (account, call): CallKey, answer: &Result<Twiml, AskError>) {
        match answer {
            _ if call.is_simulated() => {}
            Ok(_)
            | Err(AskError::Handler(HandlerError::Status { .. } | HandlerError::Invalid { .. })) => {
                self.0.breaker.request_answered(account);
            }
            Err(AskError::Handler(HandlerError::Unreachable { .. } | HandlerError::TimedOut)) => {
                self.0.breaker.request_failed(account);
            }
            Err(
                AskError::Handler(HandlerError::AtLimit | HandlerError::AddressRefused { .. })
                | AskError::NoSecret
                | AskError::Store(_)
                | AskError::Open(_)
                | AskError::Gone,
            ) => self.0.breaker.request_not_sent(account),
        }
    }
}
