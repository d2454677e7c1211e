//! The queries, made from the tables and columns that the database has and those that the map names.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use switchboard_domain::ports::{
    AccountRow, AgentRow, ImportRow, ImportRows, ImportTable, NumberRow, RowKey,
};
use switchboard_domain::secret::Secret;

use super::database::ReadError;
use super::map::{AccountMap, AgentMap, Column, NumberMap, PrismaMap};

/// Names that an error lists at most.
const MAX_NAMED: usize = 40;

/// Why a database is not that of the legacy system.
#[derive(Debug, thiserror::Error)]
pub enum PrismaError {
    /// A table is missing, or the user may not read it.
    #[error(
        "the schema {schema:?} has no table {table:?} that this user may read; the URL must name the database of the \
         legacy system, its schema with ?schema=…, and a user who may read it; tables there: {}",
        named(there)
    )]
    NoTable {
        /// The schema of the URL.
        schema: String,
        /// The table.
        table: String,
        /// The tables that exist.
        there: Vec<String>,
    },
    /// A required column is missing, or the user may not read it.
    #[error(
        "the table {table:?} has no column {column:?} that this user may read; columns there: {}",
        named(there)
    )]
    NoColumn {
        /// The table.
        table: String,
        /// A column without which no row can be imported, or that the map names.
        column: String,
        /// The columns that exist.
        there: Vec<String>,
    },
}

fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(MAX_NAMED);
    let text = names.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match (names.len(), more) {
        (0, _) => "none".to_owned(),
        (_, 0) => text,
        (_, more) => format!("{text} and {more} more"),
    }
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName)]
struct ChatbotRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    prompt: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    voice: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    stream_url: Option<String>,
}

#[derive(QueryableByName)]
struct AccountColumns {
    #[diesel(sql_type = Nullable<Text>)]
    sid: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    auth_token: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    parent_sid: Option<String>,
}

#[derive(QueryableByName)]
struct NumberColumns {
    #[diesel(sql_type = Nullable<Text>)]
    id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    phone_number: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    chatbot: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    is_subaccount: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    subaccount_sid: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    subaccount_token: Option<String>,
}

/// Reads all accounts, agents and numbers.
pub(super) async fn rows(
    conn: &mut AsyncPgConnection,
    schema: &str,
    map: &PrismaMap,
) -> Result<ImportRows, ReadError> {
    let there = columns(conn, schema).await?;
    let agents = Table::of(&there, schema, &map.agents.table)?;
    let numbers = Table::of(&there, schema, &map.numbers.table)?;
    let accounts = match &map.accounts {
        Some(map) => account_rows(conn, &Table::of(&there, schema, &map.table)?, map).await?,
        None => ImportTable::default(),
    };
    let chatbots: Vec<ChatbotRow> =
        sql_query(agents_query(&agents, &map.agents)?).load(conn).await?;
    let rows: Vec<NumberColumns> =
        sql_query(numbers_query(&numbers, &map.numbers)?).load(conn).await?;
    Ok(ImportRows {
        accounts,
        agents: ImportTable {
            name: map.agents.table.as_str().into(),
            renamed: agent_names(&map.agents),
            rows: chatbots.into_iter().map(agent).collect(),
        },
        numbers: ImportTable {
            name: map.numbers.table.as_str().into(),
            renamed: number_names(&map.numbers),
            rows: rows.into_iter().map(number).collect(),
        },
    })
}

async fn account_rows(
    conn: &mut AsyncPgConnection,
    table: &Table<'_>,
    map: &AccountMap,
) -> Result<ImportTable<AccountRow>, ReadError> {
    let sid = table.required(&map.sid, "text")?;
    let token = table.required(&map.auth_token, "text")?;
    let name = table.optional(&map.name, "text")?;
    let parent = table.optional(&map.parent_sid, "text")?;
    let query = format!(
        "SELECT {sid} AS sid, {token} AS auth_token, {name} AS name, {parent} AS parent_sid \
         FROM {} ORDER BY {sid} COLLATE \"C\"",
        table.quoted_name()
    );
    let rows: Vec<AccountColumns> = sql_query(query).load(conn).await?;
    Ok(ImportTable {
        name: map.table.as_str().into(),
        renamed: vec![
            ("sid", map.sid.clone()),
            ("auth_token", map.auth_token.clone()),
            ("name", map.name.name().to_owned()),
            ("parent_sid", map.parent_sid.name().to_owned()),
        ],
        rows: rows.into_iter().map(account).collect(),
    })
}

fn agent_names(map: &AgentMap) -> Vec<(&'static str, String)> {
    let columns = [
        ("name", &map.name),
        ("prompt", &map.prompt),
        ("voice", &map.voice),
        ("model", &map.model),
        ("language", &map.language),
        ("stream_url", &map.stream_url),
    ];
    let id = [("external_id", map.external_id.clone())];
    id.into_iter().chain(columns.map(|(field, column)| (field, column.name().to_owned()))).collect()
}

fn number_names(map: &NumberMap) -> Vec<(&'static str, String)> {
    let columns = [
        ("account_sid", &map.account_sid),
        ("account_token", &map.account_token),
        ("agent_external_id", &map.agent_external_id),
    ];
    let number = [("phone_number", map.phone_number.clone())];
    let columns = columns.map(|(field, column)| (field, column.name().to_owned()));
    number.into_iter().chain(columns).collect()
}

