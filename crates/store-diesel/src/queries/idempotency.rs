//! Idempotency keys of requests to the API.

use async_trait::async_trait;
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, sql_query};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::ports::{
    BegunRequest, Entity, IdempotencyStore, KeptAnswer, LeaseHolder, StoreError,
};
use switchboard_domain::repeatable_request::RepeatableRequest;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Moment, Store, Ts, rows_of};
use super::idempotency_schema::idempotency_keys;
use super::schema::api_keys;
use crate::failure::{Failure, missing};

/// The most rows that surplus answers are deleted in at once.
const SURPLUS: i64 = 100;

/// Whether a stored request was executed.
const EXECUTED: i16 = 1;
const NOT_EXECUTED: i16 = 0;

/// A request and its holder.
#[derive(Clone)]
struct Held {
    api_key: String,
    key: [u8; 32],
    content: [u8; 32],
    holder: String,
}

impl Held {
    fn of(request: &RepeatableRequest, holder: &LeaseHolder) -> Self {
        Self {
            api_key: request.api_key.as_str().to_owned(),
            key: *request.key.as_bytes(),
            content: *request.content.as_bytes(),
            holder: holder.as_str().to_owned(),
        }
    }
}

#[async_trait]
impl IdempotencyStore for Store {
    async fn begin(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
        at: Timestamp,
        kept_since: Timestamp,
    ) -> Result<BegunRequest, StoreError> {
        let wanted = (Held::of(request, holder), at, kept_since);
        self.write("idempotency.begin", wanted, |conn, (held, at, kept_since)| {
            begin(conn, held, Moment(*at), Moment(*kept_since)).boxed()
        })
        .await
    }

    async fn finish(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
        answer: Option<Sealed>,
        most: u32,
    ) -> Result<(), StoreError> {
        let answer = answer.map(|sealed| sealed.as_bytes().to_vec());
        let wanted = (Held::of(request, holder), answer, i64::from(most));
        self.write("idempotency.finish", wanted, |conn, (held, answer, most)| {
            finish(conn, held, answer.as_deref(), *most).boxed()
        })
        .await
    }

    async fn forget(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
    ) -> Result<(), StoreError> {
        let wanted = Held::of(request, holder);
        self.write("idempotency.forget", wanted, |conn, held| forget(conn, held).boxed()).await
    }

    async fn delete_expired(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        let wanted = (Moment(before), i64::from(limit));
        let deleted = self
            .write("idempotency.delete_expired", wanted, |conn, (before, limit)| {
                delete_expired(conn, *before, *limit).boxed()
            })
            .await?;
        Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
    }
}

/// The digest of a known request, its holder, whether it was executed, and its answer.
type KnownRequest = (Vec<u8>, String, i16, Option<Vec<u8>>);

async fn begin(
    conn: &mut Conn,
    held: &Held,
    at: Moment,
    kept_since: Moment,
) -> Result<BegunRequest, Failure> {
    let api_key = api_keys::table.find(&held.api_key).select(api_keys::id);
    let api_key: Option<String> = api_key.first(conn).await.optional()?;
    api_key.ok_or(StoreError::Missing { entity: Entity::ApiKey })?;
    let row = (held.api_key.as_str(), held.key.as_slice());
    diesel::delete(idempotency_keys::table.find(row))
        .filter(idempotency_keys::started_at.lt(kept_since))
        .execute(conn)
        .await?;
    let added = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::api_key_id.eq(&held.api_key),
            idempotency_keys::key_digest.eq(held.key.as_slice()),
            idempotency_keys::content_digest.eq(held.content.as_slice()),
            idempotency_keys::holder.eq(&held.holder),
            idempotency_keys::started_at.eq(at),
            idempotency_keys::executed.eq(NOT_EXECUTED),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(missing(|_constraint| Entity::ApiKey))?;
    if added == 1 {
        return Ok(BegunRequest::First);
    }
    let known = idempotency_keys::table.find(row).select((
        idempotency_keys::content_digest,
        idempotency_keys::holder,
        idempotency_keys::executed,
        idempotency_keys::sealed_answer,
    ));
    let known: Option<KnownRequest> = known.first(conn).await.optional()?;
    // It was forgotten since, so the client may send it again.
    let Some((content, holder, executed, sealed)) = known else { return Ok(BegunRequest::Running) };
    if content != held.content {
        return Ok(BegunRequest::OtherContent);
    }
    if executed == NOT_EXECUTED {
        return Ok(BegunRequest::Running);
    }
    let sealed = sealed.map(Sealed::from_bytes);
    Ok(BegunRequest::Executed(KeptAnswer { holder: LeaseHolder::named(holder), sealed }))
}

async fn finish(
    conn: &mut Conn,
    held: &Held,
    answer: Option<&[u8]>,
    most: i64,
) -> Result<(), Failure> {
    let row = idempotency_keys::table.find((held.api_key.as_str(), held.key.as_slice()));
    let finished = diesel::update(row)
        .filter(idempotency_keys::holder.eq(&held.holder))
        .set((idempotency_keys::executed.eq(EXECUTED), idempotency_keys::sealed_answer.eq(answer)))
        .execute(conn)
        .await?;
    if finished == 0 {
        return Ok(());
    }
    let surplus: Vec<Vec<u8>> = idempotency_keys::table
        .filter(idempotency_keys::api_key_id.eq(&held.api_key))
        .filter(idempotency_keys::executed.eq(EXECUTED))
        .order((idempotency_keys::started_at.desc(), idempotency_keys::key_digest.desc()))
        .offset(most)
        .limit(SURPLUS)
        .select(idempotency_keys::key_digest)
        .load(conn)
        .await?;
    if !surplus.is_empty() {
        diesel::delete(idempotency_keys::table)
            .filter(idempotency_keys::api_key_id.eq(&held.api_key))
            .filter(idempotency_keys::key_digest.eq_any(surplus))
            .execute(conn)
            .await?;
    }
    Ok(())
}

async fn forget(conn: &mut Conn, held: &Held) -> Result<(), Failure> {
    let row = idempotency_keys::table.find((held.api_key.as_str(), held.key.as_slice()));
    diesel::delete(row)
        .filter(idempotency_keys::holder.eq(&held.holder))
        .filter(idempotency_keys::executed.eq(NOT_EXECUTED))
        .execute(conn)
        .await?;
    Ok(())
}

async fn delete_expired(conn: &mut Conn, before: Moment, limit: i64) -> Result<usize, Failure> {
    let oldest = rows_of("idempotency_keys", "started_at < $1 ORDER BY started_at LIMIT $2");
    let deleting = sql_query(format!("DELETE FROM idempotency_keys WHERE {oldest}"))
        .bind::<Ts, _>(before)
        .bind::<BigInt, _>(limit);
    Ok(deleting.execute(conn).await?)
}
