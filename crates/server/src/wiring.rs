//! The only file that names the adapters: it puts them behind the ports of the domain.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use switchboard_agent_http::{
    HttpChatClient, HttpDecisionService, HttpEventEndpoint, HttpMessageEndpoint, JsonReplies,
    Limits, Network, NetworkError, SigningSecret, SocketVoiceProbe, TwilioFormEndpoint,
    TwilioFormHandler,
};
use switchboard_application_delivery::Endpoints;
use switchboard_carrier_twilio::{BuildError, TwilioCarrier, TwilioOptions};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{DateRange, HoursDocument, PlanProblem};
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::ports::{
    ArchiveStore, ChatClient, Clock, DecisionService, EventEndpoint, LegacySystem, MaterialCodec,
    PlanCodec, Randomness, ReplyCodec, Retry, Store, VoiceHandler, VoiceProbe,
};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::target_networks::TargetNetworks;
use switchboard_plan_document::PlanDocuments;
use switchboard_store_diesel::{
    DatabaseOpenError, DatabaseUrl, DatabaseUrlError, Migrated, Missing, PostgresOptions,
    PostgresStore, PrismaDatabase, PrismaMap, PrismaUrl, SchemaState, SqliteOptions, SqliteStore,
};
use url::Url;

/// Where a database is. Neither `Debug` nor `Display` shows a password.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseLocation(DatabaseUrl);

impl DatabaseLocation {
    /// Parses `sqlite://path` or `postgres://…`.
    pub(crate) fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        DatabaseUrl::parse(text).map(Self)
    }

    /// Whether others in the network can read the connection or pose as the server.
    pub(crate) fn is_exposed(&self) -> bool {
        match &self.0 {
            DatabaseUrl::Sqlite(_) => false,
            DatabaseUrl::Postgres(url) => url.is_exposed(),
        }
    }

    /// The file of an `SQLite` database.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.0 {
            DatabaseUrl::Sqlite(path) => Some(path),
            DatabaseUrl::Postgres(_) => None,
        }
    }
}

impl fmt::Display for DatabaseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            DatabaseUrl::Sqlite(path) => write!(f, "SQLite file {}", path.display()),
            DatabaseUrl::Postgres(url) => write!(f, "Postgres {url}"),
        }
    }
}

/// Which tables and columns of a legacy database hold what. The default is the documented schema.
#[derive(Debug, Default)]
pub(crate) struct LegacyMap(PrismaMap);

impl LegacyMap {
    /// The map that names the given columns of the given tables.
    pub(crate) fn of(
        tables: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<Self, impl std::error::Error + use<>> {
        PrismaMap::of(tables).map(Self)
    }
}

/// Where the database of the legacy system is. Does not show a password.
#[derive(Clone, Debug)]
pub(crate) struct LegacyLocation(PrismaUrl);

impl LegacyLocation {
    /// Parses a `postgres://…` URL with Prisma's options.
    pub(crate) fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        PrismaUrl::parse(text).map(Self)
    }
}

/// A database cannot be opened or migrated.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct DatabaseError(#[from] DatabaseOpenError);

/// What is wrong with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseProblem {
    /// The `SQLite` file does not exist.
    FileMissing,
    /// The server has no database of that name.
    MissingOnServer,
    /// The server has no database of that name, which is the legacy system's.
    LegacyMissing,
    /// The path is a folder.
    Folder,
    /// The file is not an `SQLite` database.
    NotADatabase,
    /// The file cannot be created.
    NotCreatable,
    /// The path is not UTF-8.
    NotUtf8,
    /// Migrations have to be run.
    NotMigrated,
    /// A newer program has migrated it.
    Newer,
    /// The server cannot be reached, or refuses the user.
    Unreachable,
    /// TLS cannot be set up as configured.
    Tls,
    /// Anything else.
    Other,
}

impl DatabaseError {
    /// Whether the same command can succeed later, without a change of the settings or the database.
    pub(crate) const fn retry(&self) -> Retry {
        self.0.retry()
    }

