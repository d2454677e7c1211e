//! Fault injection for the REST API.

use serde::{Deserialize, Serialize};

/// A fault to inject into matching API requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The HTTP method to match. Any method if omitted.
    #[serde(default)]
    pub method: Option<String>,
    /// The path to match, without the query; `*` matches any text.
    pub path: String,
    /// How many matching requests succeed before the fault occurs.
    #[serde(default)]
    pub after: u32,
    /// How often the fault occurs. Until it is removed if omitted.
    #[serde(default)]
    pub times: Option<u32>,
    /// The kind of fault.
    pub does: FaultKind,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// 429 with Twilio's error 20429. The request is not processed.
    TooManyRequests {
        /// The value of `Retry-After`, in seconds. Twilio itself does not send this header.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// A server error.
    ServerError {
        /// The HTTP status, 500 to 599.
        status: u16,
        /// Whether the request is processed before the error is returned.
        #[serde(default)]
        carried_out: bool,
    },
    /// The response is delayed. The request is processed immediately.
    Slow {
        /// The delay, in milliseconds.
        milliseconds: u32,
    },
    /// The connection is closed in the middle of the response. The request is processed.
    CutOff,
    /// An HTML page instead of JSON. The request is not processed.
    Html {
        /// The HTTP status of the page.
        status: u16,
    },
    /// The link to the next page leads back to the first page.
    PageLoop,
    /// The credentials are rejected.
    WrongToken,
}

/// Conditions that apply to every API request, in addition to injected faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// The minimum latency of every response, in milliseconds.
    pub latency_ms: u32,
    /// The concurrency limit per account; further requests get 429. Twilio does not publish its own limit. No limit
    /// if omitted.
    pub max_concurrent_requests: Option<usize>,
}

/// The injected faults and the conditions.
#[derive(Debug, Default)]
pub(crate) struct InjectedFaults {
    pub(crate) faults: Vec<Fault>,
    pub(crate) conditions: Conditions,
}

impl InjectedFaults {
    /// Returns the fault that applies to this request: the first one that matches and is due.
    pub(crate) fn take_due(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let fits = |fault: &Fault| {
            fault.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && matches(&fault.path, path)
        };
        let position = self.faults.iter_mut().position(|fault| {
            let due = fits(fault);
            if due && fault.after > 0 {
                fault.after -= 1;
                return false;
            }
            due
        })?;
        let fault = &mut self.faults[position];
        let kind = fault.does;
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.faults.remove(position);
            }
        }
        Some(kind)
    }
}

/// Whether a path matches a pattern in which `*` stands for any text.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut path) = path.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*');
    // `split` yields at least one part: the required suffix.
    let tail = pieces.next_back().unwrap_or_default();
    for piece in pieces {
        match path.split_once(piece) {
            Some((_, after)) => path = after,
            None => return false,
        }
    }
    path.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, InjectedFaults, matches};

    fn fault(path: &str, after: u32, times: Option<u32>) -> Fault {
        Fault {
            method: Some("GET".to_owned()),
            path: path.to_owned(),
            after,
            times,
            does: FaultKind::CutOff,
        }
    }

    #[test]
    fn a_star_matches_any_text() {
        for (pattern, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("*", "/anything", true),
            ("/a/*.json", "/a/b/c.json", true),
            ("/a/*.json", "/a/b", false),
            ("/*/b/*", "/a/b/c", true),
            ("/*/b/*c", "/a/b/c", true),
            ("/*/b/*c", "/a/c", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_fault_starts_after_its_delay_and_ends_with_its_count() {
        let mut injected =
            InjectedFaults { faults: vec![fault("/a*", 1, Some(2))], ..InjectedFaults::default() };
        let applied: Vec<_> = (0..4).map(|_| injected.take_due("GET", "/ab").is_some()).collect();
        assert_eq!(applied, [false, true, true, false]);
        assert!(injected.faults.is_empty());
    }

    #[test]
    fn a_fault_for_another_method_or_path_does_not_apply() {
        let mut injected =
            InjectedFaults { faults: vec![fault("/a", 0, None)], ..InjectedFaults::default() };
        assert_eq!(injected.take_due("POST", "/a"), None);
        assert_eq!(injected.take_due("GET", "/b"), None);
        assert_eq!(injected.take_due("get", "/a"), Some(FaultKind::CutOff));
        assert_eq!(injected.take_due("get", "/a"), Some(FaultKind::CutOff));
    }

    #[test]
    fn a_fault_is_parsed_from_json() {
        let fault: Fault = serde_json::from_str(
            r#"{"path": "/v1/*", "times": 3, "does": {"kind": "too_many_requests", "retry_after": 1}}"#,
        )
        .unwrap();
        assert_eq!(fault.does, FaultKind::TooManyRequests { retry_after: Some(1) });
        assert!(
            serde_json::from_str::<Fault>(r#"{"path": "*", "does": {"kind": "flood"}}"#).is_err()
        );
    }
}
