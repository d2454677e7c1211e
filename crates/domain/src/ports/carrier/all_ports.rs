use super::{
    AccountCarrier, ApplicationCarrier, CallCarrier, MessageCarrier, NumberCarrier, SenderCarrier,
    ServiceCarrier, TokenCarrier,
};

macro_rules! carrier {
    ($($port:ident)+) => {
        /// A carrier: all of its ports in one. `Arc<dyn Carrier>` coerces to the `Arc` of each port, for example
        /// `Arc<dyn NumberCarrier>`.
        pub trait Carrier: $($port +)+ {}

        impl<T: $($port +)+> Carrier for T {}
    };
}

carrier! {
    AccountCarrier ApplicationCarrier CallCarrier MessageCarrier NumberCarrier SenderCarrier ServiceCarrier
    TokenCarrier
}

/// Several ports have methods of the same name, such as `list`, so each port is called by its own function.
impl dyn Carrier + '_ {
    /// Accounts.
    pub fn accounts(&self) -> &dyn AccountCarrier {
        self
    }

    /// `TwiML` applications.
    pub fn applications(&self) -> &dyn ApplicationCarrier {
        self
    }

    /// Calls in progress.
    pub fn calls(&self) -> &dyn CallCarrier {
        self
    }

    /// Outgoing messages.
    pub fn messages(&self) -> &dyn MessageCarrier {
        self
    }

    /// Numbers.
    pub fn numbers(&self) -> &dyn NumberCarrier {
        self
    }

    /// `WhatsApp` and RCS senders.
    pub fn senders(&self) -> &dyn SenderCarrier {
        self
    }

    /// Messaging Services.
    pub fn services(&self) -> &dyn ServiceCarrier {
        self
    }

    /// Auth tokens.
    pub fn tokens(&self) -> &dyn TokenCarrier {
        self
    }
}
