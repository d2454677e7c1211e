//! What the demonstration stands on: settings of its own, and its neighbours in the same process: the offline phone
//! company, and a voice server that echoes.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use switchboard_domain::signature::PublicUrl;
use switchboard_domain::web_address::StreamUrl;
use switchboard_twilio_simulator::phone::{Detour, Exchange, Sids};
use switchboard_twilio_simulator::{Company, Running, serve_through};
use url::Url;

use super::cast::company;
use crate::ambient::SystemClock;
use crate::command_line::reachable;
use crate::failure::Failure;
use crate::serve::ServeError;
use crate::settings::{Database, PublicUrls, Settings};

/// The folder of the demonstration. Nothing else lives in it.
const FOLDER: &str = "data/demo";
/// The database of the demonstration, as `DATABASE_URL`.
pub(super) const DATABASE_URL: &str = "sqlite://data/demo/switchboard.db";

/// What the demonstration stands on.
pub(super) struct Stage {
    /// What commands in another terminal need to take part: names and values.
    pub(super) environment: Vec<(&'static str, String)>,
    /// Where agents are spoken to.
    pub(super) stream: StreamUrl,
    /// The base of the phone company's API.
    pub(super) twilio: String,
    neighbours: [TcpListener; 2],
    public: Url,
    server: Url,
}

/// The settings of the demonstration: those that were given, with a database made afresh and neighbours of its own,
/// whatever Twilio was set to.
pub(super) fn set(mut settings: Settings) -> Result<(Settings, Stage), Failure> {
    // Who serves from that folder already must not lose it, and holds the address.
    let address = free(settings.listen)?;
    if Path::new(FOLDER).exists() {
        std::fs::remove_dir_all(FOLDER)?;
    }
    let neighbours = [beside(address, 1)?, beside(address, 2)?];
    let [twilio, voice] = [&neighbours[0], &neighbours[1]].map(TcpListener::local_addr);
    let twilio = format!("http://{}", twilio?);
    let stream = StreamUrl::parse(&format!("ws://{}/", voice?))?;

    let server = reachable(address);
    let public = public_url(server);
    let mut environment =
        vec![("DATABASE_URL", DATABASE_URL.to_owned()), ("TWILIO_API_URL", twilio.clone())];
    if settings.public_urls.first.as_str() != public {
        environment.push(("SWITCHBOARD_PUBLIC_URL", public.clone()));
    }
    settings.listen = address;
    settings.database = Database::made_when_missing(DATABASE_URL)?;
    settings.main_account = None;
    settings.public_urls = PublicUrls { first: PublicUrl::parse(&public)?, others: Vec::new() };
    settings.carrier.api_url = Some(Url::parse(&twilio)?);
    let (public, server) = (Url::parse(&public)?, Url::parse(&format!("http://{server}"))?);
    Ok((settings, Stage { environment, stream, twilio, neighbours, public, server }))
}

impl Stage {
    /// Starts the neighbours. The phone company ends when it is dropped.
    pub(super) fn open(&self) -> Result<Running, Failure> {
        let [twilio, voice] =
            [&self.neighbours[0], &self.neighbours[1]].map(TcpListener::try_clone);
        let company = Company::seeded(company(), Arc::new(SystemClock))?;
        let detour = Detour { public: self.public.clone(), server: self.server.clone() };
        let exchange = Exchange::new(Sids::random(), vec![detour])?;
        let company = serve_through(Arc::new(company), Arc::new(exchange), twilio?)?;
        let voice = voice?;
        voice.set_nonblocking(true)?;
        let voice = tokio::net::TcpListener::from_std(voice)?;
        tokio::spawn(voice_server::serve(voice, self.public.clone()));
        Ok(company)
    }
}

/// The address with a port that is free, if it leaves the choice.
fn free(listen: SocketAddr) -> Result<SocketAddr, ServeError> {
    let taken = |source| ServeError::Listen { address: listen, source };
    TcpListener::bind(listen).and_then(|bound| bound.local_addr()).map_err(taken)
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
