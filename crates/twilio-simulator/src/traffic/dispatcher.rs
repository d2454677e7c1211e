//! Delivers incoming calls and messages according to the simulator's configuration, and records them.

use std::sync::Arc;

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::request::{CallRequest, MessageRequest};
use crate::phone::{
    self, CallControl, CallReport, Entry, InboundCall, InboundMessage, MessageReport, Method,
    PhoneNetwork, Signer, Webhook,
};
use crate::simulator::{
    Call, CallStatus, Direction, InboundRoute, Instructions, LiveCall, Message, MessageStatus,
    RouteError, Sid, Simulator, Target, WebhookMethod,
};

/// Connects the simulator's configuration with the phone network.
pub struct Dispatcher {
    pub(super) simulator: Arc<Simulator>,
    pub(super) network: Arc<PhoneNetwork>,
}

impl Dispatcher {
    /// Creates a dispatcher.
    pub fn new(simulator: Arc<Simulator>, network: Arc<PhoneNetwork>) -> Self {
        Self { simulator, network }
    }

    /// Places a call to the webhook of its number and waits until it ends. The call is listed among the account's
    /// calls from its start.
    pub async fn call(
        &self,
        request: CallRequest,
        watch: &(dyn Fn(&Entry) + Sync),
    ) -> Result<CallReport, RouteError> {
        let number = PhoneNumber::parse(&request.to).map_err(|_no_number| RouteError::Unknown)?;
        let route = self.simulator.route_call(number)?;
        let (from, to) = (request.from.clone(), request.to.clone());
        let mut call =
            InboundCall::new(signer(&self.simulator, &route), from, to, webhook(&route.webhook));
        let mut guard = self.begin_call(&route, &request, call.control());
        request.apply_to(&mut call);
        call.sid = Some(guard.call.to_string());
        call.fallback = route.fallback.as_ref().map(webhook);
        call.status_callback = route.status_callback.as_ref().map(webhook);
        call.application_sid = route.application.map(|sid| sid.to_string());
        let report = self.network.call(call, watch).await;
        guard.ends_as = ended(report.status);
        Ok(report)
    }

    /// Delivers a message to the webhook of its number or sender. The message and its replies are listed among the
    /// account's messages.
    pub async fn message(
        &self,
        request: MessageRequest,
        watch: &(dyn Fn(&Entry) + Sync),
    ) -> Result<MessageReport, RouteError> {
        let route = self.simulator.route_message(&request.to)?;
        let sid = self.record_message(&route, &request);
        if let Some(phone) = self.simulator.state().phones.get_mut(&request.from) {
            phone.sends(&request.to, &request.body);
        }
        let mut message = InboundMessage::new(
            signer(&self.simulator, &route),
            &request.from,
            &request.to,
            &request.body,
            webhook(&route.webhook),
        );
        request.apply_to(&mut message);
        message.sid = Some(sid.to_string());
        message.service_sid = route.service.map(|sid| sid.to_string());
        message.fallback = route.fallback.as_ref().map(webhook);
        message.status_callback = route.status_callback.as_ref().map(webhook);
        let report = self.network.message(message, watch).await;
        for reply in &report.replies {
            self.record_reply(&route, reply);
        }
        Ok(report)
    }

