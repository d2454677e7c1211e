//! What the demonstration stands on: settings of its own, and its neighbours in the same process: the offline phone
//! company, and a voice server that echoes.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::web_address::StreamUrl;
use switchboard_twilio_simulator::phone::{PhoneNetwork, Sids, UrlOverride};
use switchboard_twilio_simulator::{Running, Simulator, serve_through};
use url::Url;

use super::cast::company;
use crate::ambient::SystemClock;
use crate::command_line::reachable;
use crate::failure::Failure;
use crate::serve::ServeError;
use crate::serve::listener::{self, Bound};
use crate::settings::{Database, PublicUrls, Settings};

/// The folder of the demonstration. Nothing else lives in it.
const FOLDER: &str = "data/demo";
/// The database of the demonstration, as `DATABASE_URL`.
const DATABASE_URL: &str = "sqlite://data/demo/switchboard.db";

/// What the demonstration stands on, once its settings are taken.
pub(super) struct Stage {
    /// What commands in another terminal need to take part, each as `NAME=value`.
    pub(super) environment: Vec<String>,
    /// Where agents are spoken to.
    pub(super) stream: StreamUrl,
    /// The offline phone company. It ends when this is dropped.
    pub(super) company: Running,
}

/// Takes the address, clears the folder, and starts the neighbours. The settings are those that were given, with a
/// database made afresh and these neighbours, whatever Twilio was set to.
pub(super) fn set(mut settings: Settings) -> Result<(Settings, Bound, Stage), Failure> {
    // Who serves from that folder already must not lose it, and holds the address.
    let taken = |source| ServeError::Listen { address: settings.listen, source };
    let bound = listener::bind(settings.listen).map_err(taken)?;
    let address = bound.kept.local_addr().map_err(taken)?;
    if Path::new(FOLDER).exists() {
        std::fs::remove_dir_all(FOLDER)?;
    }
    let server = reachable(address);
    let public = public_url(server);
    let mut environment = vec![format!("DATABASE_URL={DATABASE_URL}")];
    if settings.public_urls.first.as_str() != public {
        environment.push(format!("SWITCHBOARD_PUBLIC_URL={public}"));
    }
    let detour = UrlOverride {
        public: Url::parse(&public)?,
        server: Url::parse(&format!("http://{server}"))?,
    };
    let (twilio, voice) = (beside(address, 1)?, beside(address, 2)?);
    let stream = voice_server(voice, detour.public.clone())?;
    let company = phone_company(twilio, detour)?;
    environment.push(format!("TWILIO_API_URL={}", company.base()));

    settings.database = Database::made_when_missing(DATABASE_URL)?;
    settings.main_account = None;
    settings.public_urls = PublicUrls { first: PublicUrl::parse(&public)?, others: Vec::new() };
    settings.carrier.api_url = Some(Url::parse(&company.base())?);
    Ok((settings, bound, Stage { environment, stream, company }))
}

/// Starts the phone company, which reaches the public URL by a detour.
fn phone_company(listener: TcpListener, detour: UrlOverride) -> Result<Running, Failure> {
    let company = Simulator::seeded(company(), Arc::new(SystemClock))?;
    let exchange = PhoneNetwork::new(Sids::random(), vec![detour])?;
    Ok(serve_through(Arc::new(company), Arc::new(exchange), listener)?)
}

/// Starts the voice server, which reads sessions from the public URL. It ends with the process.
fn voice_server(listener: TcpListener, public: Url) -> Result<StreamUrl, Failure> {
    let stream = StreamUrl::parse(&format!("ws://{}/", listener.local_addr()?))?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tokio::spawn(async move {
        if let Err(error) = voice_server::serve(listener, public).await {
            tracing::error!(error = %Causes(&error), "the voice server has ended");
        }
    });
    Ok(stream)
}

/// Listens on a port of this machine so far behind an address, or on any if that one is taken. Neighbours are for
/// nobody else: the phone company does what anybody says.
fn beside(address: SocketAddr, distance: u16) -> std::io::Result<TcpListener> {
    let near = address.port().checked_add(distance).unwrap_or_default();
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bind(near).or_else(|_taken| bind(0))
}

/// How the demonstration's server is called: as the settings say if nothing is set.
fn public_url(server: SocketAddr) -> String {
    if server.ip() == Ipv4Addr::LOCALHOST {
        format!("http://localhost:{}", server.port())
    } else {
        format!("http://{server}")
    }
}
