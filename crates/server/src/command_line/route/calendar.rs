//! `switchboard route calendar …`

use clap::{Args, Subcommand};
use switchboard_application_management::routing_plans::KeepMaterial;
use switchboard_domain::agent::Label;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::plan::DateRange;

use super::document::{failed, read};
use crate::command_line::input::parse;
use crate::command_line::open::Installation;
use crate::command_line::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::PlanDocuments;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// Make a calendar, or replace it
    Set(Set),
    /// List the names of all calendars
    #[command(after_help = "Example:\n  switchboard route calendar list")]
    List(Format),
    /// Show the days of a calendar
    Show(Named),
    /// Remove a calendar that no plan names
    Remove(Named),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route calendar set us-holidays holidays.txt\n  \
    switchboard route calendar set us-holidays -\n\n\
    A day or a range (2026-12-24..2027-01-01) a line, with comments behind #; or a JSON array.")]
pub(in crate::command_line) struct Set {
    /// Its name
    name: String,
    /// File with its days; - is standard input
    file: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route calendar show us-holidays\n  switchboard route calendar remove us-holidays")]
pub(in crate::command_line) struct Named {
    /// Its name
    name: String,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Set(set) => self::set(settings, set).await,
        Command::List(format) => list(settings, format).await,
        Command::Show(named) => show(settings, named).await,
        Command::Remove(named) => remove(settings, named).await,
    }
}

async fn keeping(settings: Settings) -> Result<KeepMaterial, Failure> {
    let sources = Installation::open(settings).await?.plan_sources();
    Ok(KeepMaterial { sources, organization: default_organization() })
}

async fn set(settings: Settings, set: Set) -> Result<(), Failure> {
    let name = parse("the name", &set.name, Label::parse)?;
    let days = read("the file", &set.file, set.format, PlanDocuments::calendar)?;
    let view = json(&name, &days);
    let count = days.len();
    let keeping = keeping(settings).await?;
    let kept = keeping.set_calendar(&Scope::Operator, &name, Some(days)).await;
    kept.map_err(failed(set.format))?;
    Ok(set.format.print(&view, || format!("calendar {} has {count} entries", name.as_str()))?)
}

async fn list(settings: Settings, format: Format) -> Result<(), Failure> {
    let names = keeping(settings).await?.names(&Scope::Operator).await?.calendars;
    let names: Vec<&str> = names.iter().map(Label::as_str).collect();
    Ok(format.print(&names, || match names.as_slice() {
        [] => "no calendars yet; make one with `switchboard route calendar set`".to_owned(),
        names => names.join("\n"),
    })?)
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let name = parse("the name", &named.name, Label::parse)?;
    let days = keeping(settings).await?.calendar(&Scope::Operator, &name).await?;
    let lines = || days.iter().map(|range| line(*range)).collect::<Vec<_>>().join("\n");
    Ok(named.format.print(&json(&name, &days), lines)?)
}

async fn remove(settings: Settings, named: Named) -> Result<(), Failure> {
    let name = parse("the name", &named.name, Label::parse)?;
    keeping(settings).await?.set_calendar(&Scope::Operator, &name, None).await?;
    let removed = serde_json::json!({ "removed": name.as_str() });
    Ok(named.format.print(&removed, || format!("removed calendar {}", name.as_str()))?)
}

/// A line as `set` reads it.
fn line(range: DateRange) -> String {
    if range.first() == range.last() {
        range.first().to_string()
    } else {
        format!("{}..{}", range.first(), range.last())
    }
}

/// The days as plans write them.
fn json(name: &Label, days: &[DateRange]) -> serde_json::Value {
    let day = |range: &DateRange| {
        if range.first() == range.last() {
            serde_json::json!(range.first().to_string())
        } else {
            serde_json::json!({ "from": range.first().to_string(), "to": range.last().to_string() })
        }
    };
    serde_json::json!({ "name": name.as_str(), "days": days.iter().map(day).collect::<Vec<_>>() })
}
