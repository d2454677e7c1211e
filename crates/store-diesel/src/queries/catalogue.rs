//! What routing plans name: calendars, lists of numbers, limits of agents.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use diesel::sql_types::Text;
use diesel::upsert::excluded;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::agent::Label;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{CatalogueNames, DateRange};
use switchboard_domain::ports::{
    AgentLimits, CatalogueAgent, CatalogueStore, Change, Entity, Expected, Materials, StoreError,
};

use super::audited::{self, Audited};
use super::dialect::{Conn, Store};
use super::limits::{limit, limited};
use super::schema::{calendars, number_list_entries, number_lists};
use super::upsert::execute;
use super::{changes, may_add, organization_must_be_there};
use crate::decode::Row;
use crate::failure::{Failure, missing};
use crate::json;
use crate::unreadable::readable_rows;

/// How many names are looked up by one statement: SQLite takes no more than 32,766 values in one.
pub(super) const TOGETHER: usize = 1_000;

upserts! {
    /// A number of a list.
    pub(crate) struct EntryRow in number_list_entries {
        organization_id: String as Text,
        list_name: String as Text,
        phone_number: String as Text,
    }

    /// Adds numbers to a list.
    AddEntries = "ON CONFLICT DO NOTHING";
}

#[async_trait]
impl CatalogueStore for Store {
    async fn set_calendar(
        &self,
        author: &Author,
        organization: &OrganizationId,
        name: &Label,
        expected: &Expected<Vec<DateRange>>,
        days: Option<Vec<DateRange>>,
    ) -> Result<(), StoreError> {
        may_add(author, organization)?;
        let days = days.map(|days| json::write_days(&days)).transpose()?;
        let place = (organization.clone(), name.clone());
        let wanted = (author.clone(), place, expected.clone(), days);
        self.write("catalogue.set_calendar", wanted, |conn, (author, place, expected, days)| {
            set_calendar(conn, author, place, expected, days.as_deref()).boxed()
        })
        .await
    }

    async fn set_list(
        &self,
        author: &Author,
        organization: &OrganizationId,
        name: &Label,
        expected: &Expected<Vec<PhoneNumber>>,
        numbers: Option<Vec<PhoneNumber>>,
    ) -> Result<(), StoreError> {
        may_add(author, organization)?;
        let numbers: Option<BTreeSet<_>> = numbers.map(|numbers| numbers.into_iter().collect());
        let place = (organization.clone(), name.clone());
        let expected = expected.clone().map(|numbers| {
            let numbers: BTreeSet<_> = numbers.into_iter().collect();
            list_snapshot(numbers.iter().map(PhoneNumber::as_str))
        });
        let wanted = (author.clone(), place, expected, numbers);
        self.write_long("catalogue.set_list", wanted, |conn, (author, place, expected, numbers)| {
            set_list(conn, author, place, expected, numbers.as_ref()).boxed()
        })
        .await
    }

    async fn set_limits(
        &self,
        author: &Author,
        agent: &AgentId,
        limits: &AgentLimits,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), agent.clone(), limits.clone());
        self.write("catalogue.set_limits", wanted, |conn, (author, agent, limits)| {
            limit(conn, author, agent, limits).boxed()
        })
        .await
    }

    async fn names(
        &self,
        scope: &Scope,
        organization: &OrganizationId,
    ) -> Result<CatalogueNames, StoreError> {
        if !scope.covers(organization) {
            return Ok(CatalogueNames::default());
        }
        let (calendars, lists) = self
            .read("catalogue.names", organization.clone(), |conn, organization| {
                names(conn, organization).boxed()
            })
            .await?;
        Ok(CatalogueNames {
            agents: Vec::new(),
            calendars: readable_rows(calendars.iter().map(|name| label("calendars", name)))?,
            lists: readable_rows(lists.iter().map(|name| label("number_lists", name)))?,
        })
    }

    async fn materials(
        &self,
        organization: &OrganizationId,
        names: &CatalogueNames,
    ) -> Result<Materials, StoreError> {
        let wanted = (organization.clone(), names.clone());
        let (agents, calendars, lists) = self
            .read("catalogue.materials", wanted, |conn, (organization, names)| {
                async move {
                    Ok((
                        limited(conn, organization, &names.agents).await?,
                        days(conn, organization, &names.calendars).await?,
                        entries(conn, organization, &names.lists).await?,
                    ))
                }
                .boxed()
            })
            .await?;
        Ok(Materials {
            agents: readable_rows(agents.into_values().map(CatalogueAgent::try_from))?,
            calendars: readable_rows(calendars.iter().map(calendar))?,
            lists: readable_rows(lists.iter().map(list))?,
        })
    }
}

