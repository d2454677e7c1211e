//! What numbers are like at the carrier, and were before us.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use diesel::sql_types::Text;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::configuration::AdoptedConfiguration;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::number::{Number, RepairPolicy};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    ConfigurationStore, ConfiguredNumber, DecidingPlan, Entity, NumberFilter, Observation, Page,
    PlanPlace, StoreError,
};
use switchboard_domain::sender::Sender;

use super::audited::Audited;
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::numbers::{NumberRow, on_page};
use super::schema::{accounts, numbers, organizations};
use super::update::execute;
use super::{covers, only};
use crate::decode::Row;
use crate::failure::Failure;
use crate::json;
use crate::unreadable::{readable_page, stored_page};

/// How many numbers are read by one statement, and changed by one transaction: SQLite takes no more than 32,766 values in one
/// statement, and whoever waits for the rows of a transaction waits for all of it, which a lock time-out of 2 s ends.
pub(super) const TOGETHER: usize = 500;

updates! {
    /// What was seen of a number.
    pub(crate) struct ObservationRow in numbers {
        phone_number: String as Text,
        observed: String as Text,
        observed_at: Moment as Ts,
    }

    /// Stores an observation, unless a later one is stored.
    KeepObservations =
        "observed = given.observed, observed_at = given.observed_at",
        where "numbers.phone_number = given.phone_number \
         AND (numbers.observed_at IS NULL OR numbers.observed_at <= given.observed_at)";
}

/// A number with its stored configuration.
#[derive(Queryable, Selectable)]
#[diesel(table_name = numbers, check_for_backend(Db))]
pub(super) struct ConfiguredRow {
    #[diesel(embed)]
    pub(super) number: NumberRow,
    repair_policy: String,
    adopted: Option<String>,
    observed: Option<String>,
    observed_at: Option<Moment>,
    plan_id: Option<String>,
}

/// A number with the plans of its account and of its organization.
pub(super) struct WithPlans {
    pub(super) row: ConfiguredRow,
    of_account: Option<String>,
    of_organization: Option<String>,
}

impl TryFrom<WithPlans> for ConfiguredNumber {
    type Error = StoreError;

    fn try_from(read: WithPlans) -> Result<Self, StoreError> {
        let WithPlans { row, of_account, of_organization } = read;
        let key = row.number.phone_number.clone();
        let at = Row::masked("numbers", &key);
        let plans = [row.plan_id, of_account, of_organization];
        let number = Number::try_from(row.number)?;
        Ok(Self {
            adopted: adopted(at, row.adopted.as_deref())?,
            policy: at.word("repair_policy", RepairPolicy::parse(&row.repair_policy))?,
            observation: match row.observed_at {
                Some(seen) => {
                    let observed = at.filled("observed", row.observed)?;
                    let configuration = json::read_configuration(&observed);
                    Some(Observation {
                        configuration: at.read("observed", configuration)?,
                        at: seen.0,
                    })
                }
                None => None,
            },
            plan: deciding(&number, &plans)?,
            number,
        })
    }
}

/// The nearest plan, if there is one.
fn deciding(
    number: &Number,
    plans: &[Option<String>; 3],
) -> Result<Option<DecidingPlan>, StoreError> {
    let places = [
        (Row::masked("numbers", number.sender.as_str()), PlanPlace::Number(number.sender)),
        (Row::new("accounts", number.account.as_str()), PlanPlace::Account(number.account)),
        (
            Row::new("organizations", number.organization.as_str()),
            PlanPlace::Organization(number.organization.clone()),
        ),
    ];
    let nearest = places.into_iter().zip(plans).find_map(|(place, id)| Some((place, id.as_ref()?)));
    let Some(((at, place), id)) = nearest else { return Ok(None) };
    Ok(Some(DecidingPlan { id: at.read("plan_id", PlanId::parse(id))?, place }))
}

fn adopted(at: Row<'_>, text: Option<&str>) -> Result<Option<AdoptedConfiguration>, StoreError> {
    at.optional("adopted", text, json::read_adopted)
}

