//! `switchboard migrate`

use std::io::{self, Write};

use crate::failure::{Doing as _, Failure};
use crate::settings::Settings;
use crate::wiring;

/// Creates the database if it does not exist, and migrates it.
pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    let migrated = wiring::migrate(&settings.database.location).await;
    let migrated = migrated.doing("migrating the database")?;
    let sentence = match migrated.as_slice() {
        [] => "the database is up to date".to_owned(),
        versions => {
            format!("migrated the database: {}", versions.join(", "))
        }
    };
    writeln!(io::stdout(), "{sentence}").map_err(Failure::Output)
}
