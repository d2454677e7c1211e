//! Reads and writes all rows of the configuration.

use std::collections::BTreeMap;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use switchboard_domain::account::SealedTokens;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{
    ArchiveRow, ArchiveStore, ArchivedValue, Change, RestoreError, Restoring, StoreError,
};
use switchboard_domain::sid::AccountSid;

use super::dialect::{Conn, JSON_OBJECT, JSON_ROWS, Store, archived, restored};
use super::{archive_check, audited, changes};
use crate::archive::{Checked, Kind, ORGANIZATION_PLANS, Table, checked, tables};
use crate::failure::Failure;

/// How many rows one statement writes.
const BATCH: usize = 200;

#[derive(QueryableByName)]
struct StoredRow {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Text)]
    row: String,
}

#[derive(QueryableByName)]
struct FirstRow {
    #[diesel(sql_type = BigInt)]
    _one: i64,
}

#[async_trait]
impl ArchiveStore for Store {
    async fn read_archive(&self) -> Result<Vec<ArchiveRow>, StoreError> {
        let mut stored = self.read_long("archive.read", (), |conn, ()| read(conn).boxed()).await?;
        stored.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(stored.into_iter().map(|(_, row)| row).collect())
    }

    async fn restore_archive(
        &self,
        author: &Author,
        rows: Vec<ArchiveRow>,
        tokens: &[(AccountSid, SealedTokens)],
        restoring: Restoring,
    ) -> Result<(), RestoreError> {
        let wanted = (author.clone(), checked(rows, tokens)?, restoring);
        let written = self
            .write_long("archive.restore", wanted, |conn, (author, rows, restoring)| {
                restore(conn, author, rows, *restoring).boxed()
            })
            .await;
        let written = written.map_err(|error| match error {
            StoreError::Corrupt { table, column, key, source } => {
                RestoreError::Unusable { table, column, key, source }
            }
            other => other.into(),
        })?;
        written.map_err(|table| RestoreError::NotEmpty { table })
    }
}

/// The place of a table, and the key of a row.
type Place = (usize, Vec<String>);

async fn read(conn: &mut Conn) -> Result<Vec<(Place, ArchiveRow)>, Failure> {
    // One statement reads everything as it is at one moment.
    let parts: Vec<_> = tables().enumerate().map(|(place, table)| part(place, table)).collect();
    let stored: Vec<StoredRow> = sql_query(parts.join(" UNION ALL ")).load(conn).await?;
    let mut rows = Vec::with_capacity(stored.len());
    for StoredRow { place, row } in stored {
        let place = usize::try_from(place).unwrap_or_default();
        let Some(table) = tables().nth(place) else { continue };
        let stored: BTreeMap<String, StoredValue> =
            serde_json::from_str(&row).map_err(|error| {
                let (operation, source) = ("archive.read", Box::new(error));
                StoreError::Failed { operation, source }
            })?;
        let values: BTreeMap<_, _> =
            stored.into_iter().map(|(column, value)| (column, value.into())).collect();
        let key = table.key.iter().map(|column| sortable(values.get(*column))).collect();
        rows.push(((place, key), ArchiveRow { table: table.name.to_owned(), values }));
    }
    Ok(rows)
}

/// The query of a table.
fn part(place: usize, table: &Table) -> String {
    let values = table
        .columns
        .iter()
        .map(|(column, kind)| format!("'{column}', {}", archived(column, *kind)));
    let values: Vec<_> = values.collect();
    let from = if table.name == ORGANIZATION_PLANS.name {
        "organizations WHERE plan_id IS NOT NULL"
    } else {
        table.name
    };
    format!(
        "SELECT CAST({place} AS bigint) AS place, CAST({JSON_OBJECT}({}) AS text) AS row FROM {from}",
        values.join(", ")
    )
}

/// A value of a key as a text that sorts like it.
fn sortable(value: Option<&ArchivedValue>) -> String {
    match value {
        Some(ArchivedValue::Text(text)) => text.clone(),
        Some(ArchivedValue::Integer(number)) => format!("{number:020}"),
        Some(ArchivedValue::Null) | None => String::new(),
    }
}

/// A value as the databases write it as JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredValue {
    Integer(i64),
    Text(String),
    Null(()),
}

impl From<StoredValue> for ArchivedValue {
    fn from(value: StoredValue) -> Self {
        match value {
            StoredValue::Integer(number) => Self::Integer(number),
            StoredValue::Text(text) => Self::Text(text),
            StoredValue::Null(()) => Self::Null,
        }
    }
}

