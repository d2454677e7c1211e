//! Calendars and lists of numbers, which routing plans refer to by name. Both have the same commands.

pub(super) mod remote;

use serde::Serialize;
use serde_json::{Value, json};
use switchboard_admin::objects::{CalendarObject, NumberDisplay, NumberListObject};
use switchboard_application_management::routing_plans::KeepMaterial;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::Author;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::DateRange;
use switchboard_domain::ports::Expected;

use super::document::{failed, read};
use crate::command_line::confirmation::Confirmation;
use crate::command_line::input::parse;
use crate::command_line::output::{Format, ListWriter, View};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::wiring::Documents;

/// What is being done when one is set.
const STORING: &str = "storing the entries";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Calendar,
    List,
}

/// What to do.
pub(super) enum Action {
    /// Create or replace one with the entries of a file.
    Set { name: String, file: String },
    /// List all names.
    List,
    /// Show the entries of one.
    Show { name: String },
    /// Remove one.
    Remove { name: String, confirmation: Confirmation },
}

/// The entries of a calendar or a list.
enum Entries {
    Days(Vec<DateRange>),
    Numbers(Vec<PhoneNumber>),
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::List => "list",
        }
    }

    /// What is being done when one is shown.
    const fn showing(self) -> &'static str {
        match self {
            Self::Calendar => "showing the calendar",
            Self::List => "showing the list",
        }
    }

    /// What is being done when all are listed.
    fn listing(self) -> String {
        format!("listing {}s", self.noun())
    }

    /// What is being done when one is removed.
    fn removing(self) -> String {
        format!("removing the {}", self.noun())
    }

    /// What is lost with one.
    fn impact(self, name: &Label, count: &str) -> String {
        format!("{} {} is deleted with {count}", self.noun(), name.as_str())
    }

    /// So many entries.
    fn count(self, entries: usize) -> String {
        match (self, entries) {
            (Self::Calendar, 1) => "1 entry".to_owned(),
            (Self::Calendar, count) => format!("{count} entries"),
            (Self::List, count) => counted(count, "number"),
        }
    }

    fn print_removed(self, name: &Label, format: Format) -> Result<(), Failure> {
        let removed = json!({ "removed": name.as_str() });
        format.print(&removed, || format!("removed {} {}", self.noun(), name.as_str()))
    }

    /// What is printed if there are none.
    fn empty(self) -> String {
        let noun = self.noun();
        format!("no {noun}s yet; create one with `switchboard route {noun} set`")
    }

    fn read(self, file: &str, format: Format) -> Result<Entries, Failure> {
        Ok(match self {
            Self::Calendar => Entries::Days(read("the file", file, format, Documents::calendar)?),
            Self::List => {
                let mut numbers = read("the file", file, format, Documents::numbers)?;
                numbers.sort_unstable();
                numbers.dedup();
                Entries::Numbers(numbers)
            }
        })
    }

    /// The entries of the calendar or list of that name.
    async fn stored(self, keeping: &KeepMaterial, name: &Label) -> Result<Entries, Failure> {
        let doing = self.showing();
        match self {
            Self::Calendar => {
                keeping.calendar(&Scope::Operator, name).await.map(Entries::Days).doing(doing)
            }
            Self::List => {
                keeping.list(&Scope::Operator, name).await.map(Entries::Numbers).doing(doing)
            }
        }
    }
}

