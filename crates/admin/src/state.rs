//! What all handlers share.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use switchboard_application_carrier::VerifyTokens;
use switchboard_application_carrier::configuration::{AssignAtCarrier, ReleaseAtCarrier};
use switchboard_application_carrier::connect::InviteAccount;
use switchboard_application_delivery::{
    AgentSecrets, ConfigureAgent, ReplayDeliveries, SendMessage, Subscriptions,
};
use switchboard_application_management::jobs::Jobs;
use switchboard_application_management::routing_plans::{Plans, ReplayPlan};
use switchboard_application_management::{
    Accounts, Agents, ApiKeyUse, ApiKeys, Enforcement, ExplainRoute, Organizations,
    RepeatableRequests,
};
use switchboard_domain::client_sources::ClientSources;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{MaterialCodec, Store};

use crate::hosts::AllowedHosts;
use crate::objects::NumberDisplay;
use crate::own_urls::OwnUrls;
use crate::reading::Reading;
use crate::wording::Wording;

/// The state of the admin API.
pub struct AdminState {
    /// The stored objects. Every read and change takes the scope of the caller.
    pub store: Arc<dyn Store>,
    /// Authorizes callers.
    pub keys: ApiKeys,
    /// Records when keys were last used.
    pub key_use: Arc<ApiKeyUse>,
    /// Executes requests with an idempotency key once.
    pub repeatable: RepeatableRequests,
    /// The hosts under which the API is reached.
    pub hosts: AllowedHosts,
    /// From where requests are accepted, and which proxies are believed.
    pub sources: ClientSources,
    /// Repeats the decisions about recorded calls.
    pub explaining: ExplainRoute,
    /// Adds, renames and removes organizations.
    pub organizations: Organizations,
    /// Adds and changes accounts.
    pub accounts: Accounts,
    /// Counts what enforcing their signatures refuses.
    pub enforcement: Enforcement,
    /// Verifies their tokens and API keys with the carrier.
    pub verifying: VerifyTokens,
    /// Starts, finds and cancels jobs.
    pub jobs: Jobs,
    /// Makes the links by which customers connect accounts.
    pub inviting: InviteAccount,
    /// Adds and changes agents.
    pub configuring: ConfigureAgent,
    /// Removes agents.
    pub agents: Agents,
    /// The secrets of agents' endpoints and handlers, and the keys of their chat models.
    pub secrets: AgentSecrets,
    /// Assigns numbers, and configures them at the carrier.
    pub assigning: AssignAtCarrier,
    /// Unassigns numbers, and restores their previous configuration.
    pub releasing: ReleaseAtCarrier,
    /// Checks the URLs that are written to the carrier.
    pub own_urls: Arc<dyn OwnUrls>,
    /// Accepts messages, which workers send.
    pub sending: SendMessage,
    /// The subscriptions to events.
    pub subscriptions: Subscriptions,
    /// Attempts dead deliveries again.
    pub replaying: ReplayDeliveries,
    /// Checks, saves and removes routing plans.
    pub plans: Plans,
    /// Evaluates routing plans with recorded calls and messages.
    pub plan_replay: ReplayPlan,
    /// Reads calendars and number lists.
    pub materials: Arc<dyn MaterialCodec>,
    /// Puts codes and outcomes into words.
    pub wording: Arc<dyn Wording>,
}

/// To which each proxy appends the address of its client.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl AdminState {
    /// Whether a request to the admin listener comes from a network that is allowed.
    pub fn accepts(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let forwarded = headers.get_all(FORWARDED_FOR).map(HeaderValue::as_bytes);
        self.sources.accept(|| peer.map(|peer| peer.ip()), forwarded)
    }

    /// The address of the client that sent a request; `None` if it is not known.
    pub(crate) fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let forwarded = headers.get_all(FORWARDED_FOR).map(HeaderValue::as_bytes);
        self.sources.proxies.client(peer.map(|peer| peer.ip()), forwarded)
    }

    /// Reads records within a scope.
    pub(crate) fn reading<'a>(
        &'a self,
        scope: &'a Scope,
        phone_numbers: NumberDisplay,
    ) -> Reading<'a> {
        Reading::new(self.store.as_ref(), scope, self.wording.as_ref(), phone_numbers)
    }
}
