//! `serve --demo`: a fresh installation of its own beside an offline phone company and a voice server, and one call
//! and one message to it.

mod cast;
mod furnishing;
mod screen;
mod stage;

use crate::command_line::Installation;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::Purpose;

pub(crate) use cast::company;

/// Furnishes the demonstration, shows it, and serves until a signal comes.
pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    let (settings, bound, stage) = stage::set(settings)?;
    let installation = Installation::open_for(settings, Purpose::Serve).await?;
    furnishing::furnish(&installation, &stage).await?;
    let running = super::start(&installation, Some(bound)).await?;
    screen::show(&installation, running.address, &stage).await?;
    running.until_signal().await;
    stage.company.stop().await?;
    Ok(())
}
