//! `switchboard route secret`

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::command_line::open::Installation;
use crate::command_line::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;

/// Prints the secret in the form that receivers' libraries take (Standard Webhooks 1.0, "Signing secret").
pub(super) async fn run(settings: Settings, format: Format) -> Result<(), Failure> {
    let sealer = Installation::open(settings).await?.sealer().await?;
    let secret = sealer.keyring.request_signing_secret()?;
    let text = Zeroizing::new(format!("whsec_{}", STANDARD.encode(&*secret)));
    Ok(format.print(&serde_json::json!({ "secret": &*text }), || (*text).clone())?)
}
