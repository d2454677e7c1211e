//! `switchboard route secret`

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use switchboard_domain::organization::default_organization;
use zeroize::Zeroizing;

use crate::command_line::input::given_organization;
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

/// `route secret`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The organization of the decision services, by its id or name [default: the default organization]
    #[arg(long)]
    organization: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Prints the secret in the form of Standard Webhooks 1.0 ("Signing secret").
pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let organization = options.organization.as_deref();
    let organization = given_organization(&installation, "--organization", organization).await?;
    let organization = organization.unwrap_or_else(default_organization);
    let sealer = installation.sealer().await?;
    let secrets = sealer.keyring.request_signing_secrets(&organization);
    let secrets = secrets.doing("deriving the secret")?;
    // The first key's: the others sign only until they are removed.
    let secret = secrets.first().map(|secret| STANDARD.encode(&**secret)).unwrap_or_default();
    let text = Zeroizing::new(format!("whsec_{secret}"));
    let json = serde_json::json!({ "organization": organization.as_str(), "secret": &*text });
    options.format.print(&json, || (*text).clone())
}
