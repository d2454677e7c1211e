//! What commands and the server work with: settings, stores, clock, randomness and encryption keys.

use switchboard_application_management::TokenSealer;

use crate::ambient::Ambient;
use crate::encryption_keys;
use crate::failure::{Doing as _, Failure};
use crate::settings::Settings;
use crate::wiring::{self, Purpose, Stores};

/// An installation: its settings, and its database, opened.
pub(crate) struct Installation {
    pub(crate) settings: Settings,
    pub(crate) stores: Stores,
    pub(crate) ambient: Ambient,
}

impl Installation {
    /// Opens the database for one command. It has to exist and be migrated, unless it is the default one.
    pub(crate) async fn open(settings: Settings) -> Result<Self, Failure> {
        Self::open_for(settings, Purpose::Command).await
    }

    /// Opens the database for a purpose.
    pub(crate) async fn open_for(settings: Settings, purpose: Purpose) -> Result<Self, Failure> {
        let database = &settings.database;
        let stores = wiring::open(&database.location, database.is_default, purpose).await;
        let stores = stores.doing("opening the database")?;
        Ok(Self { settings, stores, ambient: Ambient::system() })
    }

    /// The encryption keys, for commands that encrypt or decrypt tokens.
    pub(crate) async fn sealer(&self) -> Result<TokenSealer, Failure> {
        let (accounts, randomness) = (self.stores.accounts.as_ref(), &self.ambient.randomness);
        let keyring = encryption_keys::keyring(&self.settings, accounts, randomness.as_ref()).await;
        let keyring = keyring.doing("loading the encryption keys")?;
        Ok(TokenSealer { keyring, randomness: randomness.clone() })
    }
}
