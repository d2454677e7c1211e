use super::{
    AccountCarrier, ApplicationCarrier, CallCarrier, MessageCarrier, NumberCarrier, SenderCarrier,
    ServiceCarrier, TokenCarrier,
};

/// Every port of the carrier. Implemented for each type that implements all of them, so that an `Arc<dyn Carrier>` can
/// be passed on as an `Arc` of any single port.
pub trait Carrier:
    AccountCarrier
    + ApplicationCarrier
    + CallCarrier
    + MessageCarrier
    + NumberCarrier
    + SenderCarrier
    + ServiceCarrier
    + TokenCarrier
{
}

impl<C> Carrier for C where
    C: AccountCarrier
        + ApplicationCarrier
        + CallCarrier
        + MessageCarrier
        + NumberCarrier
        + SenderCarrier
        + ServiceCarrier
        + TokenCarrier
{
}