/// The tables of the schema with their columns.
async fn columns(
    conn: &mut AsyncPgConnection,
    schema: &str,
) -> Result<BTreeMap<String, BTreeSet<String>>, ReadError> {
    let query = "SELECT table_name::text AS table_name, column_name::text AS column_name \
         FROM information_schema.columns WHERE table_schema = $1";
    let rows: Vec<ColumnRow> = sql_query(query).bind::<Text, _>(schema).load(conn).await?;
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        tables.entry(row.table_name).or_default().insert(row.column_name);
    }
    Ok(tables)
}

/// An existing table and its columns.
struct Table<'a> {
    schema: &'a str,
    name: &'a str,
    columns: &'a BTreeSet<String>,
}

impl<'a> Table<'a> {
    fn of(
        there: &'a BTreeMap<String, BTreeSet<String>>,
        schema: &'a str,
        name: &'a str,
    ) -> Result<Self, PrismaError> {
        let columns = there.get(name).ok_or_else(|| PrismaError::NoTable {
            schema: schema.to_owned(),
            table: name.to_owned(),
            there: there.keys().cloned().collect(),
        })?;
        Ok(Self { schema, name, columns })
    }

    /// SQL for a column of any type that must exist, cast to a type.
    fn required(&self, column: &str, kind: &str) -> Result<String, PrismaError> {
        if self.columns.contains(column) {
            Ok(format!("{}::{kind}", quoted(column)))
        } else {
            Err(PrismaError::NoColumn {
                table: self.name.to_owned(),
                column: column.to_owned(),
                there: self.columns.iter().cloned().collect(),
            })
        }
    }

    /// SQL for a column, cast to a type; `NULL` if there is none.
    fn optional(&self, column: &Column, kind: &str) -> Result<String, PrismaError> {
        match column {
            Column::Named(name) => self.required(name, kind),
            Column::Default(name) if self.columns.contains(*name) => self.required(name, kind),
            Column::Default(_) | Column::None => Ok(format!("NULL::{kind}")),
        }
    }

    /// The table's name in SQL.
    fn quoted_name(&self) -> String {
        format!("{}.{}", quoted(self.schema), quoted(self.name))
    }
}

/// A name in SQL, whatever characters it has.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn agents_query(table: &Table<'_>, map: &AgentMap) -> Result<String, PrismaError> {
    let id = table.required(&map.external_id, "text")?;
    let columns = [
        ("name", &map.name),
        ("prompt", &map.prompt),
        ("voice", &map.voice),
        ("model", &map.model),
        ("language", &map.language),
        ("stream_url", &map.stream_url),
    ];
    let mut selected = format!("{id} AS id");
    for (field, column) in columns {
        let value = table.optional(column, "text")?;
        selected.extend([", ", &value, " AS ", field]);
    }
    Ok(format!("SELECT {selected} FROM {} ORDER BY {id} COLLATE \"C\"", table.quoted_name()))
}

fn numbers_query(table: &Table<'_>, map: &NumberMap) -> Result<String, PrismaError> {
    let phone_number = table.required(&map.phone_number, "text")?;
    let id = table.optional(&map.id, "text")?;
    let chatbot = table.optional(&map.agent_external_id, "text")?;
    let is_subaccount = table.optional(&map.is_subaccount, "boolean")?;
    let sid = table.optional(&map.account_sid, "text")?;
    let token = table.optional(&map.account_token, "text")?;
    Ok(format!(
        "SELECT {id} AS id, {phone_number} AS phone_number, {chatbot} AS chatbot, {is_subaccount} AS is_subaccount, \
         {sid} AS subaccount_sid, {token} AS subaccount_token FROM {} ORDER BY {phone_number} COLLATE \"C\"",
        table.quoted_name()
    ))
}

fn account(row: AccountColumns) -> ImportRow<AccountRow> {
    let sid = row.sid.unwrap_or_default();
    let value = AccountRow {
        name: row.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| sid.clone()),
        auth_token: Secret::new(row.auth_token.unwrap_or_default()),
        parent_sid: row.parent_sid.unwrap_or_default(),
        region: None,
        sid,
    };
    ImportRow { key: RowKey::of_text(&value.sid), value }
}

fn agent(row: ChatbotRow) -> ImportRow<AgentRow> {
    let value = AgentRow {
        external_id: row.id,
        name: row.name.unwrap_or_default(),
        prompt: row.prompt.unwrap_or_default(),
        voice: row.voice.unwrap_or_default(),
        model: row.model.unwrap_or_default(),
        language: row.language.unwrap_or_default(),
        stream_url: row.stream_url.unwrap_or_default(),
        ..AgentRow::default()
    };
    ImportRow { key: RowKey::of_text(&value.external_id), value }
}

fn number(row: NumberColumns) -> ImportRow<NumberRow> {
    // The flag decides. Where it is NULL, a SID says that the number belongs to a subaccount.
    let sid = row.subaccount_sid.unwrap_or_default();
    let is_subaccount = row.is_subaccount.unwrap_or(!sid.is_empty());
    let token = row.subaccount_token.unwrap_or_default();
    let value = NumberRow {
        phone_number: row.phone_number.unwrap_or_default(),
        account_sid: is_subaccount.then_some(sid),
        account_token: is_subaccount.then(|| Secret::new(token)),
        agent_external_id: row.chatbot.unwrap_or_default(),
        ..NumberRow::default()
    };
    // In some databases, the number is the id.
    let id = row.id.filter(|id| !id.trim().is_empty() && id.trim() != value.phone_number.trim());
    let of_number = || RowKey::of_phone_number(&value.phone_number);
    let key = id.map_or_else(of_number, |id| RowKey::of_text(&id));
    ImportRow { key, value }
}
