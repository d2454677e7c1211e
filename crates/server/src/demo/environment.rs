//! The environment of the demo: its settings, and an offline Twilio and an echoing voice server in the same process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_domain::web_address::StreamUrl;
use switchboard_twilio_simulator::phone::{PhoneNetwork, Sids, UrlOverride};
use switchboard_twilio_simulator::{Running, Simulator, serve_through};
use url::Url;

use super::fixtures::offline_twilio;
use crate::ambient::SystemClock;
use crate::failure::{Doing as _, Failure};
use crate::serve::{self, Bound, ServeError, reachable};
use crate::settings::{Database, LISTEN, PublicUrls, Settings};
use crate::wiring::DatabaseLocation;

/// The folder of the demo, which holds nothing else.
const FOLDER: &str = "data/demo";
/// The database of the demo, as `DATABASE_URL`.
const DATABASE_URL: &str = "sqlite://data/demo/switchboard.db";

/// The environment of the demo.
pub(super) struct Environment {
    /// What commands in another terminal need, each as `NAME=value`.
    pub(super) variables: Vec<String>,
    /// The voice server.
    pub(super) stream: StreamUrl,
    /// The offline Twilio. It stops when this is dropped.
    pub(super) twilio: Running,
}

/// Binds the address, clears the folder, and starts the offline Twilio and the voice server. The returned settings are
/// the given ones with a new database and the offline Twilio.
pub(super) fn prepare(mut settings: Settings) -> Result<(Settings, Bound, Environment), Failure> {
    // A server that already serves from that folder holds the address, so its files are not deleted.
    let taken = |source| ServeError::Listen { address: settings.listen, setting: LISTEN, source };
    let bound = serve::bind(settings.listen).map_err(taken).doing("starting the server")?;
    let address = bound.address().map_err(taken).doing("starting the server")?;
    if Path::new(FOLDER).exists() {
        std::fs::remove_dir_all(FOLDER).doing(format!("removing {FOLDER}"))?;
    }
    let server = reachable(address);
    let public = public_url(server);
    let mut variables = vec![format!("DATABASE_URL={DATABASE_URL}")];
    if settings.public_urls.first.as_str() != public {
        variables.push(format!("SWITCHBOARD_PUBLIC_URL={public}"));
    }
    let url_override =
        UrlOverride { public: url(&public)?, server: url(&format!("http://{server}"))? };
    let listen = |distance| beside(address, distance).doing("finding a free port");
    let (twilio, voice) = (listen(1)?, listen(2)?);
    let stream = voice_server(voice, url_override.public.clone())?;
    let twilio = start_twilio(twilio, url_override)?;
    variables.push(format!("TWILIO_API_URL={}", twilio.base()));

    let location = DatabaseLocation::parse(DATABASE_URL).doing("naming the demo's database")?;
    settings.database = Database { location, is_default: true };
    settings.main_account = None;
    settings.target_networks = TargetNetworks::loopback();
    let first = PublicUrl::parse(&public).doing("naming the demo's public URL")?;
    settings.public_urls =
        PublicUrls { first, others: Vec::new(), is_given: true, is_stored: false };
    settings.carrier.api_url = Some(url(&twilio.base())?);
    Ok((settings, bound, Environment { variables, stream, twilio }))
}

fn url(text: &str) -> Result<Url, Failure> {
    Url::parse(text).doing("reading a URL of the demo")
}

/// Starts the offline Twilio, which calls the public URL at the server's own address.
fn start_twilio(listener: TcpListener, url_override: UrlOverride) -> Result<Running, Failure> {
    let starting = "starting the offline Twilio";
    let twilio = Simulator::seeded(offline_twilio(), Arc::new(SystemClock)).doing(starting)?;
    let clock = Arc::new(SystemClock);
    let network = PhoneNetwork::new(Sids::random(), vec![url_override], clock).doing(starting)?;
    serve_through(Arc::new(twilio), Arc::new(network), listener).doing(starting)
}

/// Starts the voice server, which reads sessions from the public URL. It stops with the process.
fn voice_server(listener: TcpListener, public: Url) -> Result<StreamUrl, Failure> {
    let starting = "starting the voice server";
    let address = listener.local_addr().doing(starting)?;
    let stream = StreamUrl::parse(&format!("ws://{address}/")).doing(starting)?;
    listener.set_nonblocking(true).doing(starting)?;
    let listener = tokio::net::TcpListener::from_std(listener).doing(starting)?;
    tokio::spawn(async move {
        if let Err(error) = voice_server::serve(listener, public).await {
            tracing::error!(error = %Causes(&error), "voice server of the demo stopped");
        }
    });
    Ok(stream)
}

/// Listens on the loopback address, on the port `distance` behind that of `address`, or on any port if that is taken.
/// Only this machine may call the offline Twilio, which obeys everyone.
fn beside(address: SocketAddr, distance: u16) -> std::io::Result<TcpListener> {
    let near = address.port().checked_add(distance).unwrap_or_default();
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bind(near).or_else(|_taken| bind(0))
}

/// The public URL of the demo; with the default address, the same as the default public URL.
fn public_url(server: SocketAddr) -> String {
    if server.ip() == Ipv4Addr::LOCALHOST {
        format!("http://localhost:{}", server.port())
    } else {
        format!("http://{server}")
    }
}
