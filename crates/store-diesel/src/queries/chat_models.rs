//! Keys of chat models, and the completion tokens of agents.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ChatModelStore, Entity, Reservation, StoreError};
use switchboard_domain::sealing::{Sealed, SecretVersion};
use switchboard_domain::time::UtcDay;
use switchboard_domain::web_address::WebUrl;

use super::agents::{MISSING, must_cover};
use super::audited;
use super::covers;
use super::dialect::{Conn, Store};
use super::schema::{agents, chat_keys, chat_usage};
use super::upsert::execute;
use crate::failure::{Failure, missing};
use crate::json;

upserts! {
    /// The key of an agent's chat model, as stored.
    pub(crate) struct KeyRow in chat_keys {
        agent_id: String as Text,
        sealed: Vec<u8> as Binary,
        version: i64 as BigInt,
    }

    /// Adds keys, or replaces those of the same agents.
    ReplaceKeys = "ON CONFLICT (agent_id) DO UPDATE SET sealed = excluded.sealed, version = excluded.version";
}

upserts! {
    /// The completion tokens of an agent on its latest day, as stored.
    pub(crate) struct UsageRow in chat_usage {
        agent_id: String as Text,
        day: i64 as BigInt,
        used: i64 as BigInt,
        reserved: i64 as BigInt,
    }

    /// Begins the first day of agents.
    BeginDays = "ON CONFLICT (agent_id) DO NOTHING";
}

#[async_trait]
impl ChatModelStore for Store {
    async fn set_key(
        &self,
        author: &Author,
        agent: &AgentId,
        url: &WebUrl,
        sealed: Sealed,
    ) -> Result<(), StoreError> {
        let row = KeyRow {
            agent_id: agent.as_str().to_owned(),
            sealed: sealed.as_bytes().to_vec(),
            version: sealed.version().number(),
        };
        let wanted = (author.clone(), url.clone(), row);
        self.write("chat_model.set_key", wanted, |conn, (author, url, row)| {
            set_key(conn, author, url, row).boxed()
        })
        .await
    }

    async fn key(&self, scope: &Scope, agent: &AgentId) -> Result<Option<Sealed>, StoreError> {
        let wanted = (scope.clone(), agent.as_str().to_owned());
        let sealed = self
            .read("chat_model.key", wanted, |conn, (scope, agent)| key(conn, scope, agent).boxed())
            .await?;
        Ok(sealed
            .map(|(bytes, version)| Sealed::of_version(bytes, SecretVersion::from_number(version))))
    }

    async fn reserve(
        &self,
        agent: &AgentId,
        day: UtcDay,
        tokens: u32,
        limit: u32,
    ) -> Result<Reservation, StoreError> {
        let wanted = (agent.as_str().to_owned(), day.number(), i64::from(tokens), i64::from(limit));
        self.write("chat_model.reserve", wanted, |conn, (agent, day, tokens, limit)| {
            reserve(conn, agent, *day, *tokens, *limit).boxed()
        })
        .await
    }

    async fn settle(
        &self,
        agent: &AgentId,
        day: UtcDay,
        reserved: u32,
        used: u32,
    ) -> Result<(), StoreError> {
        let wanted =
            (agent.as_str().to_owned(), day.number(), i64::from(reserved), i64::from(used));
        self.write("chat_model.settle", wanted, |conn, (agent, day, reserved, used)| {
            settle(conn, agent, *day, *reserved, *used).boxed()
        })
        .await
    }
}

