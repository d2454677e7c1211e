//! `switchboard route plan save`

pub(super) mod remote;

use clap::Args;
use switchboard_admin::objects::{PlanImpactObject, PlanObject, SavedPlanObject};
use switchboard_application_management::routing_plans::{NewVersion, Replayed, TouchPlan};
use switchboard_domain::agent::Label;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::plan::PlanDocument;

use super::document::{failed, read};
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::command_line::progress::{Done, during};
use crate::failure::{Doing as _, Failure, warn};
use crate::installation::Installation;
use crate::settings::Settings;

const SAVING: &str = "saving the routing plan";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route plan save plan.json --name 'Front desk'\n  \
    switchboard route plan save plan.toml --plan 'Front desk' --dry-run\n  \
    switchboard route plan save - --plan 'Front desk' --author ci --json")]
pub(in crate::command_line) struct Save {
    /// The document in JSON or TOML (- for standard input)
    file: String,
    /// The name; by default the one in the document
    #[arg(long)]
    name: Option<String>,
    /// Save the next version of this plan (id or name) instead of a new plan
    #[arg(long, value_name = "ID|NAME")]
    plan: Option<String>,
    #[command(flatten)]
    author: Author,
    /// Check the document and show what it would affect; save nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

/// The author of a version.
#[derive(Debug, Args)]
pub(in crate::command_line) struct Author {
    /// The author, which organizations see; by default "operator"
    #[arg(long, value_name = "WHO")]
    author: Option<String>,
}

impl Author {
    pub(super) fn parse(&self) -> Result<Label, Failure> {
        if let Some(author) = &self.author {
            return parse("--author", author, Label::parse);
        }
        // Organizations see the author. The user of the operating system is in the audit log only.
        Label::parse("operator").doing("naming the author")
    }

    /// The author, if one is given. Otherwise, the API names one.
    pub(super) fn given(&self) -> Result<Option<Label>, Failure> {
        parse_given("--author", self.author.as_deref(), Label::parse)
    }
}

pub(super) async fn save(settings: Settings, save: Save) -> Result<(), Failure> {
    let Save { file, name, plan, author, dry_run, format } = save;
    let new = NewVersion {
        organization: default_organization(),
        name: parse_given("--name", name.as_deref(), Label::parse)?,
        author: author.parse()?,
        document: read("the plan", &file, format, |text| Ok(PlanDocument::from(text)))?,
        plan,
    };
    let installation = Installation::open(settings).await?;
    let saving = installation.plans();
    let prepared = saving.prepare(&Scope::Operator, new).await.map_err(failed(format, SAVING))?;
    let version = &prepared.version;
    if let Some(before) = &prepared.same {
        let plan = PlanObject::of(before);
        let view = SavedPlanObject { plan, saved: false, touches: None };
        return format.print(&view, || same(&view.plan));
    }
    let touching = TouchPlan { replay: installation.replaying() };
    let (done, at) = (Done::default(), version.saved_at);
    let replayed = |counts: &Replayed| done.set(counts.records());
    let work = touching.of(&Scope::Operator, version, &prepared.plan, at, replayed);
    let touched = during("replaying the calls and messages of the last week", &done, work).await;
    if !dry_run {
        saving.save(&installation.author(), version).await.map_err(failed(format, SAVING))?;
    }
    // The impact is information only: recorded calls that cannot be read must not prevent a change of the plan.
    let touched = match touched {
        Ok(touched) => Some(PlanImpactObject::of(&touched).with_replayed(&touched.replayed)),
        Err(error) => {
            warn(&error);
            None
        }
    };
    let plan = PlanObject::of(version);
    let plan = if dry_run { plan.unsaved() } else { plan };
    let view = SavedPlanObject { plan, saved: !dry_run, touches: touched };
    format.print(&view, || saved(&view))
}

/// The newest version of a plan, which is the same.
fn same(PlanObject { id, name, version, .. }: &PlanObject) -> String {
    let id = id.as_deref().unwrap_or_default();
    format!("plan {name} ({id}) is the same as version {version}; nothing was saved")
}

/// What was saved, or would be.
fn saved(view: &SavedPlanObject) -> String {
    let PlanObject { id, name, version, .. } = &view.plan;
    let id = id.as_deref().unwrap_or_default();
    let done = match (view.saved, *version) {
        (false, 1) => format!("plan {name} is valid; nothing was saved"),
        (false, version) => {
            format!("version {version} of plan {name} ({id}) is valid; nothing was saved")
        }
        (true, 1) => format!("saved plan {name} ({id})"),
        (true, version) => format!("saved version {version} of plan {name} ({id})"),
    };
    match &view.touches {
        Some(impact) => {
            let would = if view.saved { "are now" } else { "would be" };
            format!("{done}\n{}", applies_to(impact, would))
        }
        None => done,
    }
}

/// What a plan applies to. `would` is the verb of what is decided differently.
fn applies_to(impact: &PlanImpactObject, would: &str) -> String {
    let PlanImpactObject { organization, accounts, numbers, calls, messages, changed } = impact;
    if !organization && accounts.is_empty() && *numbers == 0 {
        return "it is not attached yet; attach it with `switchboard route attach`".to_owned();
    }
    let default = if *organization { ", and is the default of the organization" } else { "" };
    let accounts = match accounts.as_slice() {
        [] => String::new(),
        accounts => format!(
            ", among them those of {} {}",
            if accounts.len() == 1 { "account" } else { "accounts" },
            accounts.join(", ")
        ),
    };
    let applies = format!("it applies to {}{accounts}{default}", counted(*numbers, "number"));
    let (Some(calls), Some(messages), Some(changed)) = (calls, messages, changed) else {
        return applies;
    };
    format!(
        "{applies}\nof {} and {} in the last seven days, {changed} {would} decided differently",
        counted(*calls, "call"),
        counted(*messages, "message")
    )
}
