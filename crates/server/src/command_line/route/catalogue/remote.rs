//! Calendars and lists of numbers through the API

use serde::de::DeserializeOwned;
use switchboard_admin::objects::{CalendarDayObject, CalendarObject, NumberListObject};
use switchboard_application_management::nearest;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::agent::Label;
use switchboard_domain::ports::Entity;

use super::{EntriesView, Kind};
use crate::command_line::input::parse;
use crate::command_line::output::{Format, ListWriter, View as _};
use crate::command_line::remote::{Client, Resource};
use crate::failure::{Doing as _, Failure};

impl Kind {
    /// The calendars or lists at the API.
    fn all(self) -> Resource {
        match self {
            Self::Calendar => Resource::of(&["calendars"]),
            Self::List => Resource::of(&["lists"]),
        }
    }

    const fn entity(self) -> Entity {
        match self {
            Self::Calendar => Entity::Calendar,
            Self::List => Entity::List,
        }
    }
}

/// All of the kind, without their entries.
async fn all(client: &Client, kind: Kind, doing: &str) -> Result<Vec<EntriesView>, Failure> {
    Ok(match kind {
        Kind::Calendar => {
            let all = client.all(&kind.all()).await.doing(doing)?;
            all.into_iter().map(EntriesView::Calendar).collect()
        }
        Kind::List => {
            let all = client.all(&kind.all()).await.doing(doing)?;
            all.into_iter().map(EntriesView::List).collect()
        }
    })
}

pub(in crate::command_line::route) async fn list(
    client: &Client,
    kind: Kind,
    format: Format,
) -> Result<(), Failure> {
    let views = all(client, kind, &kind.listing()).await?;
    if !format.json && !views.is_empty() {
        let names: Vec<_> = views.iter().map(|view| view.cells().concat()).collect();
        return format.print(&(), || names.join("\n"));
    }
    let mut listing = ListWriter::stdout(format);
    listing.page(&views)?;
    listing.end(&kind.empty())
}

pub(in crate::command_line::route) async fn show(
    client: &Client,
    kind: Kind,
    name: &str,
    format: Format,
) -> Result<(), Failure> {
    let name = parse("the name", name, Label::parse)?;
    match kind {
        Kind::Calendar => {
            let stored = Resource::of(&["calendars", name.as_str()]);
            let calendar: CalendarObject =
                found(client, kind, name, &stored, "calendar_not_found").await?;
            let days = calendar.days.iter().flatten();
            format.print(&calendar, || days.map(line).collect::<Vec<_>>().join("\n"))
        }
        Kind::List => {
            let stored = Resource::of(&["lists", name.as_str()]).with("reveal", "true");
            let list: NumberListObject =
                found(client, kind, name, &stored, "list_not_found").await?;
            let numbers = list.numbers.iter().flatten();
            format.print(&list, || numbers.map(String::as_str).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// A calendar or list that exists.
async fn found<T: DeserializeOwned>(
    client: &Client,
    kind: Kind,
    name: Label,
    stored: &Resource,
    missing: &str,
) -> Result<T, Failure> {
    let doing = kind.showing();
    if let Some(found) = client.find(stored, missing).await.doing(doing)? {
        return Ok(found);
    }
    let names = all(client, kind, doing).await?.into_iter().map(|view| view.cells().concat());
    let near = nearest(name.as_str(), names);
    Err(PlanError::MaterialUnknown { entity: kind.entity(), name, near }).doing(doing)
}

/// A day or range, as `set` reads it.
fn line(day: &CalendarDayObject) -> String {
    match day {
        CalendarDayObject::Day(day) => day.clone(),
        CalendarDayObject::Range { from, to } => format!("{from}..{to}"),
    }
}
