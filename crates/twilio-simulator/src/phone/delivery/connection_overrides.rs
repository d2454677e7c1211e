//! Connection overrides: timeouts and retries set in the fragment of a URL (Twilio, "Webhooks: Connection
//! Overrides"). The fragment is neither sent nor signed.

use std::time::Duration;

use crate::phone::transcript::Alert;

/// Timeouts and retries for a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionOverrides {
    pub(super) connect: Duration,
    pub(super) read: Duration,
    pub(super) total: Duration,
    /// The maximum number of retries.
    pub(super) retries: u32,
    pub(super) retried: Retried,
}

/// Which failures are retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an entry of the list that Twilio documents"
)]
pub(super) struct Retried {
    pub(super) connect: bool,
    pub(super) read: bool,
    pub(super) status_4xx: bool,
    pub(super) status_5xx: bool,
}

impl Default for ConnectionOverrides {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            retries: 1,
            retried: Retried { connect: true, read: false, status_4xx: false, status_5xx: false },
        }
    }
}

impl ConnectionOverrides {
    /// Parses a fragment. Unknown keys are ignored; a value out of range is an error (Twilio, errors 11240 to 11243).
    pub(super) fn parse(fragment: Option<&str>) -> Result<Self, Alert> {
        let mut overrides = Self::default();
        for pair in fragment.unwrap_or_default().split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "ct" => overrides.connect = milliseconds(value, 10_000, key)?,
                "rt" => overrides.read = milliseconds(value, 15_000, key)?,
                "tt" => overrides.total = milliseconds(value, 15_000, key)?,
                "rc" => {
                    let count = value.parse().ok().filter(|count| *count <= 5);
                    overrides.retries = count.ok_or_else(|| wrong(11_242, key, "0 to 5"))?;
                }
                "rp" => overrides.retried = Retried::parse(value)?,
                _ => {}
            }
        }
        Ok(overrides)
    }
}

impl Retried {
    fn parse(value: &str) -> Result<Self, Alert> {
        let mut retried =
            Self { connect: false, read: false, status_4xx: false, status_5xx: false };
        for policy in value.split(',') {
            match policy {
                "ct" => retried.connect = true,
                "rt" => retried.read = true,
                "4xx" => retried.status_4xx = true,
                "5xx" => retried.status_5xx = true,
                "all" => {
                    retried =
                        Self { connect: true, read: true, status_4xx: true, status_5xx: true };
                }
                _ => return Err(wrong(11_243, "rp", "a list of ct, rt, 4xx, 5xx, all")),
            }
        }
        Ok(retried)
    }
}

fn milliseconds(value: &str, most: u64, key: &str) -> Result<Duration, Alert> {
    let number = value.parse().ok().filter(|number| (100..=most).contains(number));
    let number =
        number.ok_or_else(|| wrong(11_241, key, &format!("100 to {most} milliseconds")))?;
    Ok(Duration::from_millis(number))
}

fn wrong(code: u32, key: &str, expected: &str) -> Alert {
    Alert::error(code, format!("connection override {key} is not {expected}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ConnectionOverrides;

    #[test]
    fn by_default_only_a_failed_connection_is_retried_once() {
        let default = ConnectionOverrides::parse(None).unwrap();
        assert_eq!(default, ConnectionOverrides::default());
        assert_eq!(
            (default.retries, default.retried.connect, default.retried.read),
            (1, true, false)
        );
        assert_eq!(ConnectionOverrides::parse(Some("top&e=dublin&sni=y")).unwrap(), default);
    }

    #[test]
    fn a_fragment_overrides_the_defaults() {
        let overrides = ConnectionOverrides::parse(Some("rc=3&rp=5xx,rt&ct=100&tt=15000")).unwrap();
        assert_eq!((overrides.retries, overrides.connect), (3, Duration::from_millis(100)));
        let retried = overrides.retried;
        assert_eq!(
            [retried.connect, retried.read, retried.status_4xx, retried.status_5xx],
            [false, true, false, true]
        );
    }

    #[test]
    fn a_value_out_of_range_is_an_error() {
        for (fragment, code) in [
            ("rc=6", 11_242),
            ("ct=99", 11_241),
            ("tt=15001", 11_241),
            ("rp=6xx", 11_243),
            ("rc=", 11_242),
        ] {
            assert_eq!(
                ConnectionOverrides::parse(Some(fragment)).unwrap_err().code,
                code,
                "{fragment}"
            );
        }
    }
}
