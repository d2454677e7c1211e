//! `switchboard account connect`

use clap::Args;
use serde_json::json;
use switchboard_admin::objects::ConnectLinkObject;
use switchboard_application_carrier::connect::ConnectError;
use switchboard_domain::organization::default_organization;

use super::input::given_organization;
use super::output::Format;
use super::remote::{Client, Known as _, Resource, selected};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const MAKING: &str = "making the link";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard account connect\n  \
    switchboard account connect --organization \"Example Inc\" --json\n\n\
    Send the link to the customer. It can be used once, for an hour. The customer authorizes the Connect app at Twilio, and the account \
    is added to the organization; no auth token is exchanged. Requires TWILIO_CONNECT_APP_SID.")]
pub(super) struct Options {
    /// The organization that gets the account, by its id or name. Without it, the default organization
    #[arg(long)]
    organization: Option<String>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let Options { organization, format } = options;
    let installation = Installation::open(settings).await?;
    let organization =
        given_organization(&installation, "--organization", organization.as_deref()).await?;
    let organization = organization.unwrap_or_else(default_organization);
    let inviting = installation.inviting().await?;
    let invited = inviting.invite(&installation.author(), organization).await;
    print(&ConnectLinkObject::of(&invited.doing(MAKING)?), format)
}

/// The same through the API of a running server, in the organization of the key if no other one is named.
pub(super) async fn run_remotely(client: &Client, options: Options) -> Result<(), Failure> {
    let Options { organization, format } = options;
    let client = &selected(client, organization.as_deref()).await?;
    let made = client.post(&Resource::of(&["connect", "links"]), &json!({})).await;
    let made = made
        .known(|code| (code == "connect_not_configured").then_some(ConnectError::NotConfigured));
    print(&made.doing(MAKING)?, format)
}

fn print(link: &ConnectLinkObject, format: Format) -> Result<(), Failure> {
    format.print(link, || format!("{}\nit can be used once, until {}", link.url, link.expires_at))
}
