//! `switchboard migrate`

use clap::Args;

use super::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::settings::Settings;
use crate::wiring;

/// How the result is printed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard migrate\n  DATABASE_URL=postgres://switchboard@localhost/switchboard switchboard migrate"
)]
pub(super) struct Options {
    #[command(flatten)]
    format: Format,
}

/// Creates the database if it does not exist, and migrates it.
pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let migrated = wiring::migrate(&settings.database.location).await;
    let migrated = migrated.doing("migrating the database")?;
    options.format.print(&serde_json::json!({ "migrated": migrated }), || {
        match migrated.as_slice() {
            [] => "the database is up to date".to_owned(),
            versions => format!("migrated the database: {}", versions.join(", ")),
        }
    })
}
