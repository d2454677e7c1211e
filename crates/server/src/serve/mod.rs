//! `switchboard serve`: answer, and on a signal leave without dropping anybody.

mod assembly;
mod chunked;
mod demo;
mod http;
mod listener;
mod shutdown;
mod telemetry;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use assembly::{Assembly, AssemblyError, Parts, keep_running};
pub(crate) use demo::company as demonstration;
use http::Operations;
use listener::Bound;
pub(crate) use shutdown::Signals;
use switchboard_application_carrier::configuration::WebhookSchedule;
use switchboard_application_management::{AddAccount, EnsureMainAccount};
use switchboard_domain::agent::Label;
use switchboard_domain::authentication::Validation;
use switchboard_domain::causes::Causes;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::StoreProbe;
pub(crate) use telemetry::LogFormat;

use crate::command_line::{AtCarrier, Installation, ServeOptions};
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::{self, Purpose};

/// How long requests that were accepted may take to end.
const DRAIN: Duration = Duration::from_secs(8);
/// What to do with an empty database.
const FIRST_STEPS: &str = "add one with `switchboard account add AC… --name Main --token-file token.txt`, an agent with \
    `switchboard agent add --name Sales --stream-url wss://…`, and a number with `switchboard number add +1… --account AC…` \
    and `switchboard number assign +1… --agent Sales`; or look at `switchboard serve --demo`";
/// How long what waits to be written may take.
const FINISH: Duration = Duration::from_secs(10);