#[async_trait]
impl ConfigurationStore for Store {
    async fn find(
        &self,
        scope: &Scope,
        sender: Sender,
    ) -> Result<Option<ConfiguredNumber>, StoreError> {
        let wanted = (scope.clone(), sender);
        let found = self.read("configuration.find", wanted, |conn, (scope, number)| {
            find(conn, scope, *number).boxed()
        });
        found.await?.map(ConfiguredNumber::try_from).transpose()
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: &NumberFilter,
        page: &Page<Sender>,
    ) -> Result<Vec<ConfiguredNumber>, StoreError> {
        readable_page(
            stored_page(page, |number| number.as_str().to_owned()),
            |read: &WithPlans| read.row.number.phone_number.clone(),
            ConfiguredNumber::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("configuration.list", wanted, |conn, (scope, filter, page)| {
                    list(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }

    async fn take<'a>(
        &self,
        author: &Author,
        sender: Sender,
        before: Option<&'a AdoptedConfiguration>,
        adopted: Option<AdoptedConfiguration>,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), sender, before.cloned(), adopted);
        self.write("configuration.take", wanted, |conn, (author, number, before, adopted)| {
            take(conn, author, *number, before.as_ref(), adopted.as_ref()).boxed()
        })
        .await
    }

    async fn set_policy(
        &self,
        author: &Author,
        sender: Sender,
        policy: RepairPolicy,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), sender, policy);
        self.write("configuration.set_policy", wanted, |conn, (author, number, policy)| {
            set_policy(conn, author, *number, *policy).boxed()
        })
        .await
    }

    async fn observe(
        &self,
        scope: &Scope,
        observations: &[(Sender, Observation)],
    ) -> Result<(), StoreError> {
        for chunk in latest(observations).chunks(TOGETHER) {
            let wanted = (scope.clone(), chunk.to_vec());
            self.write("configuration.observe", wanted, |conn, (scope, observations)| {
                observe(conn, scope, observations).boxed()
            })
            .await?;
        }
        Ok(())
    }
}

const MISSING: StoreError = StoreError::Missing { entity: Entity::Number };

/// A number of another organization takes as long as one that does not exist.
async fn find(
    conn: &mut Conn,
    scope: &Scope,
    sender: Sender,
) -> Result<Option<WithPlans>, Failure> {
    let mut query = numbers::table.find(sender.as_str()).into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(numbers::organization_id.eq(organization));
    }
    let row = query.select(ConfiguredRow::as_select()).first(conn).await.optional()?;
    if row.is_none() {
        return Ok(None);
    }
    Ok(with_plans(conn, row.into_iter().collect()).await?.pop())
}

pub(super) async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &NumberFilter,
    page: &Page<String>,
) -> Result<Vec<WithPlans>, Failure> {
    let rows = on_page(scope, filter, page).select(ConfiguredRow::as_select()).load(conn).await?;
    with_plans(conn, rows).await
}

/// Reads the plans of the accounts and organizations of some numbers.
async fn with_plans(conn: &mut Conn, rows: Vec<ConfiguredRow>) -> Result<Vec<WithPlans>, Failure> {
    let mut of_accounts = HashMap::new();
    let mut of_organizations = HashMap::new();
    for chunk in rows.chunks(TOGETHER) {
        let sids: HashSet<&str> = chunk.iter().map(|row| &*row.number.account_sid).collect();
        let plans = accounts::table
            .filter(accounts::sid.eq_any(sids))
            .filter(accounts::plan_id.is_not_null())
            .select((accounts::sid, accounts::plan_id));
        of_accounts.extend(plans.load::<(String, Option<String>)>(conn).await?);
        let ids: HashSet<&str> = chunk.iter().map(|row| &*row.number.organization_id).collect();
        let plans = organizations::table
            .filter(organizations::id.eq_any(ids))
            .filter(organizations::plan_id.is_not_null())
            .select((organizations::id, organizations::plan_id));
        of_organizations.extend(plans.load::<(String, Option<String>)>(conn).await?);
    }
    let with_plans = rows.into_iter().map(|row| WithPlans {
        of_account: of_accounts.get(&row.number.account_sid).cloned().flatten(),
        of_organization: of_organizations.get(&row.number.organization_id).cloned().flatten(),
        row,
    });
    Ok(with_plans.collect())
}

