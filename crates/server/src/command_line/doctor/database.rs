//! Checks of the database: whether it exists and is migrated, its clock, and agents without a voice target.

use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, Page, Store};

use super::check::Check;
use super::unanswered;
use crate::command_line::remedies;
use crate::settings::Settings;
use crate::telemetry;
use crate::wiring::{self, DatabaseError, DatabaseProblem, Preparation};

const DATABASE: &str = "database";
const CLOCK: &str = "clock";
const VOICE_SERVER: &str = "voice server";
/// From this difference on, session tokens and records of several replicas are inconsistent.
const SECONDS_APART: i64 = 2;
/// From this difference on, session tokens fail.
const FAR_APART: i64 = 30;
const PAGE: u32 = 100;

/// Opens the database without changing anything, or reports why that fails.
pub(super) async fn open(settings: &Settings) -> Result<(Arc<dyn Store>, Check), Check> {
    let database = &settings.database;
    let failed = |error: DatabaseError| {
        let otherwise = || "correct DATABASE_URL, or start the database".to_owned();
        let remedy = remedies::of(&error).unwrap_or_else(otherwise);
        Check::fail(DATABASE, Causes(&error).to_string(), remedy)
    };
    match wiring::check_schema(&database.location).await {
        Ok(()) => {}
        Err(error) if database.is_default && error.problem() == DatabaseProblem::FileMissing => {
            let remedy =
                "create it with `switchboard migrate` or `switchboard serve`; or set DATABASE_URL";
            return Err(Check::warn(DATABASE, Causes(&error).to_string(), remedy));
        }
        Err(error) => return Err(failed(error)),
    }
    telemetry::start_command_logging();
    let store = wiring::open(&database.location, Preparation::Unchanged);
    let store = store.await.map_err(failed)?;
    Ok((store, Check::ok(DATABASE, format!("{} exists and is up to date", database.location))))
}

/// Compares this machine's clock with the database's.
pub(super) async fn clock(store: &dyn Store, clock: &dyn Clock) -> Check {
    let before = clock.now();
    let theirs = match store.probe().time().await {
        Ok(theirs) => theirs,
        Err(error) => return unanswered(CLOCK, &error),
    };
    let after = clock.now();
    // The query takes time; only what lies outside of that is a difference.
    let micros = if theirs < before {
        before.micros() - theirs.micros()
    } else {
        (theirs.micros() - after.micros()).max(0)
    };
    let seconds = micros / 1_000_000;
    let remedy = "synchronize both machines with NTP";
    match seconds {
        ..SECONDS_APART => Check::ok(CLOCK, "same time as the database"),
        SECONDS_APART..FAR_APART => {
            Check::warn(CLOCK, format!("{seconds} s from the database's clock"), remedy)
        }
        _ => Check::fail(CLOCK, format!("{seconds} s from the database's clock"), remedy),
    }
}

/// Whether every agent has a voice target.
pub(super) async fn voice_server(settings: &Settings, store: Option<&dyn Store>) -> Check {
    if let Some(target) = &settings.voice_server {
        return Check::ok(
            VOICE_SERVER,
            format!("{} is used for agents without a voice target", target.value()),
        );
    }
    let Some(store) = store else {
        return Check::ok(VOICE_SERVER, "VOICE_SERVER_URL is not set");
    };
    let mut without = 0_u64;
    let mut page = Page::first(PAGE);
    loop {
        let agents = match store.agents().list(&Scope::Operator, &page).await {
            Ok(agents) => agents,
            Err(error) => return unanswered(VOICE_SERVER, &error),
        };
        without +=
            agents.iter().filter(|agent| agent.profile.voice_target.is_none()).count() as u64;
        match agents.last() {
            Some(last) => page = Page::behind(last.id.clone(), PAGE),
            None => break,
        }
    }
    match without {
        0 => Check::ok(VOICE_SERVER, "not set, and no agent needs it"),
        _ => Check::warn(
            VOICE_SERVER,
            format!(
                "not set, and {} without a voice target cannot answer calls",
                counted(without, "agent")
            ),
            "set VOICE_SERVER_URL, or give them a target with `switchboard agent set`",
        ),
    }
}
