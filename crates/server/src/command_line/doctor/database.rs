//! The database: whether it is there, up to date and of the same time as we are, and what it says of agents.

use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock, Page};

use super::check::{Check, chain};
use super::unanswered;
use crate::command_line::remedies;
use crate::settings::Settings;
use crate::wiring::{self, DatabaseUrl, OpenError, Purpose, SchemaState, Stores};

const DATABASE: &str = "database";
const CLOCK: &str = "clock";
const VOICE_SERVER: &str = "voice server";
/// From here on, session tokens and records of several replicas do not fit together well.
const SECONDS_APART: i64 = 2;
/// From here on, session tokens fail.
const FAR_APART: i64 = 30;
const PAGE: u32 = 100;

/// Opens the database without changing anything, or says why it cannot be.
pub(super) async fn open(settings: &Settings) -> Result<(Stores, Check), Check> {
    let place = match &settings.database.url {
        DatabaseUrl::Sqlite(path) => format!("SQLite file {}", path.display()),
        DatabaseUrl::Postgres(url) => format!("Postgres {url}"),
    };
    let unreachable = |error: OpenError| {
        let otherwise = || "correct DATABASE_URL, or start the database".to_owned();
        let remedy = remedies::of(&error).unwrap_or_else(otherwise);
        Check::fail(DATABASE, chain(&error), remedy)
    };
    match wiring::schema_state(&settings.database).await {
        Ok(SchemaState::Current) => {}
        Ok(state) => {
            let remedy = remedies::schema(&state).unwrap_or_default();
            return Err(Check::fail(DATABASE, state.to_string(), remedy));
        }
        Err(error @ OpenError::Missing { .. }) if settings.database.is_default => {
            let remedy =
                "nothing: the first command makes it; or set DATABASE_URL to the one that you mean";
            return Err(Check::warn(DATABASE, chain(&error), remedy));
        }
        Err(error) => return Err(unreachable(error)),
    }
    let stores = wiring::open(&settings.database, Purpose::Command).await.map_err(unreachable)?;
    Ok((stores, Check::ok(DATABASE, format!("{place} is there and up to date"))))
}

/// Compares our time with the database's.
pub(super) async fn clock(stores: &Stores, clock: &dyn Clock) -> Check {
    let before = clock.now();
    let theirs = match stores.probe.time().await {
        Ok(theirs) => theirs,
        Err(error) => return unanswered(CLOCK, &error),
    };
    let after = clock.now();
    // The question takes its time; only what lies outside of it is a difference.
    let micros = if theirs < before {
        before.micros() - theirs.micros()
    } else {
        (theirs.micros() - after.micros()).max(0)
    };
    let seconds = micros / 1_000_000;
    let remedy = "let NTP set the time of both machines";
    match seconds {
        ..SECONDS_APART => Check::ok(CLOCK, "the database tells the same time"),
        SECONDS_APART..FAR_APART => {
            Check::warn(CLOCK, format!("{seconds} s away from the database's"), remedy)
        }
        _ => Check::fail(CLOCK, format!("{seconds} s away from the database's"), remedy),
    }
}

/// Whether calls of every agent have somewhere to go.
pub(super) async fn voice_server(settings: &Settings, stores: Option<&Stores>) -> Check {
    if let Some(target) = &settings.voice_server {
        return Check::ok(
            VOICE_SERVER,
            format!("{} is for agents without a voice target of their own", target.value()),
        );
    }
    let Some(stores) = stores else {
        return Check::ok(VOICE_SERVER, "VOICE_SERVER_URL is not set");
    };
    let mut without = 0_u64;
    let mut page = Page::first(PAGE);
    loop {
        let agents = match stores.agents.list(&Scope::Operator, &page).await {
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
            format!("not set, and {without} agents have no voice target: they answer no calls"),
            "set VOICE_SERVER_URL, or give them a target with `switchboard agent set`",
        ),
    }
}