    /// What is wrong.
    pub(crate) const fn problem(&self) -> DatabaseProblem {
        match &self.0 {
            DatabaseOpenError::Missing { what: Missing::File, .. } => DatabaseProblem::FileMissing,
            DatabaseOpenError::Missing { what: Missing::OnServer, .. } => {
                DatabaseProblem::MissingOnServer
            }
            DatabaseOpenError::Missing { what: Missing::Legacy, .. } => {
                DatabaseProblem::LegacyMissing
            }
            DatabaseOpenError::Folder { .. } => DatabaseProblem::Folder,
            DatabaseOpenError::NotADatabase { .. } => DatabaseProblem::NotADatabase,
            DatabaseOpenError::NotCreatable { .. } => DatabaseProblem::NotCreatable,
            DatabaseOpenError::NotUtf8 { .. } => DatabaseProblem::NotUtf8,
            DatabaseOpenError::Schema(SchemaState::NotMigrated | SchemaState::Older { .. }) => {
                DatabaseProblem::NotMigrated
            }
            DatabaseOpenError::Schema(SchemaState::Newer { .. }) => DatabaseProblem::Newer,
            DatabaseOpenError::Unreachable { .. } => DatabaseProblem::Unreachable,
            DatabaseOpenError::Tls { .. } => DatabaseProblem::Tls,
            DatabaseOpenError::Schema(SchemaState::Current) | DatabaseOpenError::Failed { .. } => {
                DatabaseProblem::Other
            }
        }
    }
}

/// How a database is prepared before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preparation {
    /// It is created if it is missing, and migrated.
    Create,
    /// It has to exist, so that a mistyped name does not become a new, empty database. It is migrated.
    Migrate,
    /// It has to exist and to be migrated.
    Unchanged,
}

/// Prepares and opens a database.
pub(crate) async fn open(
    location: &DatabaseLocation,
    preparation: Preparation,
) -> Result<Arc<dyn Store>, DatabaseError> {
    if preparation == Preparation::Migrate {
        // Migrating would create a missing file, so a missing one is refused before.
        schema_state(location).await?;
    }
    if preparation != Preparation::Unchanged {
        migrate(location).await?;
    }
    Ok(match &location.0 {
        DatabaseUrl::Sqlite(path) => {
            Arc::new(SqliteStore::open(path, &SqliteOptions::default()).await?)
        }
        DatabaseUrl::Postgres(url) => {
            Arc::new(PostgresStore::connect(url, &PostgresOptions::default()).await?)
        }
    })
}

/// Migrates a database; creates an `SQLite` file that does not exist. Returns the migrations that were run.
pub(crate) async fn migrate(location: &DatabaseLocation) -> Result<Vec<String>, DatabaseError> {
    let migrated = match &location.0 {
        DatabaseUrl::Sqlite(path) => SqliteStore::migrate(path).await,
        DatabaseUrl::Postgres(url) => PostgresStore::migrate(url).await,
    };
    let Migrated { versions } = migrated?;
    Ok(versions)
}

/// Opens a database that is migrated, to copy its configuration.
pub(crate) async fn archive(
    location: &DatabaseLocation,
) -> Result<Arc<dyn ArchiveStore>, DatabaseError> {
    Ok(match &location.0 {
        DatabaseUrl::Sqlite(path) => {
            Arc::new(SqliteStore::open(path, &SqliteOptions::default()).await?)
        }
        DatabaseUrl::Postgres(url) => {
            Arc::new(PostgresStore::connect(url, &PostgresOptions::default()).await?)
        }
    })
}

/// Checks that a database exists and has the tables of this program, without changing anything.
pub(crate) async fn check_schema(location: &DatabaseLocation) -> Result<(), DatabaseError> {
    match schema_state(location).await? {
        SchemaState::Current => Ok(()),
        state => Err(DatabaseOpenError::Schema(state).into()),
    }
}

async fn schema_state(location: &DatabaseLocation) -> Result<SchemaState, DatabaseOpenError> {
    match &location.0 {
        DatabaseUrl::Sqlite(path) => SqliteStore::schema_state(path).await,
        DatabaseUrl::Postgres(url) => PostgresStore::schema_state(url).await,
    }
}

/// The carrier. `api_url` replaces Twilio's own hosts; `requests_at_once` limits the concurrent
/// requests of one account.
pub(crate) fn carrier(
    api_url: Option<Url>,
    requests_at_once: NonZeroUsize,
    randomness: Arc<dyn Randomness>,
) -> Result<Arc<dyn Carrier>, BuildError> {
    let mut options = TwilioOptions::new(api_url, randomness);
    options.limits.at_once = requests_at_once;
    Ok(Arc::new(TwilioCarrier::new(options)?))
}

/// The system that users migrate from.
pub(crate) async fn legacy_system(
    location: &LegacyLocation,
    map: LegacyMap,
) -> Result<Arc<dyn LegacySystem>, DatabaseError> {
    Ok(Arc::new(PrismaDatabase::connect(&location.0, map.0).await?))
}

