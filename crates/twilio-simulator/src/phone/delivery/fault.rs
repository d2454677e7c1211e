//! Fault injection for webhook requests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::phone::transcript::Purpose;

/// A fault of a webhook request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The request is sent twice with the same idempotency token. The second response is ignored.
    Duplicate,
    /// The request is delayed by this many milliseconds.
    Late(u64),
    /// The request is sent after the one that follows it. Applies only to status callbacks, because the call does not
    /// wait for their responses.
    Reordered,
    /// The request is signed with another token.
    WrongToken,
    /// The connection is closed in the middle of the request.
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

/// A fault to inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InjectedFault {
    /// The fault.
    pub fault: Fault,
    /// Which requests it applies to. All if omitted.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// How many requests it applies to. Defaults to 1.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// The faults that have not occurred yet.
pub(crate) struct PendingFaults(Mutex<Vec<InjectedFault>>);

impl PendingFaults {
    pub(crate) fn new(injected: Vec<InjectedFault>) -> Self {
        Self(Mutex::new(injected))
    }

    /// Takes the fault for a request, if one is pending.
    pub(crate) fn take(&self, purpose: Purpose) -> Option<Fault> {
        let mut injected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |order: &&mut InjectedFault| {
            let can_be_overtaken = purpose == Purpose::Status || order.fault != Fault::Reordered;
            order.times > 0 && can_be_overtaken && order.purpose.is_none_or(|only| only == purpose)
        };
        let order = injected.iter_mut().find(fits)?;
        order.times -= 1;
        Some(order.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, InjectedFault, PendingFaults};
    use crate::phone::transcript::Purpose;

    #[test]
    fn a_fault_occurs_as_often_and_where_requested() {
        let order = |fault, purpose, times| InjectedFault { fault, purpose, times };
        let faults = PendingFaults::new(vec![
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
    fn a_fault_is_parsed_from_json() {
        let order: InjectedFault =
            serde_json::from_str(r#"{"fault":{"late":250},"purpose":"status","times":3}"#).unwrap();
        assert_eq!(
            order,
            InjectedFault { fault: Fault::Late(250), purpose: Some(Purpose::Status), times: 3 }
        );
        let order: InjectedFault = serde_json::from_str(r#"{"fault":"cut_off"}"#).unwrap();
        assert_eq!((order.purpose, order.times), (None, 1));
    }
}
