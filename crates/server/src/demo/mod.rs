//! `serve --demo`: a new installation beside an offline Twilio and a voice server, with one call and one message.

mod environment;
mod fixtures;
mod output;
mod seed;

use std::net::SocketAddr;
use std::sync::Arc;

use switchboard_admin::Wording;

use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::serve;
use crate::settings::Settings;

pub(crate) use fixtures::offline_twilio;

/// Fills the installation, shows a call and a message, and serves until a signal arrives. `demonstrate` sends both to
/// the server at an address, from and to a number, and returns what to print about each.
pub(crate) async fn run(
    settings: Settings,
    wording: Arc<dyn Wording>,
    demonstrate: impl AsyncFnOnce(&Installation, SocketAddr, &str, &str) -> Result<[String; 2], Failure>,
) -> Result<(), Failure> {
    let _log = serve::start_logging(&settings);
    let (settings, bound, environment) = environment::prepare(settings)?;
    let installation = Installation::open_to_serve(settings).await?;
    seed::fill(&installation, &environment).await?;
    let running = serve::start(&installation, Some(bound), wording).await?;
    let address = serve::reachable(running.address);
    let (from, to) = (fixtures::CALLER, fixtures::CALLED);
    let shown = demonstrate(&installation, address, from, to).await?;
    output::print(&shown, address, &environment).map_err(Failure::Output)?;
    running.until_signal().await;
    environment.twilio.stop().await.doing("stopping the offline Twilio")
}