pub(super) fn label(table: &'static str, name: &str) -> Result<Label, StoreError> {
    Row::new(table, name).read("name", Label::parse(name))
}

pub(super) fn calendar(
    (name, days): (&String, &String),
) -> Result<(Label, Vec<DateRange>), StoreError> {
    let days = Row::new("calendars", name).read("days", json::read_days(days))?;
    Ok((label("calendars", name)?, days))
}

fn list((name, numbers): (&String, &Vec<String>)) -> Result<(Label, Vec<PhoneNumber>), StoreError> {
    let numbers = numbers.iter().map(|number| entry(name, number)).collect::<Result<_, _>>()?;
    Ok((label("number_lists", name)?, numbers))
}

/// A number of a list.
pub(super) fn entry(list: &str, number: &str) -> Result<PhoneNumber, StoreError> {
    Row::new("number_list_entries", list).read("phone_number", PhoneNumber::parse(number))
}

async fn set_calendar(
    conn: &mut Conn,
    author: &Author,
    (organization, name): &(OrganizationId, Label),
    expected: &Expected<Vec<DateRange>>,
    days: Option<&str>,
) -> Result<(), Failure> {
    organization_must_be_there(conn, organization.as_str()).await?;
    let key = (organization.as_str(), name.as_str());
    if !is_expected_calendar(conn, key, expected, days).await? {
        return Err(StoreError::Changed { entity: Entity::Calendar }.into());
    }
    let object = ObjectRef::new(ObjectKind::Calendar, name.as_str());
    let audited = Audited::begin_in(conn, object, key.0).await?;
    match days {
        Some(days) => {
            let add = diesel::insert_into(calendars::table)
                .values((
                    calendars::organization_id.eq(key.0),
                    calendars::name.eq(key.1),
                    calendars::days.eq(days),
                ))
                .on_conflict((calendars::organization_id, calendars::name));
            let set = if *expected == Expected::Nothing {
                add.do_nothing().execute(conn).await
            } else {
                let replaced = calendars::days.eq(excluded(calendars::days));
                add.do_update().set(replaced).execute(conn).await
            };
            if set.map_err(missing(|_| Entity::Organization))? == 0 {
                return Err(StoreError::Changed { entity: Entity::Calendar }.into());
            }
        }
        None => {
            if diesel::delete(calendars::table.find(key)).execute(conn).await? == 0 {
                return Err(StoreError::Missing { entity: Entity::Calendar }.into());
            }
        }
    }
    let action = match days {
        Some(_) => Action::CalendarSaved,
        None => Action::CalendarRemoved,
    };
    audited.end(conn, author, action).await?;
    changes::record(conn, &Change::Everything).await
}

/// Whether a calendar may be replaced by these days, or be removed. It is locked then. One that does not exist cannot be locked:
/// adding it fails if another transaction adds it first, and removing it fails anyway.
async fn is_expected_calendar(
    conn: &mut Conn,
    key: (&str, &str),
    expected: &Expected<Vec<DateRange>>,
    days: Option<&str>,
) -> Result<bool, Failure> {
    if *expected == Expected::Anything {
        return Ok(true);
    }
    let stored = calendars::table.find(key).select(calendars::days);
    let stored = held!(stored).first::<String>(conn).await.optional()?;
    Ok(match (stored, expected) {
        // Days that cannot be read are not those that a caller has read.
        (Some(stored), Expected::Stored(expected)) => {
            json::read_days(&stored).is_ok_and(|stored| stored == *expected)
        }
        (None, Expected::Stored(_)) => days.is_none(),
        (Some(_), Expected::Nothing) => false,
        (None, Expected::Nothing) | (_, Expected::Anything) => true,
    })
}

