//! The adapter for all ports of the carrier.

use std::fmt;
use std::sync::Arc;

use crate::exchange::{BuildError, Client, TwilioOptions};

/// Implements all ports of the carrier with Twilio's REST API. Clones share connections and limits.
#[derive(Clone)]
pub struct TwilioCarrier {
    pub(crate) client: Arc<Client>,
}

impl TwilioCarrier {
    /// Creates a carrier without sending a request.
    pub fn new(options: TwilioOptions) -> Result<Self, BuildError> {
        Ok(Self { client: Arc::new(Client::new(options)?) })
    }
}

/// Shows no fields, because the client handles tokens.
impl fmt::Debug for TwilioCarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioCarrier").finish_non_exhaustive()
    }
}
