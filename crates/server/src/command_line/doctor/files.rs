//! Checks who may read the files that hold secrets.

use std::path::Path;

use super::check::Check;
use crate::file_access::{database_files, is_open};
use crate::settings::Settings;

const NAME: &str = "files";
const SETTINGS_FILE: &str = "switchboard.toml";
/// Settings whose values are secret.
const SECRET: [&str; 3] = ["SWITCHBOARD_ENCRYPTION_KEYS", "TWILIO_AUTH_TOKEN", "DATABASE_URL"];

/// A warning for each file that other users may read. No check if there is none.
pub(super) fn check(settings: &Settings) -> Vec<Check> {
    let database = settings.database.location.file().map(database_files).unwrap_or_default();
    let settings_file = Path::new(SETTINGS_FILE);
    let has_secret = std::fs::read_to_string(settings_file)
        .is_ok_and(|text| SECRET.iter().any(|name| text.contains(name)));
    database
        .into_iter()
        .chain(has_secret.then(|| settings_file.to_owned()))
        .filter(|path| is_open(path))
        .map(|path| {
            let path = path.display();
            Check::warn(
                NAME,
                format!("{path} can be read by other users"),
                format!("run `chmod 600 {path}`"),
            )
        })
        .collect()
}