async fn set_list(
    conn: &mut Conn,
    author: &Author,
    (organization, name): &(OrganizationId, Label),
    expected: &Expected<Snapshot>,
    numbers: Option<&BTreeSet<PhoneNumber>>,
) -> Result<(), Failure> {
    organization_must_be_there(conn, organization.as_str()).await?;
    let key = (organization.as_str(), name.as_str());
    let there = number_lists::table.find(key).select(number_lists::name);
    let is_there = held!(there).first::<String>(conn).await.optional()?.is_some();
    // A concurrent change of the same list waits from here on.
    if numbers.is_some() {
        let add = diesel::insert_into(number_lists::table)
            .values((number_lists::organization_id.eq(key.0), number_lists::name.eq(key.1)))
            .on_conflict((number_lists::organization_id, number_lists::name));
        let added = if *expected == Expected::Nothing {
            add.do_nothing().execute(conn).await
        } else {
            let same = number_lists::name.eq(excluded(number_lists::name));
            add.do_update().set(same).execute(conn).await
        };
        if added.map_err(missing(|_| Entity::Organization))? == 0 {
            return Err(StoreError::Changed { entity: Entity::List }.into());
        }
    } else if !is_there {
        return Err(StoreError::Missing { entity: Entity::List }.into());
    }
    let before = if is_there { Some(entries_of(conn, key).await?) } else { None };
    if !expected.is_met(before.as_ref()) {
        return Err(StoreError::Changed { entity: Entity::List }.into());
    }
    diesel::delete(number_list_entries::table)
        .filter(number_list_entries::organization_id.eq(key.0))
        .filter(number_list_entries::list_name.eq(key.1))
        .execute(conn)
        .await?;
    match numbers {
        Some(numbers) => {
            let entry = |number: &PhoneNumber| EntryRow {
                organization_id: key.0.to_owned(),
                list_name: key.1.to_owned(),
                phone_number: number.as_str().to_owned(),
            };
            execute::<AddEntries>(conn, numbers.iter().map(entry).collect()).await?;
        }
        None => {
            diesel::delete(number_lists::table.find(key)).execute(conn).await?;
        }
    }
    let after = numbers.map(|numbers| list_snapshot(numbers.iter().map(PhoneNumber::as_str)));
    let action = match numbers {
        Some(_) => Action::ListSaved,
        None => Action::ListRemoved,
    };
    let what = (action, ObjectRef::new(ObjectKind::List, key.1));
    audited::record(conn, author, Some(key.0), what, (before.as_ref(), after.as_ref())).await?;
    changes::record(conn, &Change::Everything).await
}

/// A list as it is recorded: how many numbers it has, and whether they are others. The numbers themselves belong to contacts, who
/// can be erased.
fn list_snapshot<'a>(numbers: impl Iterator<Item = &'a str>) -> Snapshot {
    let (mut all, mut count) = (String::new(), 0);
    for number in numbers {
        all.push_str(number);
        count += 1;
    }
    Snapshot::default().integer("numbers", Some(count)).secret("entries", Some(all.as_bytes()))
}

async fn entries_of(conn: &mut Conn, key: (&str, &str)) -> Result<Snapshot, Failure> {
    let numbers: Vec<String> = number_list_entries::table
        .filter(number_list_entries::organization_id.eq(key.0))
        .filter(number_list_entries::list_name.eq(key.1))
        .order(number_list_entries::phone_number)
        .select(number_list_entries::phone_number)
        .load(conn)
        .await?;
    Ok(list_snapshot(numbers.iter().map(String::as_str)))
}

async fn names(
    conn: &mut Conn,
    organization: &OrganizationId,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let calendars = calendars::table
        .filter(calendars::organization_id.eq(organization.as_str()))
        .order(calendars::name)
        .select(calendars::name)
        .load(conn)
        .await?;
    let lists = number_lists::table
        .filter(number_lists::organization_id.eq(organization.as_str()))
        .order(number_lists::name)
        .select(number_lists::name)
        .load(conn)
        .await?;
    Ok((calendars, lists))
}

/// The calendars with these names, and their stored days.
async fn days(
    conn: &mut Conn,
    organization: &OrganizationId,
    names: &[Label],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    for names in names.chunks(TOGETHER) {
        let rows: Vec<(String, String)> = calendars::table
            .filter(calendars::organization_id.eq(organization.as_str()))
            .filter(calendars::name.eq_any(names.iter().map(Label::as_str)))
            .select((calendars::name, calendars::days))
            .load(conn)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// The lists of these names, and their numbers in order.
async fn entries(
    conn: &mut Conn,
    organization: &OrganizationId,
    names: &[Label],
) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut found = BTreeMap::new();
    for names in names.chunks(TOGETHER) {
        let there: Vec<String> = number_lists::table
            .filter(number_lists::organization_id.eq(organization.as_str()))
            .filter(number_lists::name.eq_any(names.iter().map(Label::as_str)))
            .select(number_lists::name)
            .load(conn)
            .await?;
        for name in there {
            let numbers = number_list_entries::table
                .filter(number_list_entries::organization_id.eq(organization.as_str()))
                .filter(number_list_entries::list_name.eq(&name))
                .order(number_list_entries::phone_number)
                .select(number_list_entries::phone_number)
                .load(conn)
                .await?;
            found.insert(name, numbers);
        }
    }
    Ok(found)
}