/// How long connections that were just accepted may take to bring their request.
const SETTLE: Duration = Duration::from_millis(250);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The parts do not fit.
    #[error("the server could not be put together")]
    Assembly(#[source] AssemblyError),
    /// The metrics cannot be counted.
    #[error("metrics could not be started")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}; set SWITCHBOARD_LISTEN to an address that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// A signal cannot be waited for.
    #[error("signals cannot be waited for")]
    Signals(#[source] std::io::Error),
}

/// Serves until a signal comes.
pub(crate) async fn run(settings: Settings, options: ServeOptions) -> Result<(), Failure> {
    let _log = telemetry::start_logging(settings.log);
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    if options.demo {
        return Box::pin(demo::run(settings)).await;
    }
    let installation = Installation::open_for(settings, Purpose::Serve).await?;
    let running = start(&installation, None).await?;
    if running.assembly.directory.is_empty() {
        tracing::info!("no account is known yet: {FIRST_STEPS}");
    }
    running.until_signal().await;
    Ok(())
}

/// Puts a server together over its stores and starts it, on a socket that is bound already or on the one that the
/// settings name.
async fn start(installation: &Installation, bound: Option<Bound>) -> Result<Running, Failure> {
    let Installation { settings, stores, ambient } = installation;
    let sealer = installation.sealer().await?;
    if let Some(main) = &settings.main_account {
        let (accounts, clock) = (Arc::clone(&stores.accounts), Arc::clone(&ambient.clock));
        let add = AddAccount { accounts, sealer: sealer.clone(), clock };
        let (organization, name) = (default_organization(), Label::parse("Main")?);
        EnsureMainAccount { add }.ensure(&organization, main.sid, &name, &main.token).await?;
    }
    let secret = sealer.keyring.request_signing_secret()?;
    let outside = wiring::outside(&secret, Arc::clone(&ambient.clock))?;
    let parts = Parts {
        sessions: sealer.keyring.session_keys(),
        keyring: sealer.keyring,
        urls: settings.public_urls.signed(),
        own_url: settings.public_urls.first.clone(),
        validation: settings.validation,
        voice_server: settings.voice_server.clone(),
        clock: Arc::clone(&ambient.clock),
        identifiers: Arc::clone(&ambient.identifiers),
        stores: stores.clone(),
        outside,
        longest_call: settings.longest_call,
    };
    let (probe, address) = (Arc::clone(&stores.probe), settings.listen);
    let running = Running::start(parts, probe, address, bound).await?;
    if let Some(interval) = settings.carrier.check_interval {
        watch_webhooks(installation, interval).await?;
    }
    Ok(running)
}

/// Checks the numbers at the carrier on a schedule, behind the answers.
async fn watch_webhooks(installation: &Installation, interval: Duration) -> Result<(), Failure> {
    let Installation { stores, ambient, .. } = installation;
    let mut chance = [0; 16];
    ambient.randomness.fill(&mut chance);
    let fix = match AtCarrier::of(installation).await {
        Ok(at_carrier) => at_carrier.fix(),
        // Calls are answered whether or not the carrier can be asked.
        Err(Failure::Failed(cause)) => {
            tracing::error!(error = %Causes(cause.as_ref()), "webhooks are not checked");
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    let schedule = Arc::new(WebhookSchedule::new(
        fix,
        Arc::clone(&stores.leases),
        Arc::clone(&ambient.randomness),
        interval,
        format!("{:032x}", u128::from_be_bytes(chance)),
    ));
    keep_running("webhooks", move || {
        let schedule = Arc::clone(&schedule);
        async move { schedule.run().await }
    });
    Ok(())
}

/// A server that answers.
struct Running {
    assembly: Assembly,
    operations: Arc<Operations>,
    handle: actix_web::dev::ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    address: SocketAddr,
    listener: TcpListener,
    signals: Signals,
}

impl Running {
    async fn start(
        parts: Parts,
        probe: Arc<dyn StoreProbe>,
        address: SocketAddr,
        bound: Option<Bound>,
    ) -> Result<Self, ServeError> {
        // Before anybody can be answered, so that nobody who is answered is dropped.
        let signals = Signals::take().map_err(ServeError::Signals)?;
        let metrics = telemetry::start_metrics().map_err(ServeError::Metrics)?;
        let validation = parts.validation;
        let assembly = Assembly::new(parts).await.map_err(ServeError::Assembly)?;
        let operations = Arc::new(Operations {
            store_answers: AtomicBool::new(true),
            metrics,
            leaving: AtomicBool::new(false),
        });
        let taken = |source| ServeError::Listen { address, source };
        let bound = bound.map_or_else(|| listener::bind(address), Ok).map_err(taken)?;
        let (server, bound, listener) =
            http::listen(bound, &assembly.desk, &operations, DRAIN).map_err(taken)?;
        let handle = server.handle();
        let server = tokio::spawn(server);
        assembly.start();
        tokio::spawn(http::watch_store(Arc::clone(&operations), probe));
        let address = bound.first().copied().unwrap_or(address);
        match validation {
            Validation::Enforced => {}
            Validation::Report => tracing::warn!(
                "signatures are checked but not enforced: what would be refused is answered and recorded"
            ),
            Validation::Disabled => {
                tracing::warn!("SIGNATURES ARE NOT CHECKED: anybody can pose as Twilio");
            }
        }
        tracing::info!(%address, accounts = assembly.directory.len(), "listening");
        Ok(Self { assembly, operations, handle, server, address, listener, signals })
    }

    /// Answers until a signal comes, then leaves: unready first, then no new connections, then what was
    /// accepted is answered, then what waits is written.
    async fn until_signal(mut self) {
        let signal = self.signals.next().await;
        self.operations.leaving.store(true, Ordering::Release);
        tracing::info!(signal = signal.as_str(), "leaving");
        tokio::spawn(self.signals.end_at_next());
        // Every answer from now on closes its connection, so that none is kept when the server goes.
        self.assembly.desk.drain();
        tokio::time::sleep(signal.notice()).await;
        listener::let_nobody_in(&self.listener);
        drop(self.listener);
        tokio::time::sleep(SETTLE).await;
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.server.await {
            tracing::error!(error = %Causes(&error), "the server ended badly");
        }
        if tokio::time::timeout(FINISH, self.assembly.finish()).await.is_err() {
            tracing::error!("calls were not recorded in time");
        }
        tracing::info!("gone");
    }
}
