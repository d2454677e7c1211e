//! `switchboard route list …`

use clap::{Args, Subcommand};
use switchboard_application_management::routing_plans::KeepMaterial;
use switchboard_domain::agent::Label;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;

use super::document::{failed, read};
use crate::command_line::input::parse;
use crate::command_line::open::Installation;
use crate::command_line::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::PlanDocuments;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// Make a list of phone numbers, or replace it
    Set(Set),
    /// List the names of all lists
    #[command(after_help = "Example:\n  switchboard route list list")]
    List(Format),
    /// Show the numbers of a list
    Show(Named),
    /// Remove a list that no plan names
    Remove(Named),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route list set vip vip.txt\n  \
    switchboard route list set blocked -\n\n\
    A number a line, with comments behind #; or a JSON array.")]
pub(in crate::command_line) struct Set {
    /// Its name
    name: String,
    /// File with its numbers; - is standard input
    file: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route list show vip\n  switchboard route list remove vip")]
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
    let mut numbers = read("the file", &set.file, set.format, PlanDocuments::numbers)?;
    numbers.sort_unstable();
    numbers.dedup();
    let count = numbers.len();
    let keeping = keeping(settings).await?;
    let kept = keeping.set_list(&Scope::Operator, &name, Some(numbers)).await;
    kept.map_err(failed(set.format))?;
    let view = serde_json::json!({ "name": name.as_str(), "count": count });
    Ok(set.format.print(&view, || format!("list {} has {count} numbers", name.as_str()))?)
}

async fn list(settings: Settings, format: Format) -> Result<(), Failure> {
    let names = keeping(settings).await?.names(&Scope::Operator).await?.lists;
    let names: Vec<&str> = names.iter().map(Label::as_str).collect();
    Ok(format.print(&names, || match names.as_slice() {
        [] => "no lists yet; make one with `switchboard route list set`".to_owned(),
        names => names.join("\n"),
    })?)
}

async fn show(settings: Settings, named: Named) -> Result<(), Failure> {
    let name = parse("the name", &named.name, Label::parse)?;
    let numbers = keeping(settings).await?.list(&Scope::Operator, &name).await?;
    let numbers: Vec<&str> = numbers.iter().map(PhoneNumber::as_str).collect();
    let view = serde_json::json!({ "name": name.as_str(), "numbers": numbers });
    Ok(named.format.print(&view, || numbers.join("\n"))?)
}

async fn remove(settings: Settings, named: Named) -> Result<(), Failure> {
    let name = parse("the name", &named.name, Label::parse)?;
    keeping(settings).await?.set_list(&Scope::Operator, &name, None).await?;
    let removed = serde_json::json!({ "removed": name.as_str() });
    Ok(named.format.print(&removed, || format!("removed list {}", name.as_str()))?)
}
