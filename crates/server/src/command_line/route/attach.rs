//! `switchboard route attach` and `detach`

pub(super) mod remote;

use std::fmt::Write as _;

use clap::Args;
use switchboard_admin::objects::{AttachedPlanObject, PlanPlaceObject};
use switchboard_application_management::routing_plans::{AttachPlan, Attachments, decided_by};
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{ConfiguredNumber, PlanPlace, SavedPlan};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::document::failed;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::input::{given_account, parse_given};
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LOOKING_UP: &str = "looking up what the plan is attached to";
const ATTACHING: &str = "attaching the routing plan";
const DETACHING: &str = "detaching the routing plan";
const READING_PLACES: &str = "reading what plans are attached to";
const READING_NUMBERS: &str = "reading the numbers of the plan";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route attach 'Front desk' --number +14155550100\n  \
    switchboard route attach 'Front desk' --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard route attach 'Front desk' --organization --dry-run\n\n\
    A number uses its own plan. Without one, it uses the plan of its account, or else the plan of the organization.")]
pub(in crate::command_line) struct Attach {
    /// The plan's id or name
    plan: String,
    #[command(flatten)]
    place: PlaceOptions,
    /// Show for which numbers the plan would decide and who answers them now, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route detach --number +14155550100\n  \
    switchboard route detach --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard route detach --organization --dry-run\n  \
    switchboard route detach --organization --yes")]
pub(in crate::command_line) struct Detach {
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    confirmation: Confirmation,
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
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// All numbers, except those with their own plan or a plan of their account
    #[arg(long)]
    organization: bool,
}

/// What a plan is attached to; the organization is that of the plan.
enum Place {
    Number(Sender),
    Account(AccountSid),
    Organization,
}

impl PlaceOptions {
    async fn place(&self, installation: &Installation) -> Result<Place, Failure> {
        let number = parse_given("--number", self.number.as_deref(), Sender::parse_typed)?;
        let account = given_account(installation, "--account", self.account.as_deref()).await?;
        Ok(match (number, account) {
            (Some(number), _) => Place::Number(number),
            (None, Some(account)) => Place::Account(account),
            (None, None) => Place::Organization,
        })
    }
}

impl Place {
    /// Where the plan is looked up by its name: in the organization that owns the place.
    async fn scope(&self, installation: &Installation) -> Result<Scope, Failure> {
        let store = installation.store.as_ref();
        let owner = match self {
            Self::Number(number) => {
                let found = store.numbers().find(&Scope::Operator, *number).await;
                found.doing(LOOKING_UP)?.map(|number| number.organization)
            }
            Self::Account(account) => {
                let found = store.accounts().find(&Scope::Operator, *account).await;
                found.doing(LOOKING_UP)?.map(|account| account.organization)
            }
            Self::Organization => None,
        };
        Ok(owner.map_or(Scope::Operator, Scope::Organization))
    }

    /// The place, if the organization is this one.
    fn in_organization(&self, organization: OrganizationId) -> PlanPlace {
        match self {
            Self::Number(number) => PlanPlace::Number(*number),
            Self::Account(account) => PlanPlace::Account(*account),
            Self::Organization => PlanPlace::Organization(organization),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.as_str().to_owned(),
            Self::Account(account) => format!("account {account}"),
            Self::Organization => "the organization".to_owned(),
        }
    }
}

pub(super) async fn attach(settings: Settings, attach: Attach) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let target = attach.place.place(&installation).await?;
    let place = |plan: &SavedPlan| target.in_organization(plan.organization.clone());
    let (plans, store) = (installation.plans(), installation.store.as_ref());
    let attaching = AttachPlan { plans: &plans, store };
    let doing = failed(attach.format, ATTACHING);
    let author = installation.author().within(target.scope(&installation).await?);
    let view = if attach.dry_run {
        let planned = attaching.preview(&author, &attach.plan, place).await;
        AttachedPlanObject::planned(&planned.map_err(doing)?)
    } else {
        let attached = attaching.attach(&author, &attach.plan, place).await;
        AttachedPlanObject::of(&attached.map_err(doing)?)
    };
    attach.format.print(&view, || attached_lines(&view, &target))
}

