//! The one place that knows every adapter: a database URL becomes the stores behind the ports.

use std::sync::Arc;

use switchboard_application::webhooks::Carriers;
pub(crate) use switchboard_carrier_twilio::BuildError;
use switchboard_carrier_twilio::{TwilioCarrier, TwilioOptions};
use switchboard_domain::ports::{
    AccountStore, AgentStore, CallStore, ChangeStore, ConfigurationStore, EarlierSystem,
    EvidenceStore, ImportStore, LeaseStore, MessageStore, NumberStore, Randomness, RejectionStore,
    RouteStore, StoreProbe,
};
pub(crate) use switchboard_store_diesel::{
    DatabaseUrl, DatabaseUrlError, OpenError, PrismaUrl, SchemaState,
};
use switchboard_store_diesel::{
    Migrated, PostgresOptions, PostgresStore, PrismaDatabase, SqliteOptions, SqliteStore,
};

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
    pub(crate) changes: Arc<dyn ChangeStore>,
    pub(crate) configurations: Arc<dyn ConfigurationStore>,
    pub(crate) evidence: Arc<dyn EvidenceStore>,
    pub(crate) imports: Arc<dyn ImportStore>,
    pub(crate) leases: Arc<dyn LeaseStore>,
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
            + ChangeStore
            + ConfigurationStore
            + EvidenceStore
            + ImportStore
            + LeaseStore
            + MessageStore
            + NumberStore
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
            changes: store.clone(),
            configurations: store.clone(),
            evidence: store.clone(),
            imports: store.clone(),
            leases: store.clone(),
            probe: store,
        }
    }
}