impl Entries {
    fn len(&self) -> usize {
        match self {
            Self::Days(days) => days.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// A line for each entry, as `set` reads it.
    fn lines(&self) -> String {
        let lines: Vec<String> = match self {
            Self::Days(days) => days.iter().map(|range| calendar_line(*range)).collect(),
            Self::Numbers(numbers) => {
                numbers.iter().map(|number| number.as_str().to_owned()).collect()
            }
        };
        lines.join("\n")
    }

    /// The calendar or list with these entries.
    fn object(&self, name: &Label) -> EntriesView {
        let organization = default_organization();
        match self {
            Self::Days(days) => {
                EntriesView::Calendar(CalendarObject::of(name, &organization).with_days(days))
            }
            Self::Numbers(numbers) => {
                let list = NumberListObject::of(name, &organization);
                EntriesView::List(list.with_numbers(numbers, NumberDisplay::Revealed))
            }
        }
    }
}

/// What was set, as JSON and in words.
struct SetView {
    json: Value,
    sentence: String,
}

impl SetView {
    fn of(kind: Kind, name: &Label, entries: &Entries) -> Self {
        let json = match kind {
            Kind::Calendar => json!(entries.object(name)),
            Kind::List => json!({ "name": name.as_str(), "count": entries.len() }),
        };
        let count = kind.count(entries.len());
        let sentence = format!("{} {} has {count}", kind.noun(), name.as_str());
        Self { json, sentence }
    }

    fn print(self, format: Format) -> Result<(), Failure> {
        format.print(&self.json, || self.sentence)
    }
}

pub(super) async fn run(
    settings: Settings,
    kind: Kind,
    action: Action,
    format: Format,
) -> Result<(), Failure> {
    match action {
        Action::Set { name, file } => {
            let name = parse("the name", &name, Label::parse)?;
            let entries = kind.read(&file, format)?;
            let set = SetView::of(kind, &name, &entries);
            let (keeping, author) = keeping(settings).await?;
            let stored = store(&keeping, &author, &name, entries).await;
            stored.map_err(failed(format, STORING))?;
            set.print(format)
        }
        Action::List => list(settings, kind, format).await,
        Action::Show { name } => {
            let name = parse("the name", &name, Label::parse)?;
            let entries = kind.stored(&keeping(settings).await?.0, &name).await?;
            format.print(&entries.object(&name), || entries.lines())
        }
        Action::Remove { name, confirmation } => {
            let name = parse("the name", &name, Label::parse)?;
            let (keeping, author) = keeping(settings).await?;
            if !confirmation.is_given() {
                let count = kind.count(kind.stored(&keeping, &name).await?.len());
                let impact = kind.impact(&name, &count);
                if !confirmation.allows(&[impact], format)? {
                    return Ok(());
                }
            }
            let removed = match kind {
                Kind::Calendar => {
                    keeping.set_calendar(&author, &name, &Expected::Anything, None).await
                }
                Kind::List => keeping.set_list(&author, &name, &Expected::Anything, None).await,
            };
            removed.doing(kind.removing())?;
            kind.print_removed(&name, format)
        }
    }
}

async fn list(settings: Settings, kind: Kind, format: Format) -> Result<(), Failure> {
    let (keeping, _) = keeping(settings).await?;
    let names = keeping.names(&Scope::Operator).await.doing(kind.listing())?;
    let names = match kind {
        Kind::Calendar => names.calendars,
        Kind::List => names.lists,
    };
    if !format.json && !names.is_empty() {
        let names: Vec<_> = names.iter().map(Label::as_str).collect();
        return format.print(&(), || names.join("\n"));
    }
    let mut listing = ListWriter::stdout(format);
    let organization = default_organization();
    let view = |name: &Label| match kind {
        Kind::Calendar => EntriesView::Calendar(CalendarObject::of(name, &organization)),
        Kind::List => EntriesView::List(NumberListObject::of(name, &organization)),
    };
    listing.page(&names.iter().map(view).collect::<Vec<_>>())?;
    listing.end(&kind.empty())
}

/// A calendar or list.
#[derive(Serialize)]
#[serde(untagged)]
enum EntriesView {
    Calendar(CalendarObject),
    List(NumberListObject),
}

impl View for EntriesView {
    const COLUMNS: &'static [&'static str] = &["NAME"];

    fn cells(&self) -> Vec<String> {
        match self {
            Self::Calendar(CalendarObject { name, .. })
            | Self::List(NumberListObject { name, .. }) => vec![name.clone()],
        }
    }
}

/// The use case, and who changes what it keeps.
async fn keeping(settings: Settings) -> Result<(KeepMaterial, Author), Failure> {
    let installation = Installation::open(settings).await?;
    let sources = installation.plan_sources();
    let keeping = KeepMaterial { sources, organization: default_organization() };
    Ok((keeping, installation.author()))
}

async fn store(
    keeping: &KeepMaterial,
    author: &Author,
    name: &Label,
    entries: Entries,
) -> Result<(), switchboard_application_management::routing_plans::PlanError> {
    match entries {
        Entries::Days(days) => {
            keeping.set_calendar(author, name, &Expected::Anything, Some(days)).await.map(drop)
        }
        Entries::Numbers(numbers) => {
            keeping.set_list(author, name, &Expected::Anything, Some(numbers)).await.map(drop)
        }
    }
}

/// A day or range, as `set` reads it.
pub(in crate::command_line) fn calendar_line(range: DateRange) -> String {
    if range.first() == range.last() {
        range.first().to_string()
    } else {
        format!("{}..{}", range.first(), range.last())
    }
}