/// What was attached or would be, with its impact, for people.
fn attached_lines(view: &AttachedPlanObject, target: &Place) -> String {
    let (name, id, target) = (&view.name, &view.attached, target.text());
    let (attached, decides, nobody) = if view.dry_run {
        let attached = format!("plan {name} ({id}) would be attached to {target}");
        (attached, "it would decide for", "that nobody answers")
    } else {
        let attached = format!("attached plan {name} ({id}) to {target}");
        (attached, "it decides for", "that nobody answered")
    };
    let before = &view.answered_before;
    let parts = [
        (before.agent, "in place of their assigned agents"),
        (before.other_plan, "in place of another plan"),
        (before.nobody, nobody),
        (before.plan, "as before"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, part)| format!("{count} {part}")).collect();
    let mut lines = vec![attached, format!("{decides} {}", counted(view.numbers, "number"))];
    if !parts.is_empty() {
        let _written = write!(lines[1], ": {}", parts.join(", "));
    }
    if view.not_configured > 0 {
        lines.push(format!(
            "not configured at Twilio yet: {}; configure with `switchboard webhooks fix`{}",
            counted(view.not_configured, "number"),
            if view.dry_run { " after attaching it" } else { "" }
        ));
    }
    lines.join("\n")
}

pub(super) async fn detach(settings: Settings, detach: Detach) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let target = detach.place.place(&installation).await?;
    let place = target.in_organization(default_organization());
    let impact = impact(&installation, &place, &target).await?;
    if !detach.allows(impact, &target)? {
        return Ok(());
    }
    let detached = installation.plans().detach(&installation.author(), &place).await;
    detached.map_err(failed(detach.format, DETACHING))?;
    print_detached(&place, &target, detach.format)
}

impl Detach {
    /// Whether the plan may be detached, with this impact. Without a plan there is nothing to lose.
    fn allows(&self, impact: Option<Vec<String>>, target: &Place) -> Result<bool, Failure> {
        match impact {
            Some(impact) => self.confirmation.allows(&impact, self.format),
            None if self.confirmation.is_dry_run() => {
                let nothing =
                    format!("no plan is attached to {}, and nothing is changed", target.text());
                self.confirmation.allows(&[nothing], self.format)
            }
            None => Ok(true),
        }
    }
}

fn print_detached(place: &PlanPlace, target: &Place, format: Format) -> Result<(), Failure> {
    let view = serde_json::json!({ "detached": PlanPlaceObject::of(place) });
    format.print(&view, || format!("detached the plan of {}", target.text()))
}

/// Who answers the numbers of a plan after it is detached, by the number of numbers.
#[derive(Clone, Copy, Default)]
struct After {
    plans: usize,
    agents: usize,
    nobody: usize,
}

impl After {
    /// What detaching a plan changes.
    fn lines(self, plan: &str, target: &Place) -> Vec<String> {
        let Self { plans, agents, nobody } = self;
        let mut lines = vec![format!(
            "plan {plan} of {} no longer decides for {}",
            target.text(),
            counted(plans + agents + nobody, "number")
        )];
        let then = [
            (plans, "another plan decides for"),
            (agents, "their assigned agents answer"),
            (nobody, "nobody answers"),
        ];
        let then = then.into_iter().filter(|(count, _)| *count > 0);
        lines.extend(then.map(|(count, who)| format!("{who} {}", counted(count, "number"))));
        lines
    }
}

/// What detaching changes; `None` if no plan is attached to the place.
async fn impact(
    installation: &Installation,
    place: &PlanPlace,
    target: &Place,
) -> Result<Option<Vec<String>>, Failure> {
    let store = installation.store.as_ref();
    let attachments = Attachments::read(&Scope::Operator, store.plans(), store.plan_places()).await;
    let attachments = attachments.doing(READING_PLACES)?;
    let Some(plan) = attachments.at(place).cloned() else { return Ok(None) };
    let after = attachments.without(place);
    let mut then = After::default();
    for configured in decided(installation, place).await? {
        let number = &configured.number;
        match after.nearest(number.sender, number.account, &number.organization) {
            Some(_) => then.plans += 1,
            None if number.assignment.is_some() => then.agents += 1,
            None => then.nobody += 1,
        }
    }
    Ok(Some(then.lines(plan.as_str(), target)))
}

/// The numbers for which the plan of this place decides.
async fn decided(
    installation: &Installation,
    place: &PlanPlace,
) -> Result<Vec<ConfiguredNumber>, Failure> {
    let configurations = installation.store.configurations();
    let decided = decided_by(configurations, &Scope::Operator, place).await;
    decided.doing(READING_NUMBERS)
}
