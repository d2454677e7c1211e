//! `switchboard serve`: answers webhooks, and shuts down without dropping a request.

mod assembly;
mod chunked;
mod connection;
mod http;
mod listener;
mod shutdown;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use assembly::{Assembly, AssemblyError, Parts, keep_running};
use http::{AdminListener, Operations};
pub(crate) use listener::Bound;
#[cfg(feature = "simulator")]
pub(crate) use listener::{bind, reachable};
pub(crate) use shutdown::Signals;
use switchboard_admin::{AdminState, Wording};
use switchboard_application_carrier::configuration::WebhookSchedule;
use switchboard_application_management::jobs::JobWorker;
use switchboard_application_management::{Accounts, ManageError, RetentionSchedule};
use switchboard_domain::agent::Label;
use switchboard_domain::authentication::Validation;
use switchboard_domain::causes::Causes;
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{LeaseHolder, StoreError, StoreProbe};
use tracing_appender::non_blocking::WorkerGuard;

use crate::admin_api;
use crate::carrier_use_cases::CarrierUseCases;
use crate::encryption_keys;
use crate::failure::{Doing as _, Failure};
use crate::file_access::{database_files, is_open};
use crate::installation::Installation;
use crate::settings::{ADMIN_LISTEN, LISTEN, PUBLIC_URL, Settings};
use crate::telemetry;
use crate::wiring;
use crate::written_urls;

/// How long accepted requests may take to finish during a shutdown.
const DRAIN: Duration = Duration::from_secs(8);
/// What to do next with an empty database.
const FIRST_STEPS: &str = "add one with `switchboard account add AC… --name Main --token-file token.txt`, an agent with \
    `switchboard agent add --name Sales --stream-url wss://…`, and a number with `switchboard number add +1… --account AC…` \
    and `switchboard number assign +1… --agent Sales`; or try `switchboard serve --demo`";
/// How long pending writes may take during a shutdown.
const FINISH: Duration = Duration::from_secs(10);

/// How often the last use of API keys is recorded.
const KEY_USE_EVERY: Duration = Duration::from_secs(1);

/// How long the parts that running jobs are at may take during a shutdown.
const JOBS: Duration = Duration::from_secs(8);

