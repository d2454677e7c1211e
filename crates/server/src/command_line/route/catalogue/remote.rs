//! Calendars and lists of numbers through the API

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;
use switchboard_admin::objects::{CalendarDayObject, CalendarObject, NumberListObject};
use switchboard_application_management::nearest;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::agent::Label;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Entity;

use super::{Entries, EntriesView, Kind, STORING, SetView};
use crate::command_line::confirmation::Confirmation;
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

    /// One of them.
    fn one(self, name: &Label) -> Resource {
        match self {
            Self::Calendar => Resource::of(&["calendars", name.as_str()]),
            // What is shown of a list is all of its numbers.
            Self::List => Resource::of(&["lists", name.as_str()]).with("reveal", "true"),
        }
    }

    /// The code of the problem of one that does not exist.
    const fn missing(self) -> &'static str {
        match self {
            Self::Calendar => "calendar_not_found",
            Self::List => "list_not_found",
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
            let calendar: CalendarObject = found(client, kind, &name, kind.showing()).await?;
            let days = calendar.days.iter().flatten();
            format.print(&calendar, || days.map(line).collect::<Vec<_>>().join("\n"))
        }
        Kind::List => {
            let list: NumberListObject = found(client, kind, &name, kind.showing()).await?;
            let numbers = list.numbers.iter().flatten();
            format.print(&list, || numbers.map(String::as_str).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Creates or replaces one with the entries of a file.
pub(in crate::command_line::route) async fn set(
    client: &Client,
    kind: Kind,
    name: &str,
    file: &str,
    format: Format,
) -> Result<(), Failure> {
    let name = parse("the name", name, Label::parse)?;
    let entries = kind.read(file, format)?;
    let body = match &entries {
        Entries::Days(days) => {
            let days: Vec<_> = days.iter().copied().map(CalendarDayObject::of).collect();
            json!({ "days": days })
        }
        Entries::Numbers(numbers) => {
            let numbers: Vec<_> = numbers.iter().map(PhoneNumber::as_str).collect();
            json!({ "numbers": numbers })
        }
    };
    client.put::<IgnoredAny>(&kind.one(&name), &body).await.doing(STORING)?;
    SetView::of(kind, &name, &entries).print(format)
}

pub(in crate::command_line::route) async fn remove(
    client: &Client,
    kind: Kind,
    name: &str,
    confirmation: Confirmation,
    format: Format,
) -> Result<(), Failure> {
    let name = parse("the name", name, Label::parse)?;
    // Without a question, the error is that of the removal.
    let doing = if confirmation.is_given() { kind.removing() } else { kind.showing().to_owned() };
    let count = match kind {
        Kind::Calendar => {
            let calendar: CalendarObject = found(client, kind, &name, &doing).await?;
            calendar.days.map_or(0, |days| days.len())
        }
        Kind::List => {
            let list: NumberListObject = found(client, kind, &name, &doing).await?;
            list.numbers.map_or(0, |numbers| numbers.len())
        }
    };
    let impact = kind.impact(&name, &kind.count(count));
    if !confirmation.allows(&[impact], format)? {
        return Ok(());
    }
    let removed = match kind {
        Kind::Calendar => Resource::of(&["calendars", name.as_str()]),
        Kind::List => Resource::of(&["lists", name.as_str()]),
    };
    client.delete(&removed).await.doing(kind.removing())?;
    kind.print_removed(&name, format)
}

/// A calendar or list that exists.
async fn found<T: DeserializeOwned>(
    client: &Client,
    kind: Kind,
    name: &Label,
    doing: &str,
) -> Result<T, Failure> {
    if let Some(found) = client.find(&kind.one(name), kind.missing()).await.doing(doing)? {
        return Ok(found);
    }
    let names = all(client, kind, doing).await?.into_iter().map(|view| view.cells().concat());
    let near = nearest(name.as_str(), names);
    let name = name.clone();
    Err(PlanError::MaterialUnknown { entity: kind.entity(), name, near }).doing(doing)
}

/// A day or range, as `set` reads it.
fn line(day: &CalendarDayObject) -> String {
    match day {
        CalendarDayObject::Day(day) => day.clone(),
        CalendarDayObject::Range { from, to } => format!("{from}..{to}"),
    }
}
