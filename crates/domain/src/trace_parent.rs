//! The trace context of a call (W3C, "Trace Context": `traceparent`).

use std::fmt::{self, Write as _};

use crate::sid::CallSid;

/// The `traceparent` of a call: `00-{trace id}-{parent id}-01`.
///
/// The trace id is the `CallSid` without its prefix, whose 128 bits Twilio draws at random. So everything about a call has
/// one id, and a request that Twilio sends again has the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    trace: u128,
}

impl TraceParent {
    /// Length of the text.
    pub const LENGTH: usize = 55;

    /// The trace of a call.
    pub fn of(call: CallSid) -> Self {
        // A SID has 32 hexadecimal digits after its prefix. An id of zeros is not valid.
        let digits = call.as_str().get(2..).unwrap_or_default();
        Self { trace: u128::from_str_radix(digits, 16).unwrap_or_default().max(1) }
    }

    /// Appends the text. It has no character that needs escaping.
    pub(crate) fn push_to(self, text: &mut String) {
        // Writing to a string never fails.
        let _written = write!(text, "{self}");
    }

    /// The id of the parent span: the two halves of the trace id, mixed. An id of zeros is not valid.
    fn parent(self) -> u64 {
        let [high, low] = [self.trace >> 64, self.trace & u128::from(u64::MAX)]
            .map(|half| u64::try_from(half).unwrap_or_default());
        (high ^ low.rotate_left(1)).max(1)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace, self.parent())
    }
}

#[cfg(test)]
mod tests {
    use super::TraceParent;
    use crate::sid::CallSid;

    fn text(digits: &str) -> String {
        TraceParent::of(CallSid::parse(&format!("CA{digits}")).unwrap()).to_string()
    }

    #[test]
    fn the_trace_of_a_call_has_the_digits_of_its_sid_in_lower_case() {
        let text = text("0123456789ABCDEF0123456789abcdef");
        assert!(text.starts_with("00-0123456789abcdef0123456789abcdef-"), "{text}");
        assert!(text.ends_with("-01"), "{text}");
        assert_eq!(text.len(), TraceParent::LENGTH);
    }

    #[test]
    fn ids_of_zeros_are_not_valid() {
        for digits in ["0".repeat(32), format!("{:016x}{:016x}", 2, 1)] {
            let text = text(&digits);
            let ids: Vec<_> = text.split('-').skip(1).take(2).collect();
            assert!(ids.iter().all(|id| id.contains(|digit| digit != '0')), "{text}");
        }
    }
}
