//! All ports of a carrier in one trait.

use super::{
    AccountCarrier, ApplicationCarrier, CallCarrier, MediaCarrier, MessageCarrier, NumberCarrier,
    SenderCarrier, ServiceCarrier, TokenCarrier,
};

macro_rules! carrier {
    ($($port:ident)+) => {
        /// All ports of a carrier in one trait. `Arc<dyn Carrier>` coerces to the `Arc` of each
        /// port, for example `Arc<dyn NumberCarrier>`.
        pub trait Carrier: $($port +)+ {}

        impl<T: $($port +)+> Carrier for T {}
    };
}

carrier! {
    AccountCarrier ApplicationCarrier CallCarrier MediaCarrier MessageCarrier NumberCarrier SenderCarrier
    ServiceCarrier TokenCarrier
}

/// Several ports have methods with the same name, such as `list`, so each port has an accessor.
impl dyn Carrier + '_ {
    /// The port that reads accounts.
    pub fn accounts(&self) -> &dyn AccountCarrier {
        self
    }

    /// The port that lists `TwiML` applications.
    pub fn applications(&self) -> &dyn ApplicationCarrier {
        self
    }

    /// The port that changes calls in progress.
    pub fn calls(&self) -> &dyn CallCarrier {
        self
    }

    /// The port that reads the files of messages.
    pub fn media(&self) -> &dyn MediaCarrier {
        self
    }

    /// The port that sends messages.
    pub fn messages(&self) -> &dyn MessageCarrier {
        self
    }

    /// The port that reads and configures numbers.
    pub fn numbers(&self) -> &dyn NumberCarrier {
        self
    }

    /// The port that reads and configures `WhatsApp` and RCS senders.
    pub fn senders(&self) -> &dyn SenderCarrier {
        self
    }

    /// The port that reads and configures Messaging Services.
    pub fn services(&self) -> &dyn ServiceCarrier {
        self
    }

    /// The port that rotates auth tokens.
    pub fn tokens(&self) -> &dyn TokenCarrier {
        self
    }
}
