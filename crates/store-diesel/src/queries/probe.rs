//! Whether the database answers.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::ports::{StoreError, StoreProbe};
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Moment, NOW, Store, Ts};
use crate::failure::Failure;

#[async_trait]
impl StoreProbe for Store {
    async fn time(&self) -> Result<Timestamp, StoreError> {
        let now = self.read("probe", (), |conn, ()| now(conn).boxed()).await?;
        Ok(now.0)
    }
}

async fn now(conn: &mut Conn) -> Result<Moment, Failure> {
    Ok(diesel::select(sql::<Ts>(NOW)).get_result(conn).await?)
}