/// How long new connections have to send their request during a shutdown.
const SETTLE: Duration = Duration::from_millis(250);

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The parts of the server could not be built.
    #[error("the server could not be built")]
    Assembly(#[source] AssemblyError),
    /// The metrics recorder could not be installed.
    #[error("metrics could not be started")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The address is in use, or does not belong to this machine.
    #[error("cannot listen on {address}; set {setting} to a free address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The setting that names it.
        setting: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// The signal handlers cannot be installed.
    #[error("signal handlers could not be installed")]
    Signals(#[source] std::io::Error),
}

/// Serves until a signal arrives. `wording` puts recorded codes and outcomes into words for the API.
pub(crate) async fn run(settings: Settings, wording: Arc<dyn Wording>) -> Result<(), Failure> {
    let _log = start_logging(&settings);
    let installation = Installation::open_to_serve(settings).await?;
    if let Some(error) = encryption_keys::missing(&installation.settings) {
        return Err(error).doing("starting the server");
    }
    let database = installation.settings.database.location.file();
    for file in database.map(database_files).unwrap_or_default() {
        if is_open(&file) {
            tracing::warn!(file = %file.display(), "the database file can be read by other users");
        }
    }
    let running = start(&installation, None, wording).await?;
    if running.assembly.directory.is_empty() {
        tracing::info!("the database has no account yet: {FIRST_STEPS}");
    }
    running.until_signal().await;
    Ok(())
}

/// Starts logging, and logs warnings about the settings. Dropping the guard writes all pending log
/// lines.
pub(crate) fn start_logging(settings: &Settings) -> WorkerGuard {
    let log = telemetry::start_logging(settings.log);
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    log
}

/// Builds a server and starts it, on a bound socket or at the address of the settings.
pub(crate) async fn start(
    installation: &Installation,
    bound: Option<Bound>,
    wording: Arc<dyn Wording>,
) -> Result<Running, Failure> {
    let Installation { settings, store, ambient, .. } = installation;
    let sealer = installation.sealer().await?;
    if let Some(main) = &settings.main_account {
        let (accounts, clock) = (store.clone(), Arc::clone(&ambient.clock));
        let accounts = Accounts { store: accounts, sealer: sealer.clone(), clock };
        let (organization, name) = (default_organization(), Label::parse("Main"));
        let name = name.doing("naming the main account")?;
        let author = installation.author();
        let ensuring = accounts.ensure_main(&author, &organization, main.sid, &name, &main.token);
        let ensured = ensuring.await;
        match ensured {
            // The other accounts are still served.
            Err(
                error @ (ManageError::Store { source: StoreError::Corrupt { .. }, .. }
                | ManageError::TokenNotDecrypted { .. }),
            ) => {
                tracing::error!(account.sid = %main.sid, error = %Causes(&error), "the main account of the settings cannot be read");
            }
            ensured => drop(ensured.doing("adding the main account of the settings")?),
        }
    }
    let networks = settings.target_networks.clone();
    let outside =
        wiring::outside(Arc::clone(&sealer.keyring), Arc::clone(&ambient.clock), networks);
    let outside = outside.doing("preparing requests to agents")?;
    let options = &settings.carrier;
    let carrier = wiring::carrier(
        options.api_url.clone(),
        options.requests_at_once,
        Arc::clone(&ambient.randomness),
    );
    let carrier = carrier.doing("preparing requests to Twilio")?;
    store_public_url(installation).await?;
    let parts = Parts {
        sessions: sealer.keyring.session_keys(),
        keyring: Arc::clone(&sealer.keyring),
        urls: settings.public_urls.signed(),
        own_url: settings.public_urls.first.clone(),
        validation: settings.validation,
        connect_app: settings.connect_app,
        voice_server: settings.voice_server.clone(),
        clock: Arc::clone(&ambient.clock),
        identifiers: Arc::clone(&ambient.identifiers),
        randomness: Arc::clone(&ambient.randomness),
        store: store.clone(),
        outside,
        carrier,
        longest_call: settings.longest_call,
        poll_interval: settings.poll_interval,
        sources: settings.sources.webhooks.clone(),
    };
    let jobs = Arc::new(admin_api::job_worker(installation, Arc::clone(&wording)).await?);
    let api = admin_api::state(installation, wording, sealer).await?;
    let listening = Listening { public: settings.listen, admin: settings.admin_listen, api, jobs };
    let running = Running::start(parts, store.clone(), listening, bound).await;
    let running = running.doing("starting the server")?;
    delete_old_records(installation);
    if let Some(interval) = settings.carrier.check_interval {
        watch_webhooks(installation, interval).await?;
    }
    Ok(running)
}

/// Stores the public URL for commands that run without this setting.
async fn store_public_url(installation: &Installation) -> Result<(), Failure> {
    let public_urls = &installation.settings.public_urls;
    if public_urls.is_given {
        let store = installation.store.public_url();
        let before = store.find().await.doing("reading the stored public URL")?;
        if let Some(before) = before.filter(|before| *before != public_urls.first) {
            tracing::warn!(
                "the public URL changes from {before:?} to {:?}; run `switchboard webhooks check`",
                public_urls.first
            );
        }
        let stored = store.set(&installation.author(), &public_urls.first).await;
        return stored.doing("storing the public URL");
    }
    if public_urls.is_stored {
        tracing::warn!("{PUBLIC_URL} is not set; using the stored URL {:?}", public_urls.first);
    }
    Ok(())
}

/// Deletes old records and disconnected accounts, in the background.
fn delete_old_records(installation: &Installation) {
    let schedule = Arc::new(RetentionSchedule::new(
        installation.prune(),
        installation.store.clone(),
        installation.store.clone(),
        LeaseHolder::random(installation.ambient.randomness.as_ref()),
    ));
    keep_running("retention", move || {
        let schedule = Arc::clone(&schedule);
        async move { schedule.run().await }
    });
    let removal = Arc::new(installation.removing_disconnected());
    keep_running("disconnected_accounts", move || {
        let removal = Arc::clone(&removal);
        async move { removal.run_forever().await }
    });
}

/// Checks the webhook configuration of all numbers on a schedule, in the background.
async fn watch_webhooks(installation: &Installation, interval: Duration) -> Result<(), Failure> {
    let Installation { store, ambient, .. } = installation;
    let fix = match CarrierUseCases::of(installation).await {
        Ok(use_cases) => use_cases.fix(),
        // Calls are answered without the carrier.
        Err(Failure::Failed(cause)) => {
            tracing::error!(error = %Causes(cause.as_ref()), "scheduled checks of webhook configurations are off");
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    let repaired: &[RepairPolicy] = match written_urls::refusal(&installation.settings) {
        None => &[RepairPolicy::Automatic],
        Some(refusal) => {
            tracing::warn!("the automatic repair of webhook configurations is off: {refusal}");
            &[]
        }
    };
    let schedule = Arc::new(WebhookSchedule::new(
        fix,
        store.clone(),
        Arc::clone(&ambient.randomness),
        interval,
        LeaseHolder::random(installation.ambient.randomness.as_ref()),
        repaired,
    ));
    keep_running("webhooks", move || {
        let schedule = Arc::clone(&schedule);
        async move { schedule.run().await }
    });
    Ok(())
}

/// Records when API keys were last used, in the background.
fn record_key_use(api: &AdminState) {
    let key_use = Arc::clone(&api.key_use);
    keep_running("api_key_use", move || {
        let key_use = Arc::clone(&key_use);
        async move { key_use.run(KEY_USE_EVERY).await }
    });
}

/// Executes jobs, in the background.
fn execute_jobs(jobs: &Arc<JobWorker>) {
    for _ in 0..JobWorker::CONCURRENCY {
        let jobs = Arc::clone(jobs);
        keep_running("jobs", move || {
            let jobs = Arc::clone(&jobs);
            async move { jobs.run().await }
        });
    }
}

fn listen_admin(
    address: SocketAddr,
    operations: &Arc<Operations>,
    api: &Arc<AdminState>,
) -> Result<AdminListener, ServeError> {
    listener::bind(address)
        .and_then(|bound| http::listen_admin(bound, operations, api))
        .map_err(|source| ServeError::Listen { address, setting: ADMIN_LISTEN, source })
}

/// The addresses to listen on, and what the admin listener serves.
struct Listening {
    public: SocketAddr,
    admin: Option<SocketAddr>,
    api: Arc<AdminState>,
    jobs: Arc<JobWorker>,
}

/// A running server.
pub(crate) struct Running {
    assembly: Assembly,
    jobs: Arc<JobWorker>,
    operations: Arc<Operations>,
    handle: actix_web::dev::ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    /// The address on which it listens.
    #[cfg_attr(not(feature = "simulator"), expect(dead_code, reason = "only the demo calls it"))]
    pub(crate) address: SocketAddr,
    listener: TcpListener,
    admin: Option<AdminListener>,
    signals: Signals,
}

impl Running {
    async fn start(
        parts: Parts,
        probe: Arc<dyn StoreProbe>,
        Listening { public: address, admin, api, jobs }: Listening,
        bound: Option<Bound>,
    ) -> Result<Self, ServeError> {
        // Installed before the first request, so that no signal drops one.
        let signals = Signals::take().map_err(ServeError::Signals)?;
        let metrics = telemetry::start_metrics().map_err(ServeError::Metrics)?;
        let validation = parts.validation;
        let assembly = Assembly::new(parts).await.map_err(ServeError::Assembly)?;
        let operations = Arc::new(Operations {
            store_answers: AtomicBool::new(true),
            metrics,
            shutting_down: AtomicBool::new(false),
        });
        let admin = admin.map(|address| listen_admin(address, &operations, &api)).transpose()?;
        record_key_use(&api);
        let taken = |source| ServeError::Listen { address, setting: LISTEN, source };
        let bound = bound.map_or_else(|| listener::bind(address), Ok).map_err(taken)?;
        let (server, bound, listener) =
            http::listen(bound, &assembly.state, &operations, DRAIN).map_err(taken)?;
        let handle = server.handle();
        let server = tokio::spawn(server);
        assembly.start();
        execute_jobs(&jobs);
        tokio::spawn(http::watch_store(Arc::clone(&operations), probe));
        let address = bound.first().copied().unwrap_or(address);
        match validation {
            Validation::Enforced => {}
            Validation::Report => tracing::warn!(
                "signatures are checked but not enforced: requests that would be refused are answered and recorded"
            ),
            Validation::Disabled => {
                tracing::warn!("SIGNATURES ARE NOT CHECKED: anyone can pose as Twilio");
            }
        }
        let admin_address = admin.as_ref().map(|admin| tracing::field::display(admin.address));
        tracing::info!(%address, admin_address, accounts = assembly.directory.len(), "listening");
        Ok(Self { assembly, jobs, operations, handle, server, address, listener, admin, signals })
    }

    /// Answers requests until a signal arrives, then shuts down in this order: reports itself
    /// unready, accepts no new connections, answers accepted requests, and writes pending records.
    pub(crate) async fn until_signal(mut self) {
        let signal = self.signals.next().await;
        self.operations.shutting_down.store(true, Ordering::Release);
        tracing::info!(signal = signal.as_str(), "server shutting down");
        tokio::spawn(self.signals.end_at_next());
        // From now on, every response closes its connection, so that no connection is left at the
        // end.
        self.assembly.state.drain();
        tokio::time::sleep(signal.notice()).await;
        listener::refuse_new_connections(&self.listener);
        drop(self.listener);
        tokio::time::sleep(SETTLE).await;
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.server.await {
            tracing::error!(error = %Causes(&error), "HTTP server failed");
        }
        let finishing = async { tokio::join!(self.assembly.finish(), self.jobs.drain(JOBS)) };
        if tokio::time::timeout(FINISH, finishing).await.is_err() {
            tracing::error!("call records lost: not written in time");
        }
        // Health checks and metrics are answered until the end of the shutdown.
        if let Some(admin) = self.admin {
            admin.handle.stop(true).await;
        }
        tracing::info!("server stopped");
    }
}
