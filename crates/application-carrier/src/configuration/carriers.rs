//! The ports of the carrier, together.

use std::sync::Arc;

use switchboard_domain::ports::carrier::{
    AccountCarrier, ApplicationCarrier, NumberCarrier, SenderCarrier, ServiceCarrier, TokenCarrier,
};

/// The ports of the carrier that configuration needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Carriers {
    pub accounts: Arc<dyn AccountCarrier>,
    pub applications: Arc<dyn ApplicationCarrier>,
    pub numbers: Arc<dyn NumberCarrier>,
    pub senders: Arc<dyn SenderCarrier>,
    pub services: Arc<dyn ServiceCarrier>,
    pub tokens: Arc<dyn TokenCarrier>,
}

impl Carriers {
    /// The ports of a carrier that implements all of them.
    pub fn of<C>(carrier: &Arc<C>) -> Self
    where
        C: AccountCarrier
            + ApplicationCarrier
            + NumberCarrier
            + SenderCarrier
            + ServiceCarrier
            + TokenCarrier
            + 'static,
    {
        Self {
            accounts: Arc::clone(carrier) as _,
            applications: Arc::clone(carrier) as _,
            numbers: Arc::clone(carrier) as _,
            senders: Arc::clone(carrier) as _,
            services: Arc::clone(carrier) as _,
            tokens: Arc::clone(carrier) as _,
        }
    }
}
