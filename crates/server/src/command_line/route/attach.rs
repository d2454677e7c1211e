//! `switchboard route attach` and `detach`

use clap::Args;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{PlanPlace, SavedPlan};
use switchboard_domain::sid::AccountSid;

use super::document::failed;
use crate::command_line::input::{account_sid, parse_given};
use crate::command_line::output::Format;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route attach 'Front desk' --number +14155550100\n  \
    switchboard route attach 'Front desk' --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard route attach 'Front desk' --organization\n\n\
    A number uses its own plan. Without one, it uses the plan of its account, or else the plan of the organization.")]
pub(in crate::command_line) struct Attach {
    /// The plan's id or name
    plan: String,
    #[command(flatten)]
    place: PlaceOptions,
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
    place: PlaceOptions,
    #[command(flatten)]
    format: Format,
}

/// What a plan is attached to: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct PlaceOptions {
    /// A number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// The numbers of an account, except those with their own plan
    #[arg(long, value_name = "AC…")]
    account: Option<String>,
    /// All numbers, except those with their own plan or a plan of their account
    #[arg(long)]
    organization: bool,
}

/// What a plan is attached to; the organization is that of the plan.
enum Place {
    Number(PhoneNumber),
    Account(AccountSid),
    Organization,
}

impl PlaceOptions {
    fn parse(&self) -> Result<Place, Failure> {
        let number = parse_given("--number", self.number.as_deref(), PhoneNumber::parse_typed)?;
        let account = parse_given("--account", self.account.as_deref(), account_sid)?;
        Ok(match (number, account) {
            (Some(number), _) => Place::Number(number),
            (None, Some(account)) => Place::Account(account),
            (None, None) => Place::Organization,
        })
    }
}

impl Place {
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
    let target = attach.place.parse()?;
    let installation = Installation::open(settings).await?;
    let place = |plan: &SavedPlan| match &target {
        Place::Number(number) => PlanPlace::Number(*number),
        Place::Account(account) => PlanPlace::Account(*account),
        Place::Organization => PlanPlace::Organization(plan.organization.clone()),
    };
    let attached = installation.plans().attach(&Scope::Operator, &attach.plan, place).await;
    let plan = attached.map_err(failed(attach.format, "attaching the routing plan"))?;
    let view = serde_json::json!({
        "attached": plan.id.as_str(), "name": plan.name.as_str(), "to": target.json(),
    });
    attach.format.print(&view, || {
        format!("attached plan {} ({}) to {}", plan.name.as_str(), plan.id, target.text())
    })
}

pub(super) async fn detach(settings: Settings, detach: Detach) -> Result<(), Failure> {
    let target = detach.place.parse()?;
    let installation = Installation::open(settings).await?;
    let place = match &target {
        Place::Number(number) => PlanPlace::Number(*number),
        Place::Account(account) => PlanPlace::Account(*account),
        Place::Organization => PlanPlace::Organization(default_organization()),
    };
    let detached = installation.plans().detach(&Scope::Operator, &place).await;
    detached.map_err(failed(detach.format, "detaching the routing plan"))?;
    let view = serde_json::json!({ "detached": target.json() });
    detach.format.print(&view, || format!("detached the plan of {}", target.text()))
}
