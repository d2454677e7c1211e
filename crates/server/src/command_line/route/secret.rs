//! `switchboard route secret`

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

/// Prints the secret in the form of Standard Webhooks 1.0 ("Signing secret").
pub(super) async fn run(settings: Settings, format: Format) -> Result<(), Failure> {
    let sealer = Installation::open(settings).await?.sealer().await?;
    let secret = sealer.keyring.request_signing_secret();
    let secret = secret.doing("deriving the secret")?;
    let text = Zeroizing::new(format!("whsec_{}", STANDARD.encode(&*secret)));
    format.print(&serde_json::json!({ "secret": &*text }), || (*text).clone())
}
