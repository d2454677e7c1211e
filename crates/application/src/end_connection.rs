//! The agent's stream has ended: what follows.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{CallRecord, ConnectionEnd, Disconnection, InboundCall};
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Door;
use switchboard_domain::twiml::{Twiml, TwimlTooLarge, VoiceResponse, VoiceVerb};

use crate::front_door::{FrontDoor, WebhookRequest};
use crate::outcome::Closed;
use crate::recorder::CallRecorder;
use crate::route_cache::RouteCache;

/// Hears of the end of connections.
pub struct EndConnection {
    door: Arc<FrontDoor>,
    routes: Arc<RouteCache>,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
    hang_up: Twiml,
}

impl EndConnection {
    /// The use case over its parts.
    pub fn new(
        door: Arc<FrontDoor>,
        routes: Arc<RouteCache>,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TwimlTooLarge> {
        let hang_up = VoiceResponse::new().then(VoiceVerb::Hangup).render()?;
        Ok(Self { door, routes, recorder, clock, hang_up })
    }

    /// Records the end and tells Twilio to hang up.
    pub async fn end(&self, request: WebhookRequest<'_>) -> Result<Twiml, Closed> {
        let mut entered = self.door.enter(Door::Connected, &request)?;
        let end = ConnectionEnd::parse(&entered.form)?;
        let call = InboundCall::parse(&entered.form)?;
        let known = match call.own_side().and_then(Address::phone_number) {
            Some(number) => {
                self.routes.find_if_reachable(number, entered.admitted.account()).await?
            }
            None => None,
        };
        self.door.bind(&mut entered, known.as_ref().map(|known| &known.route))?;
        let now = self.clock.now();
        let account = entered.admitted.account();
        if let Some(code) = end.error_code {
            tracing::warn!(call.sid = %end.call, account.sid = %account, error.code = code, "the connection to the agent failed");
        }
        self.recorder.note(CallRecord {
            from: Some(call.from),
            to: Some(call.to),
            disconnection: Some(Disconnection { error_code: end.error_code, at: now }),
            ..CallRecord::of(account, entered.admitted.organization().clone(), end.call, now)
        });
        Ok(self.hang_up.clone())
    }
}
