//! A request from its arrival to its record: counted, struck by faults, carried out, remembered.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use switchboard_domain::sid::AccountSid;

use super::access;
use super::paging::loop_back;
use super::reply::{Refusal, Reply};
use super::request::Request;
use super::visit::carry_out;
use crate::company::{Company, FaultKind, FieldChange, RecordedRequest};

/// What goes back over the wire, and how.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
    /// In seconds.
    pub(crate) retry_after: Option<u32>,
    /// How many requests the account has at once, this one included.
    pub(crate) at_once: usize,
    /// How long to wait before it goes out.
    pub(crate) delay: Duration,
    /// Whether the connection ends in the middle of it.
    pub(crate) cut_off: bool,
}

#[derive(Debug)]
pub(crate) enum Body {
    Nothing,
    Json(Value),
    /// A page for people.
    Page,
}

/// Counts one request of an account for as long as it lives.
#[derive(Debug)]
pub(crate) struct Presence {
    company: Arc<Company>,
    account: Option<AccountSid>,
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(account) = self.account {
            self.company.log().leave(account);
        }
    }
}

/// Answers a request. It is carried out now, however late the answer goes out, and counts as one that is being
/// made until its presence ends.
pub(crate) fn answer(company: &Arc<Company>, request: &Request) -> (Answer, Presence) {
    let account = request
        .credentials
        .as_ref()
        .and_then(|credentials| Some(access::claimed(&company.books(), credentials)?.sid));
    let at_once = account.map_or(0, |account| company.log().enter(account));
    let presence = Presence { company: Arc::clone(company), account };
    let (fault, conditions) = {
        let mut orders = company.orders();
        (orders.strike(request.method.as_str(), &request.path), orders.conditions)
    };
    let crowded = conditions.most_at_once.is_some_and(|most| at_once > most);
    let mut delay = Duration::from_millis(conditions.latency_ms.into());
    let mut retry_after = None;
    let mut cut_off = false;

    let carry_out = || carry_out(request, &mut company.books(), company.now());
    let result = match fault {
        _ if crowded => Err(Refusal::too_many()),
        None => carry_out(),
        Some(FaultKind::TooManyRequests { retry_after: seconds }) => {
            retry_after = seconds;
            Err(Refusal::too_many())
        }
        Some(FaultKind::ServerError { status, carried_out }) => {
            let done = carried_out.then(|| carry_out().ok()).flatten();
            Ok(failed(status, done.map(|reply| reply.changes).unwrap_or_default()))
        }
        Some(FaultKind::Slow { milliseconds }) => {
            delay += Duration::from_millis(milliseconds.into());
            carry_out()
        }
        Some(FaultKind::CutOff) => {
            cut_off = true;
            carry_out()
        }
        Some(FaultKind::Html { status }) => Ok(Reply { status, ..Reply::gone() }),
        Some(FaultKind::PageLoop) => carry_out().map(|mut reply| {
            reply.body.iter_mut().for_each(loop_back);
            reply
        }),
        Some(FaultKind::WrongToken) => Err(Refusal::unauthenticated()),
    };
    let page = !crowded && matches!(fault, Some(FaultKind::Html { .. }));
    let reply = result.unwrap_or_else(|refusal| Reply {
        status: refusal.status,
        body: Some(refusal.body()),
        changes: Vec::new(),
    });
    company.log().record(RecordedRequest {
        number: 0,
        method: request.method.as_str().to_owned(),
        path: request.path.clone(),
        account,
        status: reply.status,
        sent: request.sent_names(),
        changes: reply.changes,
    });
    let body = match reply.body {
        _ if page => Body::Page,
        Some(body) => Body::Json(body),
        None => Body::Nothing,
    };
    (Answer { status: reply.status, body, retry_after, at_once, delay, cut_off }, presence)
}

/// The server's own error, whatever it did before.
fn failed(status: u16, changes: Vec<FieldChange>) -> Reply {
    let refusal = Refusal { status, code: 20500, message: "Internal Server Error".to_owned() };
    Reply { status, body: Some(refusal.body()), changes }
}
