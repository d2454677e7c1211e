//! Accounts, agents and numbers that come together, all or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{Change, Entity, Import, ImportCounts, ImportStore, StoreError};

use super::accounts::{AccountRow, AddAccounts, ImportAccounts};
use super::agents::{AgentRow, ImportAgents};
use super::audited;
use super::catalogue::TOGETHER;
use super::chat_models::base_url;
use super::dialect::{Conn, Moment, Store};
use super::numbers::{ImportNumbers, NumberRow, referred};
use super::schema::{accounts, agents, chat_keys};
use super::upsert::execute;
use super::{changes, organization_must_be_there};
use crate::failure::{Failure, exists, missing};

#[async_trait]
impl ImportStore for Store {
    async fn import(&self, author: &Author, import: &Import) -> Result<ImportCounts, StoreError> {
        let wanted = (author.clone(), import.clone());
        self.write_long("import", wanted, |conn, (author, import)| {
            bring_in(conn, author, import).boxed()
        })
        .await
    }
}

async fn bring_in(
    conn: &mut Conn,
    author: &Author,
    import: &Import,
) -> Result<ImportCounts, Failure> {
    organization_must_be_there(conn, import.organization.as_str()).await?;
    let counts = ImportCounts {
        accounts: bring_accounts(conn, import).await?,
        agents: bring_agents(conn, import).await?,
        numbers: bring_numbers(conn, import).await?,
    };
    let owner = import.organization.as_str();
    let what = (Action::ImportWritten, ObjectRef::new(ObjectKind::Organization, owner));
    let after = counts.snapshot();
    audited::record(conn, author, Some(owner), what, (None, Some(&after))).await?;
    changes::record(conn, &Change::Everything).await?;
    Ok(counts)
}

/// One row for each key, the last one that the import has, in the order of the keys: no statement may
/// touch a row twice.
fn once<R>(rows: impl Iterator<Item = R>, key: impl Fn(&R) -> &str) -> Vec<R> {
    let rows: BTreeMap<String, R> = rows.map(|row| (key(&row).to_owned(), row)).collect();
    rows.into_values().collect()
}

async fn bring_accounts(conn: &mut Conn, import: &Import) -> Result<u64, Failure> {
    let rows = import.accounts.iter().map(|account| AccountRow {
        organization_id: import.organization.as_str().to_owned(),
        ..AccountRow::from(account)
    });
    let rows: Arc<[_]> = once(rows, |row| &row.sid).into();
    let expected = rows.len();
    // Postgres settles a race only over the index that `ON CONFLICT` names, and accounts have two unique ones.
    // Adding names none, so it settles all; what is left to the import are changes.
    execute::<AddAccounts>(conn, Arc::clone(&rows)).await?;
    all(execute::<ImportAccounts>(conn, rows).await?, expected, Entity::Account)
}

async fn bring_agents(conn: &mut Conn, import: &Import) -> Result<u64, Failure> {
    let rows = import.agents.iter().map(|agent| AgentRow {
        organization_id: import.organization.as_str().to_owned(),
        ..AgentRow::from(agent)
    });
    let rows = once(rows, |row| row.external_id.as_ref().unwrap_or(&row.id));
    let expected = rows.len();
    let names: Vec<_> = rows.iter().filter_map(|row| row.external_id.clone()).collect();
    let before = chat_models(conn, &import.organization, &names).await?;
    let brought =
        execute::<ImportAgents>(conn, rows.into()).await.map_err(exists(Entity::Agent))?;
    // The upsert holds the rows until the transaction ends. An agent that others have added since then was not known before.
    for (agent, now) in chat_models(conn, &import.organization, &names).await? {
        if before
            .get(&agent)
            .is_none_or(|before| base_url(before.as_deref()) != base_url(now.as_deref()))
        {
            diesel::delete(chat_keys::table.find(&agent)).execute(conn).await?;
        }
    }
    all(brought, expected, Entity::Agent)
}

/// The chat models of the agents with these external ids that have a key, by the ids of the agents. Those rows are held until
/// the transaction ends, in the order in which an import writes them.
async fn chat_models(
    conn: &mut Conn,
    organization: &OrganizationId,
    names: &[String],
) -> Result<HashMap<String, Option<String>>, Failure> {
    let mut models = HashMap::new();
    for names in names.chunks(TOGETHER) {
        let keyed = agents::table
            .inner_join(chat_keys::table.on(chat_keys::agent_id.eq(agents::id)))
            .filter(agents::organization_id.eq(organization.as_str()))
            .filter(agents::external_id.eq_any(names))
            .order(agents::external_id)
            .select((agents::id, agents::message_chat));
        models.extend(held_by_one!(keyed).load::<(String, Option<String>)>(conn).await?);
    }
    Ok(models)
}

async fn bring_numbers(conn: &mut Conn, import: &Import) -> Result<u64, Failure> {
    let organization = import.organization.as_str();
    let accounts: HashSet<String> = accounts::table
        .filter(accounts::organization_id.eq(organization))
        .select(accounts::sid)
        .load(conn)
        .await?
        .into_iter()
        .collect();
    let agents: Vec<(Option<String>, String)> = agents::table
        .filter(agents::organization_id.eq(organization))
        .select((agents::external_id, agents::id))
        .load(conn)
        .await?;
    // One without an external id is named by its own id.
    let agents: HashMap<String, String> =
        agents.into_iter().map(|(name, id)| (name.unwrap_or_else(|| id.clone()), id)).collect();
    let mut rows = Vec::with_capacity(import.numbers.len());
    for number in &import.numbers {
        if !accounts.contains(number.account.as_str()) {
            return Err(StoreError::Missing { entity: Entity::Account }.into());
        }
        let assignment = match &number.agent {
            Some(label) => {
                let agent = agents.get(label.as_str());
                let agent = agent.ok_or(StoreError::Missing { entity: Entity::Agent })?;
                Some((agent.as_str(), number.channels))
            }
            None => None,
        };
        rows.push(NumberRow::new(
            number.sender,
            &import.organization,
            number.account,
            assignment,
            Moment(import.at),
        ));
    }
    let rows = once(rows.into_iter(), |row| &row.phone_number);
    let expected = rows.len();
    // What was there a moment ago may be gone; the foreign keys see it.
    let brought = execute::<ImportNumbers>(conn, rows.into()).await.map_err(missing(referred))?;
    all(brought, expected, Entity::Number)
}

/// A row that was neither added nor changed belongs to another organization.
fn all(brought: usize, expected: usize, entity: Entity) -> Result<u64, Failure> {
    if brought == expected {
        Ok(u64::try_from(brought).unwrap_or(u64::MAX))
    } else {
        Err(StoreError::Exists { entity }.into())
    }
}
