//! A step of a call is over: what follows.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{CallRecord, ConnectionEnd, Disconnection, InboundCall};
use switchboard_domain::plan::Caller;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Door;
use switchboard_domain::twiml::Twiml;

use crate::connect_agent::Connecting;
use crate::front_door::{FrontDoor, WebhookRequest};
use crate::outcome::Closed;
use crate::planned::{ClimbLadder, PlannedCall, Progress};
use crate::recorder::CallRecorder;
use crate::route_cache::RouteCache;

/// Hears of the end of connections.
pub struct EndConnection {
    door: Arc<FrontDoor>,
    routes: Arc<RouteCache>,
    ladder: ClimbLadder,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
}

impl EndConnection {
    /// The use case over its parts.
    pub const fn new(
        door: Arc<FrontDoor>,
        routes: Arc<RouteCache>,
        ladder: ClimbLadder,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { door, routes, ladder, recorder, clock }
    }

    /// Records the end, and tells Twilio what follows: where a step of a routing plan came to nothing the next one at
    /// once, otherwise the end of the call.
    pub async fn end(&self, request: WebhookRequest<'_>) -> Result<Twiml, Closed> {
        let mut entered = self.door.enter(Door::Connected, &request)?;
        let end = ConnectionEnd::parse(&entered.form)?;
        let call = InboundCall::parse(&entered.form)?;
        let account = entered.admitted.account();
        let number = call.own_side().and_then(Address::phone_number);
        let known = match number {
            Some(number) => self.routes.find_if_reachable(number, account).await?,
            None => None,
        };
        self.door.bind(&mut entered, known.as_ref().map(|known| &known.route))?;
        let now = self.clock.now();
        if let Some(code) = end.error_code {
            tracing::warn!(call.sid = %end.call, account.sid = %account, error.code = code, "the connection to the agent failed");
        }
        if end.came_to_nothing {
            self.ladder.presence.fails(end.call);
        } else {
            self.ladder.presence.ends(end.call, now);
        }
        let plan = known.as_ref().and_then(|known| known.plan.as_ref());
        let climbed = match (plan, number, Progress::parse(request.target)) {
            (Some(plan), Some(number), Some(before)) if end.came_to_nothing => {
                let caller = Caller::read(&call.from, &entered.form);
                let connecting = Connecting { account, call: end.call, now };
                let inbound = &call;
                let call = PlannedCall { plan, inbound, caller, called: number, connecting };
                Some(self.ladder.climb(&call, &before, true).await)
            }
            _ => None,
        };
        let organization = entered.admitted.organization().clone();
        let mut record = CallRecord {
            from: Some(call.from),
            to: Some(call.to),
            ..CallRecord::of(account, organization, end.call, now)
        };
        let twiml = if let Some(climbed) = climbed {
            record.rungs.push(climbed.rung);
            climbed.twiml
        } else {
            record.disconnection = Some(Disconnection { error_code: end.error_code, at: now });
            self.ladder.connect.hang_up()
        };
        self.recorder.note(record);
        Ok(twiml)
    }
}
