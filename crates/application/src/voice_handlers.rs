//! Asks the handlers of agents to answer calls.
//!
//! A handler is written for Twilio. It gets the parameters of the webhook, signed with the secret of its agent, and its
//! answer is checked and written again, with URLs that Twilio can request.

mod secrets;

use std::sync::Arc;

use switchboard_domain::authentication::Verified;
use switchboard_domain::call::{ErrorText, FailureCause};
use switchboard_domain::causes::Causes;
use switchboard_domain::form::Form;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentSecretStore, Clock, HandlerError, HandlerMethod, HandlerRequest, StoreError, VoiceHandler,
};
use switchboard_domain::sealing::{Keyring, OpenError};
use switchboard_domain::session::{HandlerLink, SessionKeys};
use switchboard_domain::signature::idempotency_token;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;
use switchboard_domain::web_address::WebUrl;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, Span};

use self::secrets::HandlerSecrets;
use crate::deadline::Deadlines;
use crate::failure_counters::FailureCounters;

/// Asks the handlers of agents.
pub struct VoiceHandlers {
    handler: Arc<dyn VoiceHandler>,
    secrets: HandlerSecrets,
    clock: Arc<dyn Clock>,
    deadlines: Deadlines,
    links: HandlerLinks,
    failures: FailureCounters,
}

/// A handler to ask, and for what.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) agent: &'a AgentId,
    pub(crate) url: &'a WebUrl,
    pub(crate) method: HandlerMethod,
    pub(crate) form: &'a Form,
    /// What the call's fallback chain has tried, with this agent, as a query.
    pub(crate) progress: &'a str,
}

impl<'a> Asked<'a> {
    /// The first request for a call. Twilio's own method does not matter.
    pub(crate) const fn first(
        agent: &'a AgentId,
        url: &'a WebUrl,
        form: &'a Form,
        progress: &'a str,
    ) -> Self {
        Self { agent, url, method: HandlerMethod::Post, form, progress }
    }
}

/// Our URLs that lead to handlers.
pub struct HandlerLinks {
    /// The URL that links begin with.
    pub base: String,
    /// The keys that sign them.
    pub keys: Arc<SessionKeys>,
}

/// Why a handler did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// The agent has no secret, so its handler could not tell our requests from others.
    #[error("the agent has no secret for its handler")]
    NoSecret,
    /// The secret cannot be read.
    #[error("the secret of the agent is not available")]
    Store(#[source] StoreError),
    /// The secret cannot be decrypted.
    #[error("the secret of the agent cannot be decrypted")]
    Open(#[source] OpenError),
    /// The agent is gone, or has another handler than the one that the link leads to.
    #[error("the agent has no handler at this address any more")]
    Gone,
    /// The handler did not answer with TwiML.
    #[error(transparent)]
    Handler(HandlerError),
}

impl AskError {
    /// The cause as it is recorded.
    pub(crate) fn cause(&self) -> FailureCause {
        let text = ErrorText::parse(&self.to_string());
        text.map_or(FailureCause::Unknown, FailureCause::Handler)
    }
}

impl VoiceHandlers {
    /// Creates the use case. `secrets` sign the requests.
    pub fn new(
        handler: Arc<dyn VoiceHandler>,
        secrets: Arc<dyn AgentSecretStore>,
        keyring: Arc<Keyring>,
        clock: Arc<dyn Clock>,
        deadlines: Deadlines,
        links: HandlerLinks,
    ) -> Self {
        let secrets = HandlerSecrets::new(secrets, keyring, Arc::clone(&clock), deadlines);
        let failures = FailureCounters::default();
        Self { handler, secrets, clock, deadlines, links, failures }
    }

    /// When the handlers that are asked for one answer have to be done, if the first one is asked now.
    pub(crate) fn until(&self) -> Instant {
        Instant::now() + self.deadlines.handlers
    }

    /// A time after `begun`: when an attempt that began then has failed.
    pub(crate) fn after(&self, begun: Timestamp) -> Timestamp {
        self.clock.now().max(Timestamp::from_micros(begun.micros() + 1))
    }

    /// Asks a handler. A failure is logged and counted.
    pub(crate) async fn ask(
        &self,
        (verified, span): (&Verified, &Span),
        asked: Asked<'_>,
        until: Instant,
    ) -> Result<Twiml, AskError> {
        let limit = until.min(Instant::now() + self.deadlines.handler);
        let asking = timeout_at(limit, self.request(verified, asked)).instrument(span.clone());
        let answer = asking.await.unwrap_or(Err(AskError::Handler(HandlerError::TimedOut)));
        answer.inspect_err(|error| {
            let _in_span = span.enter();
            self.failures.count(Some(asked.agent));
            tracing::warn!(agent.id = %asked.agent, error = %Causes(error), "handler did not answer the call");
        })
    }

    async fn request(
        &self,
        verified: &Verified,
        Asked { agent, url, method, form, progress }: Asked<'_>,
    ) -> Result<Twiml, AskError> {
        let organization = verified.organization().clone();
        // A signature tells the handler that Twilio sent these parameters. Where validation only reports or is disabled,
        // nobody knows.
        let secret = if verified.verified_by().is_token() {
            let scope = Scope::Organization(organization.clone());
            Some(self.secrets.newest(&scope, agent).await?)
        } else {
            None
        };
        let request = HandlerRequest {
            organization,
            url: url.clone(),
            method,
            form: form.clone(),
            secret,
            idempotency_token: idempotency_token(url.as_str(), form),
        };
        let document = self.handler.ask(&request).await.map_err(AskError::Handler)?;
        let link = HandlerLink { account: verified.account(), agent, progress };
        let HandlerLinks { base, keys } = &self.links;
        document
            .render(url, &|url, used| keys.handler_link(base, &link, url, used))
            .map_err(|what| AskError::Handler(HandlerError::Invalid { what }))
    }
}
