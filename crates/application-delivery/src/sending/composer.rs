//! Composes an outgoing message at the last moment.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use switchboard_domain::agent::WhatsAppTemplate;
use switchboard_domain::carrier::OutgoingMessage;
use switchboard_domain::delivery::{
    AttemptOutcome, Delivery, Next, Outgoing, SendState, is_window_open, window_openers,
};
use switchboard_domain::ports::StoreError;
use switchboard_domain::ports::carrier::ComposeMessage;
use switchboard_domain::status_callback::callback_of_delivery;
use switchboard_domain::time::Timestamp;

use super::{Sending, Sent, Step, canceled};

/// What `WhatsApp` accepts for a contact.
enum Window {
    /// Any text, or the channel has no window.
    Open,
    /// This template only.
    Template(WhatsAppTemplate),
    /// Templates only, and the agent has none.
    Closed,
}

/// Decides right before a message is sent whether it may be, and in which form: a contact can opt out while the message
/// waits for other requests of its account.
pub(super) struct Composer<'a> {
    sending: &'a Sending,
    delivery: &'a Delivery,
    outgoing: &'a Outgoing,
    is_leased: &'a (dyn Fn() -> bool + Sync),
    state: Mutex<Composed>,
}

struct Composed {
    /// When the message was composed last.
    at: Timestamp,
    /// Why it was not.
    withheld: Option<Sent>,
}

#[async_trait]
impl ComposeMessage for Composer<'_> {
    async fn compose(&self) -> Option<OutgoingMessage> {
        let composed = self.message().await;
        // Reading takes time too.
        if !(self.is_leased)() {
            return None;
        }
        let at = self.sending.clock.now();
        let (message, withheld) = match composed {
            Ok(message) => (Some(message), None),
            Err(withheld) => (None, Some(*withheld)),
        };
        *self.state() = Composed { at, withheld };
        message
    }
}

impl<'a> Composer<'a> {
    pub(super) fn new(
        sending: &'a Sending,
        delivery: &'a Delivery,
        outgoing: &'a Outgoing,
        is_leased: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let state = Mutex::new(Composed { at: sending.clock.now(), withheld: None });
        Self { sending, delivery, outgoing, is_leased, state }
    }

    /// Why nothing was sent; `None` if another process may have taken over the delivery.
    pub(super) fn withheld(self) -> Option<Sent> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).withheld
    }

    /// When the message was composed last. A START after that is newer than a refusal of it.
    pub(super) fn composed_at(&self) -> Timestamp {
        self.state().at
    }

    fn state(&self) -> MutexGuard<'_, Composed> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn message(&self) -> Result<OutgoingMessage, Box<Sent>> {
        let unread =
            |what, error: &StoreError| Box::new(Sent::unread(what, error, SendState::Planned));
        match self.forbidden_by().await {
            Ok(None) => {}
            Ok(Some(outcome)) => return Err(Box::new(canceled(outcome, SendState::Planned))),
            Err(error) => return Err(unread("the consent", &error)),
        }
        let content = &self.outgoing.content;
        let window = match &content.template {
            // It may be sent at any time.
            Some(_) => Ok(Window::Open),
            None => self.window().await,
        };
        let template = match window {
            Ok(Window::Open) => content.template.clone(),
            Ok(Window::Template(template)) => Some(template.filled(content.body.as_str())),
            Ok(Window::Closed) => {
                let step = Step::Next(Next::Dead);
                let closed = Sent::new(AttemptOutcome::WindowClosed, step, SendState::Planned);
                return Err(Box::new(closed));
            }
            Err(error) => return Err(unread("the window of WhatsApp", &error)),
        };
        let callback = &self.sending.status_callback;
        Ok(OutgoingMessage {
            to: self.outgoing.to.clone(),
            from: self.outgoing.from.clone(),
            service: None,
            template,
            body: content.body.clone(),
            media: content.media.clone(),
            status_callback: callback_of_delivery(callback, &self.delivery.id),
        })
    }

    /// Why the message must not be sent; `None` if nothing forbids it.
    async fn forbidden_by(&self) -> Result<Option<AttemptOutcome>, StoreError> {
        let Sending { consent, loops, .. } = self.sending;
        let Outgoing { from, to, in_reply_to, .. } = self.outgoing;
        if consent.is_opted_out(&self.delivery.organization, from, to).await? {
            return Ok(Some(AttemptOutcome::OptedOut));
        }
        // A message that answers none is no part of a loop.
        let is_stopped = in_reply_to.is_some() && loops.is_stopped(self.delivery).await?;
        Ok(is_stopped.then_some(AttemptOutcome::LoopStopped))
    }

    /// What may be sent by `WhatsApp` now. Other channels have no window.
    async fn window(&self) -> Result<Window, StoreError> {
        let Sending { consent, messages, clock, .. } = self.sending;
        let (organization, Outgoing { from, to, .. }) =
            (&self.delivery.organization, self.outgoing);
        let contact = consent.known_as(organization, to).await?;
        let Some(mut openers) = window_openers(from, &contact) else {
            return Ok(Window::Open);
        };
        if contact != *to {
            openers.push(to.clone());
        }
        let ours = std::slice::from_ref(from);
        let last = messages.latest_of_contact(organization, &openers, ours, 1).await?;
        let last = last.last().map(|message| message.first_seen_at);
        if is_window_open(last, clock.now()) {
            return Ok(Window::Open);
        }
        let template = self.sending.template(self.delivery).await?;
        Ok(template.map_or(Window::Closed, Window::Template))
    }
}