impl From<ArchivedValue> for StoredValue {
    fn from(value: ArchivedValue) -> Self {
        match value {
            ArchivedValue::Integer(number) => Self::Integer(number),
            ArchivedValue::Text(text) => Self::Text(text),
            ArchivedValue::Null => Self::Null(()),
        }
    }
}

/// Restores an archive, or writes it and takes that back, so that the database checks every row. Returns a table with rows if
/// there is one.
async fn restore(
    conn: &mut Conn,
    author: &Author,
    rows: &Checked,
    restoring: Restoring,
) -> Result<Result<(), &'static str>, Failure> {
    if let Some(table) = table_with_rows(conn).await? {
        return Ok(Err(table));
    }
    match restoring {
        Restoring::Written => {
            write(conn, rows).await?;
            archive_check::check(conn).await?;
            record(conn, author, rows).await?;
            changes::record(conn, &Change::Everything).await?;
        }
        Restoring::Checked => {
            sql_query("SAVEPOINT archive").execute(conn).await?;
            write(conn, rows).await?;
            archive_check::check(conn).await?;
            sql_query("ROLLBACK TO SAVEPOINT archive").execute(conn).await?;
        }
    }
    Ok(Ok(()))
}

/// Records how many rows each table got.
async fn record(conn: &mut Conn, author: &Author, rows: &Checked) -> Result<(), Failure> {
    let counts = rows.iter().filter(|(_, rows)| !rows.is_empty());
    let after = counts.fold(Snapshot::default(), |snapshot, (table, rows)| {
        snapshot.integer(table.name, i64::try_from(rows.len()).ok())
    });
    let object = ObjectRef::new(ObjectKind::Installation, "archive");
    let what = (Action::ArchiveRestored, object);
    audited::record(conn, author, None, what, (None, Some(&after))).await
}

/// A table with rows that a new database does not have.
async fn table_with_rows(conn: &mut Conn) -> Result<Option<&'static str>, Failure> {
    let others = format!(
        "SELECT CAST(1 AS bigint) AS _one FROM organizations WHERE id <> '{}' LIMIT 1",
        default_organization()
    );
    let found: Vec<FirstRow> = sql_query(others).load(conn).await?;
    if !found.is_empty() {
        return Ok(Some("organizations"));
    }
    for table in tables().filter(|table| table.conflict.is_empty()) {
        if table.name == ORGANIZATION_PLANS.name {
            continue;
        }
        let first = format!("SELECT CAST(1 AS bigint) AS _one FROM {} LIMIT 1", table.name);
        let found: Vec<FirstRow> = sql_query(first).load(conn).await?;
        if !found.is_empty() {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

async fn write(conn: &mut Conn, rows: &Checked) -> Result<(), Failure> {
    for (table, rows) in rows {
        let statement = statement(table);
        for batch in rows.chunks(BATCH) {
            let rows = batch.iter().map(|row| {
                let values = row.iter().map(|(name, value)| (name, value.clone().into()));
                values.collect::<BTreeMap<&String, StoredValue>>()
            });
            let json = serde_json::to_string(&rows.collect::<Vec<_>>()).map_err(|error| {
                let (operation, source) = ("archive.restore", Box::new(error));
                StoreError::Failed { operation, source }
            })?;
            sql_query(&statement).bind::<Text, _>(json).execute(conn).await?;
        }
    }
    Ok(())
}

/// The statement that writes rows, which are the elements of a JSON array.
fn statement(table: &Table) -> String {
    if table.name == ORGANIZATION_PLANS.name {
        let plan = restored("plan_id", Kind::Text);
        let id = restored("id", Kind::Text);
        return format!(
            "UPDATE organizations SET plan_id = (SELECT {plan} FROM {JSON_ROWS} WHERE {id} = organizations.id) \
             WHERE id IN (SELECT {id} FROM {JSON_ROWS})"
        );
    }
    let columns: Vec<_> = table.columns.iter().chain(table.given).collect();
    let names: Vec<_> = columns.iter().map(|(column, _)| *column).collect();
    let values: Vec<_> = columns.iter().map(|(column, kind)| restored(column, *kind)).collect();
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM {JSON_ROWS} WHERE true {}",
        table.name,
        names.join(", "),
        values.join(", "),
        table.conflict
    )
}
