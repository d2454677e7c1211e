//! `switchboard migrate`

use std::io::{self, Write};

use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring;

/// Makes the database if it is missing, and brings it up to date.
pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    let migrated = wiring::migrate(&settings.database).await?;
    let sentence = match migrated.versions.as_slice() {
        [] => "the database was up to date already".to_owned(),
        versions => {
            format!("the database is up to date now; migrations run: {}", versions.join(", "))
        }
    };
    writeln!(io::stdout(), "{sentence}")?;
    Ok(())
}