/// What is called at agents: decision services, endpoints for messages, chat models, handlers of calls, and voice servers; and
/// the endpoints of subscriptions.
pub(crate) struct Outside {
    pub(crate) decisions: Arc<dyn DecisionService>,
    pub(crate) endpoints: Endpoints,
    pub(crate) chat: Arc<dyn ChatClient>,
    pub(crate) events: Arc<dyn EventEndpoint>,
    pub(crate) handler: Arc<dyn VoiceHandler>,
    pub(crate) probe: Arc<dyn VoiceProbe>,
}

/// The HTTP clients for agents. Requests to the decision services of an organization are signed with its own secrets.
pub(crate) fn outside(
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
    networks: TargetNetworks,
) -> Result<Outside, OutsideError> {
    let network = Network::native(networks).map_err(OutsideError::Network)?;
    let secrets = move |organization: &OrganizationId| {
        let derived = keyring.request_signing_secrets(organization).unwrap_or_default();
        derived.iter().filter_map(|secret| SigningSecret::new(secret.to_vec()).ok()).collect()
    };
    let decisions = HttpDecisionService::new(&network, Box::new(secrets), clock, Limits::default());
    let webhook = HttpMessageEndpoint::new(&network).map_err(OutsideError::Network)?;
    let chat = HttpChatClient::new(&network).map_err(OutsideError::Network)?;
    let twilio = TwilioFormEndpoint::new(&network).map_err(OutsideError::Network)?;
    let events = HttpEventEndpoint::new(&network).map_err(OutsideError::Network)?;
    let handler =
        TwilioFormHandler::new(&network, Limits::default()).map_err(OutsideError::Network)?;
    Ok(Outside {
        decisions: Arc::new(decisions.map_err(OutsideError::Network)?),
        endpoints: Endpoints { webhook: Arc::new(webhook), twilio: Arc::new(twilio) },
        chat: Arc::new(chat),
        events: Arc::new(events),
        handler: Arc::new(handler),
        probe: probe_over(&network)?,
    })
}

/// The health checks of voice servers.
pub(crate) fn voice_probe(networks: TargetNetworks) -> Result<Arc<dyn VoiceProbe>, OutsideError> {
    probe_over(&Network::native(networks).map_err(OutsideError::Network)?)
}

fn probe_over(network: &Network) -> Result<Arc<dyn VoiceProbe>, OutsideError> {
    let probe = SocketVoiceProbe::new(network, SocketVoiceProbe::TIMEOUT);
    Ok(Arc::new(probe.map_err(OutsideError::Network)?))
}

/// Why the HTTP clients for agents cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutsideError {
    /// The client cannot be made.
    #[error("the HTTP client cannot be created")]
    Network(#[source] NetworkError),
}

/// Documents as people write them: routing plans, agents' hours, calendars and lists of numbers. Each function returns
/// all mistakes at once.
pub(crate) struct Documents;

impl Documents {
    /// A stored routing plan as TOML.
    pub(crate) fn toml(plan: &str) -> Result<String, Vec<PlanProblem>> {
        PlanDocuments.toml(plan)
    }

    /// An agent's hours in the form that is stored.
    pub(crate) fn hours(text: &str) -> Result<HoursDocument, Vec<PlanProblem>> {
        PlanDocuments.canonical_hours(text)
    }

    /// The days of a calendar.
    pub(crate) fn calendar(text: &str) -> Result<Vec<DateRange>, Vec<PlanProblem>> {
        PlanDocuments.calendar(text)
    }

    /// The numbers of a list.
    pub(crate) fn numbers(text: &str) -> Result<Vec<PhoneNumber>, Vec<PlanProblem>> {
        PlanDocuments.numbers(text)
    }

    /// The JSON Schema of routing plans.
    pub(crate) fn schema() -> serde_json::Value {
        switchboard_plan_document::schema()
    }
}

/// The reader of stored routing plans.
pub(crate) fn plan_codec() -> Arc<dyn PlanCodec> {
    Arc::new(PlanDocuments)
}

/// The reader of calendars and number lists.
pub(crate) fn material_codec() -> Arc<dyn MaterialCodec> {
    Arc::new(PlanDocuments)
}

/// The reader of the replies of agents' endpoints.
pub(crate) fn reply_codec() -> Arc<dyn ReplyCodec> {
    Arc::new(JsonReplies)
}
