//! Leases, which run by the clock of the database.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::query_dsl::methods::FilterDsl;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::ports::{Acquisition, LeaseHolder, LeaseName, LeaseStore, StoreError};

use super::dialect::{Conn, NOW, SECOND, Store, Ts};
use super::schema::leases;
use crate::failure::Failure;

#[async_trait]
impl LeaseStore for Store {
    async fn acquire(
        &self,
        name: LeaseName,
        holder: &LeaseHolder,
        duration: Duration,
    ) -> Result<Acquisition, StoreError> {
        // More than a century would overflow the calculation of the expiry.
        let seconds = u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        let wanted = (name.to_string(), holder.as_str().to_owned(), i64::from(seconds));
        self.write("lease.acquire", wanted, |conn, (name, holder, seconds)| {
            acquire(conn, name, holder, *seconds).boxed()
        })
        .await
    }

    async fn release(&self, name: LeaseName, holder: &LeaseHolder) -> Result<(), StoreError> {
        let wanted = (name.to_string(), holder.as_str().to_owned());
        self.write("lease.release", wanted, |conn, (name, holder)| {
            release(conn, name, holder).boxed()
        })
        .await
    }
}

async fn acquire(
    conn: &mut Conn,
    name: &str,
    holder: &str,
    seconds: i64,
) -> Result<Acquisition, Failure> {
    let expiry = sql::<Ts>(&format!("{NOW} + {SECOND} * ")).bind::<BigInt, _>(seconds);
    let is_free = leases::expires_at.le(sql::<Ts>(NOW));
    let renew_or_take_over = diesel::insert_into(leases::table)
        .values((leases::name.eq(name), leases::holder.eq(holder), leases::expires_at.eq(expiry)))
        .on_conflict(leases::name)
        .do_update()
        .set((
            leases::holder.eq(excluded(leases::holder)),
            leases::expires_at.eq(excluded(leases::expires_at)),
        ));
    let may = leases::holder.eq(excluded(leases::holder)).or(is_free);
    let acquired = FilterDsl::filter(renew_or_take_over, may).execute(conn).await?;
    Ok(if acquired == 1 { Acquisition::Acquired } else { Acquisition::HeldByAnother })
}

async fn release(conn: &mut Conn, name: &str, holder: &str) -> Result<(), Failure> {
    diesel::delete(leases::table)
        .filter(leases::name.eq(name))
        .filter(leases::holder.eq(holder))
        .execute(conn)
        .await?;
    Ok(())
}
