//! What can be made to go wrong.

use serde::{Deserialize, Serialize};

/// Something that goes wrong with the requests that it fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The method that it fits. Any, if it is left out.
    #[serde(default)]
    pub method: Option<String>,
    /// The path that it fits, without the query; `*` stands for anything.
    pub path: String,
    /// How many fitting requests are left alone before it begins.
    #[serde(default)]
    pub after: u32,
    /// How often it happens. Until it is taken back, if it is left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// What goes wrong.
    pub does: FaultKind,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// 429 with Twilio's code 20429. The request is not carried out.
    TooManyRequests {
        /// `Retry-After`, in seconds. Twilio itself does not send it.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// An error of the server.
    ServerError {
        /// 500 to 599.
        status: u16,
        /// Whether the request is carried out all the same.
        #[serde(default)]
        carried_out: bool,
    },
    /// The answer comes late. The request is carried out at once.
    Slow {
        /// How late, in milliseconds.
        milliseconds: u32,
    },
    /// The connection ends in the middle of the answer. The request is carried out.
    CutOff,
    /// A page for people instead of JSON. The request is not carried out.
    Html {
        /// The status that comes with it.
        status: u16,
    },
    /// The link to the next page leads to the first one, for ever.
    PageLoop,
    /// The credentials are taken for wrong ones.
    WrongToken,
}

/// What holds for every request, whatever goes wrong besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// How long every answer takes, in milliseconds.
    pub latency_ms: u32,
    /// How many requests an account may make at once; more are answered with 429. Twilio does not publish its
    /// own number. No limit, if it is left out.
    pub most_at_once: Option<usize>,
}

/// The faults that were ordered, and the conditions.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) faults: Vec<Fault>,
    pub(crate) conditions: Conditions,
}

impl Orders {
    /// What goes wrong with this request: by the first fault that fits and is due.
    pub(crate) fn strike(&mut self, method: &str, path: &str) -> Option<FaultKind> {
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

/// Whether a path fits a pattern, in which `*` stands for any text.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut path) = path.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*');
    // `split` gives at least one piece: what the path must end with.
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
    use super::{Fault, FaultKind, Orders, matches};

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
    fn a_star_stands_for_any_text() {
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
    fn a_fault_begins_when_it_is_due_and_ends_with_its_count() {
        let mut orders = Orders { faults: vec![fault("/a*", 1, Some(2))], ..Orders::default() };
        let struck: Vec<_> = (0..4).map(|_| orders.strike("GET", "/ab").is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
        assert!(orders.faults.is_empty());
    }

    #[test]
    fn a_fault_of_another_method_or_path_does_not_strike() {
        let mut orders = Orders { faults: vec![fault("/a", 0, None)], ..Orders::default() };
        assert_eq!(orders.strike("POST", "/a"), None);
        assert_eq!(orders.strike("GET", "/b"), None);
        assert_eq!(orders.strike("get", "/a"), Some(FaultKind::CutOff));
        assert_eq!(orders.strike("get", "/a"), Some(FaultKind::CutOff));
    }

    #[test]
    fn a_fault_is_read_from_json() {
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
