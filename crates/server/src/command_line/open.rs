//! What commands work with: the stores, opened, and the keys when they are needed.

use switchboard_application_management::TokenSealer;

use crate::ambient::Ambient;
use crate::encryption_keys;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::{self, Purpose, Stores};

/// An installation that a command works on.
pub(crate) struct Installation {
    pub(crate) settings: Settings,
    pub(crate) stores: Stores,
    pub(crate) ambient: Ambient,
}

impl Installation {
    /// Opens the stores, which have to be there unless they are those of the default path.
    pub(super) async fn open(settings: Settings) -> Result<Self, Failure> {
        Self::open_for(settings, Purpose::Command).await
    }

    /// Opens the stores for a purpose.
    pub(crate) async fn open_for(settings: Settings, purpose: Purpose) -> Result<Self, Failure> {
        let stores = wiring::open(&settings.database, purpose).await?;
        Ok(Self { settings, stores, ambient: Ambient::system() })
    }

    /// The keys, for commands that seal or open tokens.
    pub(crate) async fn sealer(&self) -> Result<TokenSealer, Failure> {
        let (accounts, randomness) = (self.stores.accounts.as_ref(), &self.ambient.randomness);
        let keyring =
            encryption_keys::keyring(&self.settings, accounts, randomness.as_ref()).await?;
        Ok(TokenSealer { keyring, randomness: randomness.clone() })
    }
}
