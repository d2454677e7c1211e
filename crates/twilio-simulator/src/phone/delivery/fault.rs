//! What is ordered to go wrong on the way.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::phone::transcript::Purpose;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It comes twice, with the same idempotency token. The second answer is not looked at.
    Duplicate,
    /// It comes so many milliseconds later.
    Late(u64),
    /// It comes after the one that follows it. Only status callbacks can be overtaken, as nobody waits for
    /// their answers.
    Reordered,
    /// Another token has signed it.
    WrongToken,
    /// The connection ends in the middle of it.
    CutOff,
}

impl Fault {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Late(_) => "late",
            Self::Reordered => "reordered",
            Self::WrongToken => "wrong token",
            Self::CutOff => "cut off",
        }
    }

    pub(super) const fn delay(self) -> Option<Duration> {
        match self {
            Self::Late(milliseconds) => Some(Duration::from_millis(milliseconds)),
            _ => None,
        }
    }
}

/// An order for faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultOrder {
    /// What goes wrong.
    pub fault: Fault,
    /// With which requests; with all of them if it is left out.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// The orders that are left.
pub(crate) struct Faults(Mutex<Vec<FaultOrder>>);

impl Faults {
    pub(crate) fn new(orders: Vec<FaultOrder>) -> Self {
        Self(Mutex::new(orders))
    }

    /// The fault that is due for a request, taken off the orders.
    pub(crate) fn take(&self, purpose: Purpose) -> Option<Fault> {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |order: &&mut FaultOrder| {
            let can_be_overtaken = purpose == Purpose::Status || order.fault != Fault::Reordered;
            order.times > 0 && can_be_overtaken && order.purpose.is_none_or(|only| only == purpose)
        };
        let order = orders.iter_mut().find(fits)?;
        order.times -= 1;
        Some(order.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultOrder, Faults};
    use crate::phone::transcript::Purpose;

    #[test]
    fn an_order_is_carried_out_as_often_as_it_says_and_where_it_says() {
        let order = |fault, purpose, times| FaultOrder { fault, purpose, times };
        let faults = Faults::new(vec![
            order(Fault::Reordered, None, 1),
            order(Fault::Duplicate, Some(Purpose::Action), 2),
        ]);
        assert_eq!(faults.take(Purpose::Incoming), None);
        assert_eq!(faults.take(Purpose::Action), Some(Fault::Duplicate));
        assert_eq!(faults.take(Purpose::Status), Some(Fault::Reordered));
        assert_eq!(faults.take(Purpose::Action), Some(Fault::Duplicate));
        assert_eq!(faults.take(Purpose::Action), None);
    }

    #[test]
    fn an_order_is_read_from_json() {
        let order: FaultOrder =
            serde_json::from_str(r#"{"fault":{"late":250},"purpose":"status","times":3}"#).unwrap();
        assert_eq!(
            order,
            FaultOrder { fault: Fault::Late(250), purpose: Some(Purpose::Status), times: 3 }
        );
        let order: FaultOrder = serde_json::from_str(r#"{"fault":"cut_off"}"#).unwrap();
        assert_eq!((order.purpose, order.times), (None, 1));
    }
}
