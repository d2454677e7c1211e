//! The one place that knows every adapter: a database URL becomes the stores behind the ports.

use std::sync::Arc;

use switchboard_agent_http::{
    HttpDecisionService, Limits, Network, NetworkError, SecretLengthError, SigningSecret,
    SocketVoiceProbe,
};
use switchboard_application_carrier::configuration::Carriers;
pub(crate) use switchboard_carrier_twilio::BuildError;
use switchboard_carrier_twilio::{TwilioCarrier, TwilioOptions};
use switchboard_domain::ports::{
    AccountStore, AgentStore, CallStore, CatalogueStore, ChangeStore, Clock, ConfigurationStore,
    DecisionService, EarlierSystem, ImportStore, LeaseStore, LiveCallStore, MessageStore,
    NumberStore, PlanPlaceStore, PlanReader, PlanStore, Randomness, RejectionStore, RouteStore,
    StoreProbe, VerificationStore, VoiceProbe,
};
pub(crate) use switchboard_store_diesel::{
    DatabaseUrl, DatabaseUrlError, Missing, OpenError, PrismaUrl, SchemaState,
};
use switchboard_store_diesel::{
    Migrated, PostgresOptions, PostgresStore, PrismaDatabase, SqliteOptions, SqliteStore,
};

pub(crate) use switchboard_plan_document::{PlanDocuments, schema as plan_schema};

use crate::settings::{Carrier, Database};

/// Everything that is kept, each behind its port.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) agents: Arc<dyn AgentStore>,
    pub(crate) numbers: Arc<dyn NumberStore>,
    pub(crate) routes: Arc<dyn RouteStore>,
    pub(crate) calls: Arc<dyn CallStore>,
    pub(crate) messages: Arc<dyn MessageStore>,
    pub(crate) rejections: Arc<dyn RejectionStore>,
    pub(crate) catalogue: Arc<dyn CatalogueStore>,
    pub(crate) changes: Arc<dyn ChangeStore>,
    pub(crate) configurations: Arc<dyn ConfigurationStore>,
    pub(crate) verifications: Arc<dyn VerificationStore>,
    pub(crate) imports: Arc<dyn ImportStore>,
    pub(crate) leases: Arc<dyn LeaseStore>,
    pub(crate) live_calls: Arc<dyn LiveCallStore>,
    pub(crate) plans: Arc<dyn PlanStore>,
    pub(crate) places: Arc<dyn PlanPlaceStore>,
    pub(crate) probe: Arc<dyn StoreProbe>,
}

/// What a database is opened for, which decides what may be made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve: what is there is brought up to date.
    Serve,
    /// For one command: what is there has to be up to date already.
    Command,
}

/// Opens a database. The default one is made if it is missing, and brought up to date; one that somebody
/// chose has to be there, so that a slip in its name does not become a new empty database.
pub(crate) async fn open(database: &Database, purpose: Purpose) -> Result<Stores, OpenError> {
    if database.is_default {
        migrate(database).await?;
    } else if purpose == Purpose::Serve {
        // A file that is missing is refused here, before it could be made.
        schema_state(database).await?;
        migrate(database).await?;
    }
    match &database.url {
        DatabaseUrl::Sqlite(path) => {
            SqliteStore::open(path, &SqliteOptions::default()).await.map(Stores::over)
        }
        DatabaseUrl::Postgres(url) => {
            PostgresStore::connect(url, &PostgresOptions::default()).await.map(Stores::over)
        }
    }
}

/// Brings a database up to date; an SQLite file that is missing is made.
pub(crate) async fn migrate(database: &Database) -> Result<Migrated, OpenError> {
    match &database.url {
        DatabaseUrl::Sqlite(path) => SqliteStore::migrate(path).await,
        DatabaseUrl::Postgres(url) => PostgresStore::migrate(url).await,
    }
}

/// The carrier, behind its ports.
pub(crate) fn carriers(
    settings: &Carrier,
    randomness: Arc<dyn Randomness>,
) -> Result<Carriers, BuildError> {
    let mut options = TwilioOptions::new(settings.api_url.clone(), randomness);
    options.limits.at_once = settings.requests_at_once;
    TwilioCarrier::new(options).map(|carrier| Carriers::of(&Arc::new(carrier)))
}

/// The system that users come from.
pub(crate) async fn earlier(url: &PrismaUrl) -> Result<Arc<dyn EarlierSystem>, OpenError> {
    PrismaDatabase::connect(url).await.map(|database| Arc::new(database) as _)
}

/// What is asked and looked at outside.
pub(crate) struct Outside {
    pub(crate) decisions: Arc<dyn DecisionService>,
    pub(crate) probe: Arc<dyn VoiceProbe>,
}

/// The ways out to what belongs to agents. Questions are signed with `secret`.
pub(crate) fn outside(secret: &[u8], clock: Arc<dyn Clock>) -> Result<Outside, OutsideError> {
    let network = Network::native().map_err(OutsideError::Network)?;
    let secret = SigningSecret::new(secret.to_owned()).map_err(OutsideError::Secret)?;
    let decisions = HttpDecisionService::new(&network, secret, clock, Limits::default());
    let probe = SocketVoiceProbe::new(&network, SocketVoiceProbe::PATIENCE);
    Ok(Outside {
        decisions: Arc::new(decisions.map_err(OutsideError::Network)?),
        probe: Arc::new(probe.map_err(OutsideError::Network)?),
    })
}

/// Why nothing outside can be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutsideError {
    /// There is no way out.
    #[error("nothing outside can be reached")]
    Network(#[source] NetworkError),
    /// The secret does not do.
    #[error("questions to decision services cannot be signed")]
    Secret(#[source] SecretLengthError),
}

/// What reads the documents of routing plans.
pub(crate) fn plan_reader() -> Arc<dyn PlanReader> {
    Arc::new(PlanDocuments)
}

/// How the tables of a database stand to this program.
pub(crate) async fn schema_state(database: &Database) -> Result<SchemaState, OpenError> {
    match &database.url {
        DatabaseUrl::Sqlite(path) => SqliteStore::schema_state(path).await,
        DatabaseUrl::Postgres(url) => PostgresStore::schema_state(url).await,
    }
}

impl Stores {
    /// One store behind all ports.
    fn over<S>(store: S) -> Self
    where
        S: AccountStore
            + AgentStore
            + CallStore
            + CatalogueStore
            + ChangeStore
            + ConfigurationStore
            + VerificationStore
            + ImportStore
            + LeaseStore
            + LiveCallStore
            + MessageStore
            + NumberStore
            + PlanPlaceStore
            + PlanStore
            + RejectionStore
            + RouteStore
            + StoreProbe
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            accounts: store.clone(),
            agents: store.clone(),
            numbers: store.clone(),
            routes: store.clone(),
            calls: store.clone(),
            messages: store.clone(),
            rejections: store.clone(),
            catalogue: store.clone(),
            changes: store.clone(),
            configurations: store.clone(),
            verifications: store.clone(),
            imports: store.clone(),
            leases: store.clone(),
            live_calls: store.clone(),
            plans: store.clone(),
            places: store.clone(),
            probe: store,
        }
    }
}
