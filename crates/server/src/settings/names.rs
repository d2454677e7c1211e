//! The names of the settings, and suggestions for mistyped ones.

pub(super) const DATABASE_URL: &str = "DATABASE_URL";
pub(crate) const LISTEN: &str = "SWITCHBOARD_LISTEN";
pub(crate) const ADMIN_LISTEN: &str = "SWITCHBOARD_ADMIN_LISTEN";
pub(super) const ADMIN_URL: &str = "SWITCHBOARD_ADMIN_URL";
pub(crate) const PUBLIC_URL: &str = "SWITCHBOARD_PUBLIC_URL";
pub(super) const ENCRYPTION_KEYS: &str = "SWITCHBOARD_ENCRYPTION_KEYS";
pub(super) const ACCOUNT_SID: &str = "TWILIO_ACCOUNT_SID";
pub(super) const CONNECT_APP_SID: &str = "TWILIO_CONNECT_APP_SID";
pub(super) const CONNECT_ACCOUNT_SID: &str = "TWILIO_CONNECT_ACCOUNT_SID";
pub(super) const AUTH_TOKEN: &str = "TWILIO_AUTH_TOKEN";
pub(super) const SIGNATURE_VALIDATION: &str = "TWILIO_SIGNATURE_VALIDATION";
pub(super) const VOICE_SERVER_URL: &str = "VOICE_SERVER_URL";
pub(super) const LOG: &str = "SWITCHBOARD_LOG";
pub(super) const API_URL: &str = "TWILIO_API_URL";
pub(super) const REQUESTS_AT_ONCE: &str = "TWILIO_REQUESTS_AT_ONCE";
pub(crate) const VOICE_FALLBACK_URL: &str = "SWITCHBOARD_VOICE_FALLBACK_URL";
pub(crate) const MESSAGE_FALLBACK_URL: &str = "SWITCHBOARD_MESSAGE_FALLBACK_URL";
pub(super) const CHECK_INTERVAL: &str = "SWITCHBOARD_CHECK_INTERVAL";
pub(super) const LONGEST_CALL: &str = "SWITCHBOARD_LONGEST_CALL";
pub(super) const POLL_INTERVAL: &str = "SWITCHBOARD_POLL_INTERVAL";
pub(super) const RETENTION: &str = "SWITCHBOARD_RETENTION";
pub(crate) const TARGET_NETWORKS: &str = "SWITCHBOARD_TARGET_NETWORKS";
pub(crate) const ALLOWED_SOURCES: &str = "SWITCHBOARD_ALLOWED_SOURCES";
pub(crate) const ADMIN_ALLOWED_SOURCES: &str = "SWITCHBOARD_ADMIN_ALLOWED_SOURCES";
pub(crate) const TRUSTED_PROXIES: &str = "SWITCHBOARD_TRUSTED_PROXIES";

/// The server that commands work through instead of the database. Only the environment names it, and `serve` does not read it.
pub(crate) const CLIENT_URL: &str = "SWITCHBOARD_URL";
pub(crate) const CLIENT_KEY_FILE: &str = "SWITCHBOARD_KEY_FILE";

/// Settings without a `NAME_FILE` form.
const PLAIN: [&str; 22] = [
    LISTEN,
    ADMIN_LISTEN,
    ADMIN_URL,
    PUBLIC_URL,
    ACCOUNT_SID,
    CONNECT_APP_SID,
    CONNECT_ACCOUNT_SID,
    SIGNATURE_VALIDATION,
    VOICE_SERVER_URL,
    LOG,
    API_URL,
    REQUESTS_AT_ONCE,
    VOICE_FALLBACK_URL,
    MESSAGE_FALLBACK_URL,
    CHECK_INTERVAL,
    LONGEST_CALL,
    POLL_INTERVAL,
    RETENTION,
    TARGET_NETWORKS,
    ALLOWED_SOURCES,
    ADMIN_ALLOWED_SOURCES,
    TRUSTED_PROXIES,
];
/// Settings that may also be given as `NAME_FILE`. A database URL can carry a password.
const SECRET: [&str; 3] = [DATABASE_URL, ENCRYPTION_KEYS, AUTH_TOKEN];
/// Reserved names, without effect in this version.
const LATER: [&str; 2] = ["SWITCHBOARD_ADMIN_KEY", "REDIS_URL"];

/// The suffix of a setting that names a file with the secret.
pub(super) const FILE: &str = "_FILE";

/// Whether a variable of this name selects the server that commands work through.
pub(super) fn is_of_client(name: &str) -> bool {
    [CLIENT_URL, CLIENT_KEY_FILE].contains(&name)
}

/// Whether there is a setting of this name.
pub(super) fn is_known(name: &str) -> bool {
    let of_secret = || name.strip_suffix(FILE).is_some_and(|name| SECRET.contains(&name));
    PLAIN.contains(&name) || SECRET.contains(&name) || of_secret()
}

/// Whether the name is reserved.
pub(super) fn is_of_later(name: &str) -> bool {
    LATER.contains(&name) || name.strip_suffix(FILE).is_some_and(|name| name == LATER[0])
}

/// The setting with the most similar name, if it is similar enough to have been meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    let known = PLAIN.into_iter().chain(SECRET).chain(LATER);
    let closest = known.map(|known| (strsim::levenshtein(&name, known), known)).min()?;
    // At most every third letter is wrong, as with the keys of routing plans.
    (closest.0 <= closest.1.len() / 3).then_some(closest.1)
}

#[cfg(test)]
mod tests {
    use super::{is_known, is_of_later, nearest};

    #[test]
    fn a_name_with_a_slip_is_recognized() {
        assert_eq!(nearest("SWITCHBOARD_LISTN"), Some("SWITCHBOARD_LISTEN"));
        assert_eq!(nearest("switchboard_listen"), Some("SWITCHBOARD_LISTEN"));
        assert_eq!(nearest("ENCRYPTION_KEYS"), None);
        assert_eq!(nearest("COLOUR"), None);
    }

    #[test]
    fn a_secret_is_known_by_its_file_too() {
        assert!(is_known("TWILIO_AUTH_TOKEN") && is_known("TWILIO_AUTH_TOKEN_FILE"));
        assert!(is_known("SWITCHBOARD_LISTEN") && !is_known("SWITCHBOARD_LISTEN_FILE"));
        assert!(is_of_later("REDIS_URL") && is_of_later("SWITCHBOARD_ADMIN_KEY_FILE"));
    }
}