/// The row is held from the reading on, so that of two who take at once the second one sees the first.
async fn take(
    conn: &mut Conn,
    author: &Author,
    sender: Sender,
    before: Option<&AdoptedConfiguration>,
    later: Option<&AdoptedConfiguration>,
) -> Result<(), Failure> {
    let key = sender.as_str();
    let row = numbers::table.find(key).select((numbers::organization_id, numbers::adopted));
    let kept: Option<(String, Option<String>)> = held!(row).first(conn).await.optional()?;
    let text = match kept {
        Some((owner, text)) if covers(author, &owner) => text,
        _ => return Err(MISSING.into()),
    };
    let known = adopted(Row::masked("numbers", key), text.as_deref())?;
    if known.as_ref() != before {
        return Err(StoreError::Changed { entity: Entity::Number }.into());
    }
    let audited = Audited::begin(conn, ObjectRef::number(sender)).await?;
    let wanted = match (known, later) {
        (Some(known), Some(later)) => Some(json::write_adopted(&known.then(later.clone()))?),
        (None, Some(later)) => Some(json::write_adopted(later)?),
        (_, None) => None,
    };
    if wanted.is_none() {
        let drifts_no_more = numbers::drifting_since.eq(None::<Moment>);
        diesel::update(numbers::table.find(key)).set(drifts_no_more).execute(conn).await?;
    }
    let action = if wanted.is_some() { Action::NumberConfigured } else { Action::NumberRestored };
    diesel::update(numbers::table.find(key)).set(numbers::adopted.eq(wanted)).execute(conn).await?;
    audited.end(conn, author, action).await
}

async fn set_policy(
    conn: &mut Conn,
    author: &Author,
    sender: Sender,
    policy: RepairPolicy,
) -> Result<(), Failure> {
    let audited = Audited::begin(conn, ObjectRef::number(sender)).await?;
    let mut query = diesel::update(numbers::table.find(sender.as_str()))
        .set(numbers::repair_policy.eq(policy.as_str()))
        .into_boxed::<Db>();
    if let Some(organization) = only(author) {
        query = query.filter(numbers::organization_id.eq(organization));
    }
    if query.execute(conn).await? == 0 {
        return Err(MISSING.into());
    }
    audited.end(conn, author, Action::NumberRepairChanged).await
}

/// What was seen last of each number, in the order of the numbers.
fn latest(observations: &[(Sender, Observation)]) -> Vec<(Sender, Observation)> {
    let mut latest: BTreeMap<Sender, &Observation> = BTreeMap::new();
    for (sender, seen) in observations {
        let known = latest.entry(*sender).or_insert(seen);
        if known.at <= seen.at {
            *known = seen;
        }
    }
    latest.into_iter().map(|(sender, seen)| (sender, seen.clone())).collect()
}

/// The rows are held in the order of the numbers, so that two who observe cannot wait for each other in a circle.
async fn observe(
    conn: &mut Conn,
    scope: &Scope,
    observations: &[(Sender, Observation)],
) -> Result<(), Failure> {
    let keys = observations.iter().map(|(sender, _)| sender.as_str());
    let there = numbers::table
        .filter(numbers::phone_number.eq_any(keys))
        .order(numbers::phone_number)
        .select((numbers::phone_number, numbers::organization_id));
    let there: Vec<(String, String)> = held!(there).load(conn).await?;
    let covered: HashSet<_> = there
        .into_iter()
        .filter(|(_, owner)| covers(scope, owner))
        .map(|(phone_number, _)| phone_number)
        .collect();
    let rows: Vec<_> = observations
        .iter()
        .filter(|(sender, _)| covered.contains(sender.as_str()))
        .map(|(sender, seen)| observation_row(*sender, seen))
        .collect::<Result<_, _>>()?;
    Ok(execute::<KeepObservations>(conn, rows.into()).await?)
}

fn observation_row(sender: Sender, seen: &Observation) -> Result<ObservationRow, StoreError> {
    Ok(ObservationRow {
        phone_number: sender.as_str().to_owned(),
        observed: json::write_configuration(&seen.configuration)?,
        observed_at: Moment(seen.at),
    })
}