/// The agent stays at this URL until the transaction ends.
async fn set_key(
    conn: &mut Conn,
    author: &Author,
    url: &WebUrl,
    row: &KeyRow,
) -> Result<(), Failure> {
    let agent = agents::table.find(&row.agent_id);
    let agent = held_by_one!(agent.select((agents::organization_id, agents::message_chat)));
    let found: Option<(String, Option<String>)> = agent.first(conn).await.optional()?;
    let found = found.filter(|(owner, _)| covers(author, owner));
    let (owner, chat) = found.ok_or(MISSING)?;
    if base_url(chat.as_deref()).as_ref() != Some(url) {
        return Err(StoreError::Changed { entity: Entity::Agent }.into());
    }
    let current = chat_keys::table.find(&row.agent_id).select(chat_keys::sealed);
    let current: Option<Vec<u8>> = current.first(conn).await.optional()?;
    execute::<ReplaceKeys>(conn, vec![row.clone()].into()).await?;
    let key = |sealed| Snapshot::default().secret("chat_key", sealed);
    let (before, after) = (key(current.as_deref()), key(Some(&row.sealed)));
    let what = (Action::AgentChatKeySet, ObjectRef::new(ObjectKind::Agent, &row.agent_id));
    audited::record(conn, author, Some(&owner), what, (Some(&before), Some(&after))).await
}

/// The base URL of a chat model, as stored. A model that cannot be read has none, and its key is not used.
pub(super) fn base_url(chat: Option<&str>) -> Option<WebUrl> {
    chat.and_then(|chat| json::read_chat_model(chat).ok()).map(|chat| chat.url)
}

/// Removes the keys of agents whose chat models are not where they were. `before` has their ids, and their chat models before
/// they were changed.
pub(super) async fn keep_keys_of_same_urls(
    conn: &mut Conn,
    before: Vec<(String, Option<String>)>,
) -> Result<(), Failure> {
    for (agent, chat) in before {
        let now = agents::table.find(&agent).select(agents::message_chat);
        let now: Option<String> = now.first(conn).await.optional()?.flatten();
        if base_url(now.as_deref()) != base_url(chat.as_deref()) {
            diesel::delete(chat_keys::table.find(&agent)).execute(conn).await?;
        }
    }
    Ok(())
}

/// An agent that the scope does not cover has no key.
async fn key(
    conn: &mut Conn,
    scope: &Scope,
    agent: &str,
) -> Result<Option<(Vec<u8>, i64)>, Failure> {
    if must_cover(conn, scope, agent).await.is_err() {
        return Ok(None);
    }
    let query = chat_keys::table.find(agent).select((chat_keys::sealed, chat_keys::version));
    Ok(query.first(conn).await.optional()?)
}

async fn reserve(
    conn: &mut Conn,
    agent: &str,
    day: i64,
    tokens: i64,
    limit: i64,
) -> Result<Reservation, Failure> {
    let first = UsageRow { agent_id: agent.to_owned(), day, used: 0, reserved: 0 };
    let begun = execute::<BeginDays>(conn, vec![first].into()).await;
    begun.map_err(missing(|_| Entity::Agent))?;
    let row = chat_usage::table.find(agent);
    diesel::update(row.filter(chat_usage::day.lt(day)))
        .set((chat_usage::day.eq(day), chat_usage::used.eq(0), chat_usage::reserved.eq(0)))
        .execute(conn)
        .await?;
    let is_below = (chat_usage::used + chat_usage::reserved).lt(limit);
    let reserved = diesel::update(row.filter(is_below))
        .set(chat_usage::reserved.eq(chat_usage::reserved + tokens))
        .execute(conn)
        .await?;
    if reserved > 0 {
        return Ok(Reservation::Reserved);
    }
    let used: i64 = row.select(chat_usage::used).first(conn).await?;
    Ok(if used >= limit { Reservation::UsedUp } else { Reservation::Busy })
}

async fn settle(
    conn: &mut Conn,
    agent: &str,
    day: i64,
    reserved: i64,
    used: i64,
) -> Result<(), Failure> {
    let same_day = chat_usage::table.find(agent).filter(chat_usage::day.le(day));
    diesel::update(same_day)
        .set((
            chat_usage::used.eq(chat_usage::used + used),
            chat_usage::reserved.eq(chat_usage::reserved - reserved),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
