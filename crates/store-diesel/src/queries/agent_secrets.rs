//! Secrets of agents' endpoints.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentSecret, AgentSecretStore, Entity, MAX_SIGNING_SECRETS, StoreError,
};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::Timestamp;

use super::agents::must_cover;
use super::audited;
use super::dialect::{Conn, Moment, Store, Ts};
use super::schema::{agent_secrets, agents};
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;

upserts! {
    /// A secret, as stored.
    pub(crate) struct SecretRow in agent_secrets {
        agent_id: String as Text,
        number: i64 as BigInt,
        sealed: Vec<u8> as Binary,
        expires_at: Option<Moment> as Nullable<Ts>,
    }

    /// Adds secrets. Existing ones stay unchanged.
    AddSecrets = "ON CONFLICT (agent_id, number) DO NOTHING";
}

impl From<&AgentSecret> for SecretRow {
    fn from(secret: &AgentSecret) -> Self {
        Self {
            agent_id: secret.agent.as_str().to_owned(),
            number: secret.number,
            sealed: secret.sealed.as_bytes().to_vec(),
            expires_at: secret.expires_at.map(Moment),
        }
    }
}

impl TryFrom<SecretRow> for AgentSecret {
    type Error = StoreError;

    fn try_from(row: SecretRow) -> Result<Self, StoreError> {
        let at = Row::new("agent_secrets", &row.agent_id);
        Ok(Self {
            agent: at.read("agent_id", AgentId::parse(&row.agent_id))?,
            number: row.number,
            sealed: Sealed::from_bytes(row.sealed),
            expires_at: row.expires_at.map(|moment| moment.0),
        })
    }
}

#[async_trait]
impl AgentSecretStore for Store {
    async fn add(
        &self,
        author: &Author,
        secret: &AgentSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let wanted = (author.clone(), SecretRow::from(secret), now, previous_expires_at);
        self.write("agent_secret.add", wanted, |conn, (author, row, now, previous)| {
            add(conn, author, row, *now, *previous).boxed()
        })
        .await
    }

    async fn of_agent(
        &self,
        scope: &Scope,
        agent: &AgentId,
    ) -> Result<Vec<AgentSecret>, StoreError> {
        let wanted = (scope.clone(), agent.clone());
        let rows = self
            .read("agent_secret.of_agent", wanted, |conn, (scope, agent)| {
                of_agent(conn, scope, agent).boxed()
            })
            .await?;
        rows.into_iter().map(AgentSecret::try_from).collect()
    }
}

async fn add(
    conn: &mut Conn,
    author: &Author,
    row: &SecretRow,
    now: Timestamp,
    previous_expires_at: Timestamp,
) -> Result<(), Failure> {
    must_cover(conn, author, &row.agent_id).await?;
    let owner = agents::table.find(&row.agent_id).select(agents::organization_id);
    let owner: String = owner.first(conn).await?;
    let of_agent = agent_secrets::agent_id.eq(&row.agent_id);
    let current = agent_secrets::table
        .filter(of_agent)
        .filter(agent_secrets::expires_at.is_null())
        .select(agent_secrets::sealed);
    let current: Option<Vec<u8>> = current.first(conn).await.optional()?;
    diesel::delete(agent_secrets::table.filter(of_agent))
        .filter(
            agent_secrets::expires_at
                .le(Moment(now))
                .or(agent_secrets::number.le(row.number - MAX_SIGNING_SECRETS)),
        )
        .execute(conn)
        .await?;
    diesel::update(agent_secrets::table.filter(of_agent))
        .filter(agent_secrets::expires_at.is_null())
        .set(agent_secrets::expires_at.eq(Moment(previous_expires_at)))
        .execute(conn)
        .await?;
    if execute::<AddSecrets>(conn, vec![row.clone()].into()).await? == 0 {
        return Err(StoreError::Exists { entity: Entity::Agent }.into());
    }
    let secret = |sealed| Snapshot::default().secret("secret", sealed);
    let (before, after) = (secret(current.as_deref()), secret(Some(&row.sealed)));
    let what = (Action::AgentSecretAdded, ObjectRef::new(ObjectKind::Agent, &row.agent_id));
    audited::record(conn, author, Some(&owner), what, (Some(&before), Some(&after))).await
}

/// An agent that the scope does not cover has no secrets.
async fn of_agent(
    conn: &mut Conn,
    scope: &Scope,
    agent: &AgentId,
) -> Result<Vec<SecretRow>, Failure> {
    if must_cover(conn, scope, agent.as_str()).await.is_err() {
        return Ok(Vec::new());
    }
    let query = agent_secrets::table
        .filter(agent_secrets::agent_id.eq(agent.as_str()))
        .order(agent_secrets::number.desc())
        .select(SecretRow::as_select());
    Ok(query.load(conn).await?)
}
