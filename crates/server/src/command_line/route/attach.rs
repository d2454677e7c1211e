//! `switchboard route attach` and `detach`

use clap::Args;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{PlanPlace, SavedPlan};
use switchboard_domain::sid::AccountSid;

use super::document::failed;
use crate::command_line::input::{account_sid, parse_given};
use crate::command_line::open::Installation;
use crate::command_line::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route attach 'Front desk' --number +14155550100\n  \
    switchboard route attach 'Front desk' --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard route attach 'Front desk' --organization\n\n\
    The nearest plan decides for a number: its own, else its account's, else the organization's.")]
pub(in crate::command_line) struct Attach {
    /// The plan's id or name
    plan: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route detach --number +14155550100\n  \
    switchboard route detach --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard route detach --organization")]
pub(in crate::command_line) struct Detach {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    format: Format,
}

/// One of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// One number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// All numbers of an account without a plan of their own
    #[arg(long, value_name = "AC…")]
    account: Option<String>,
    /// All numbers without a nearer plan
    #[arg(long)]
    organization: bool,
}

/// A place, of which the organization may be left to the plan.
enum Meant {
    Number(PhoneNumber),
    Account(AccountSid),
    Organization,
}

impl Place {
    fn parse(&self) -> Result<Meant, Failure> {
        let number = parse_given("--number", self.number.as_deref(), PhoneNumber::parse_typed)?;
        let account = parse_given("--account", self.account.as_deref(), account_sid)?;
        Ok(match (number, account) {
            (Some(number), _) => Meant::Number(number),
            (None, Some(account)) => Meant::Account(account),
            (None, None) => Meant::Organization,
        })
    }
}

impl Meant {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.as_str().to_owned(),
            Self::Account(account) => format!("account {account}"),
            Self::Organization => "the organization".to_owned(),
        }
    }

    fn json(&self) -> serde_json::Value {
        match self {
            Self::Number(number) => serde_json::json!({ "number": number.as_str() }),
            Self::Account(account) => serde_json::json!({ "account": account.as_str() }),
            Self::Organization => serde_json::json!({ "organization": true }),
        }
    }
}

pub(super) async fn attach(settings: Settings, attach: Attach) -> Result<(), Failure> {
    let meant = attach.place.parse()?;
    let installation = Installation::open(settings).await?;
    let place = |plan: &SavedPlan| match &meant {
        Meant::Number(number) => PlanPlace::Number(*number),
        Meant::Account(account) => PlanPlace::Account(*account),
        Meant::Organization => PlanPlace::Organization(plan.organization.clone()),
    };
    let attached = installation.attaching().attach(&Scope::Operator, &attach.plan, place).await;
    let plan = attached.map_err(failed(attach.format))?;
    let view = serde_json::json!({
        "attached": plan.id.as_str(), "name": plan.name.as_str(), "to": meant.json(),
    });
    Ok(attach.format.print(&view, || {
        format!("plan {} ({}) now decides for {}", plan.name.as_str(), plan.id, meant.text())
    })?)
}

pub(super) async fn detach(settings: Settings, detach: Detach) -> Result<(), Failure> {
    let meant = detach.place.parse()?;
    let installation = Installation::open(settings).await?;
    let place = match &meant {
        Meant::Number(number) => PlanPlace::Number(*number),
        Meant::Account(account) => PlanPlace::Account(*account),
        Meant::Organization => PlanPlace::Organization(default_organization()),
    };
    let detached = installation.attaching().detach(&Scope::Operator, &place).await;
    detached.map_err(failed(detach.format))?;
    let view = serde_json::json!({ "detached": meant.json() });
    Ok(detach.format.print(&view, || format!("{} has no plan of its own now", meant.text()))?)
}