    /// Records a call. From then on it is listed, and can be updated.
    fn begin_call(
        &self,
        route: &InboundRoute,
        request: &CallRequest,
        control: CallControl,
    ) -> LiveCallGuard<'_> {
        let now = self.simulator.now();
        let mut state = self.simulator.state();
        let sid = state.ids.sid(*b"CA");
        state.live.begin(sid, Box::new(control));
        if let Some(account) = state.accounts.get_mut(route.account) {
            account.calls.put(Call {
                sid,
                from: request.from.clone(),
                to: request.to.clone(),
                number: Some(route.sender),
                direction: Direction::Inbound,
                status: CallStatus::InProgress,
                instructions: Instructions::Url(route.webhook.clone()),
                status_callback: target_url(route),
                created: now,
                started: Some(now),
                ended: None,
                updated: now,
            });
        }
        drop(state);
        // Dropping the future before the call ends counts as the caller hanging up.
        let ends_as = CallStatus::Completed;
        LiveCallGuard { simulator: &self.simulator, account: route.account, call: sid, ends_as }
    }

    fn record_message(&self, route: &InboundRoute, request: &MessageRequest) -> Sid {
        let prefix = if request.media.is_empty() { *b"SM" } else { *b"MM" };
        let sid = self.simulator.state().ids.sid(prefix);
        let media = request.media.iter().map(|(url, _)| url.clone()).collect();
        self.store_message(
            route,
            sid,
            Direction::Inbound,
            (&request.from, &request.to),
            &request.body,
            media,
        );
        sid
    }

    fn record_reply(&self, route: &InboundRoute, reply: &phone::Reply) {
        let Some(sid) = Sid::parse(reply.sid.get(..2).unwrap_or_default(), &reply.sid) else {
            return;
        };
        let ends = (&reply.from[..], &reply.to[..]);
        let media = reply.media.clone();
        self.store_message(route, sid, Direction::OutboundReply, ends, &reply.body, media);
    }

    fn store_message(
        &self,
        route: &InboundRoute,
        sid: Sid,
        direction: Direction,
        (from, to): (&str, &str),
        body: &str,
        media: Vec<String>,
    ) {
        let now = self.simulator.now();
        let mut state = self.simulator.state();
        let Some(account) = state.accounts.get_mut(route.account) else { return };
        account.messages.put(Message {
            sid,
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            template: (String::new(), String::new()),
            media,
            service: route.service,
            direction,
            status: match direction {
                Direction::Inbound => MessageStatus::Received,
                Direction::OutboundApi | Direction::OutboundReply => MessageStatus::Delivered,
            },
            error_code: None,
            status_callback: target_url(route),
            created: now,
            sent: Some(now),
            updated: now,
        });
    }
}

/// Marks a call as ended when dropped, however it ends.
struct LiveCallGuard<'a> {
    simulator: &'a Simulator,
    account: AccountSid,
    call: Sid,
    ends_as: CallStatus,
}

impl Drop for LiveCallGuard<'_> {
    fn drop(&mut self) {
        self.simulator.state().live.end(self.call);
        self.simulator.advance_call(self.account, self.call, self.ends_as);
    }
}

impl LiveCall for CallControl {
    fn hang_up(&self) {
        Self::hang_up(self);
    }

    fn follow(&self, target: Target) {
        Self::follow(self, webhook(&target));
    }

    fn follow_twiml(&self, twiml: String) {
        Self::follow_twiml(self, twiml);
    }
}

fn signer(simulator: &Simulator, route: &InboundRoute) -> Signer {
    let token = simulator.signing_token(route.account);
    Signer { account: route.account, token: token.unwrap_or_else(|| route.token.clone()) }
}

fn webhook((url, method): &Target) -> Webhook {
    let method = match method {
        WebhookMethod::Get => Method::Get,
        WebhookMethod::Post => Method::Post,
    };
    Webhook { url: url.clone(), method }
}

fn target_url(route: &InboundRoute) -> String {
    route.status_callback.as_ref().map(|(url, _)| url.clone()).unwrap_or_default()
}

/// The recorded status of a call. A call without a final status has failed.
fn ended(status: phone::CallStatus) -> CallStatus {
    match status {
        phone::CallStatus::Completed => CallStatus::Completed,
        phone::CallStatus::Busy => CallStatus::Busy,
        phone::CallStatus::NoAnswer => CallStatus::NoAnswer,
        phone::CallStatus::Canceled => CallStatus::Canceled,
        phone::CallStatus::Failed
        | phone::CallStatus::Initiated
        | phone::CallStatus::Ringing
        | phone::CallStatus::InProgress => CallStatus::Failed,
    }
}
