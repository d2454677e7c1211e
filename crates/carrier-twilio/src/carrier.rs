//! Twilio, for everybody who asks.

use std::fmt;
use std::sync::Arc;

use crate::exchange::{BuildError, Client, TwilioOptions};

/// Twilio's REST API behind all ports of the carrier. Clones share their connections and their limits.
#[derive(Clone)]
pub struct TwilioCarrier {
    pub(crate) client: Arc<Client>,
}

impl TwilioCarrier {
    /// A carrier that has asked nothing yet.
    pub fn new(options: TwilioOptions) -> Result<Self, BuildError> {
        Ok(Self { client: Arc::new(Client::new(options)?) })
    }
}

/// Shows nothing: what is inside has seen tokens.
impl fmt::Debug for TwilioCarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioCarrier").finish_non_exhaustive()
    }
}
