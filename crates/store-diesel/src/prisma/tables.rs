//! Queries for both versions of the legacy tables: with and without the columns of subaccounts.

use std::collections::HashSet;

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use switchboard_domain::ports::{AgentRow, ImportRow, ImportRows, ImportTable, NumberRow, RowKey};
use switchboard_domain::secret::Secret;

use super::database::ReadError;

const NUMBERS: &str = "TwilioPhoneNumber";
const CHATBOTS: &str = "Chatbot";

/// Why a database is not that of the legacy system.
#[derive(Debug, thiserror::Error)]
pub enum PrismaError {
    /// A table is missing, or the user may not read it.
    #[error(
        "the schema {schema:?} has no table {table:?} that this user may read; the URL must name the database of the \
         legacy system, its schema with ?schema=…, and a user who may read it"
    )]
    NoTable {
        /// The schema of the URL.
        schema: String,
        /// `Chatbot` or `TwilioPhoneNumber`.
        table: &'static str,
    },
    /// A required column is missing, or the user may not read it.
    #[error("the table {table:?} has no column {column:?} that this user may read")]
    NoColumn {
        /// `Chatbot` or `TwilioPhoneNumber`.
        table: &'static str,
        /// A column without which no row can be imported.
        column: &'static str,
    },
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
}

#[derive(QueryableByName)]
struct NumberColumns {
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

/// Reads all chatbots and numbers.
pub(super) async fn rows(
    conn: &mut AsyncPgConnection,
    schema: &str,
) -> Result<ImportRows, ReadError> {
    let columns = columns(conn, schema).await?;
    let chatbots = Table::of(&columns, schema, CHATBOTS)?;
    let numbers = Table::of(&columns, schema, NUMBERS)?;
    let chatbots: Vec<ChatbotRow> = sql_query(chatbots_query(&chatbots)?).load(conn).await?;
    let numbers: Vec<NumberColumns> = sql_query(numbers_query(&numbers)?).load(conn).await?;
    Ok(ImportRows {
        accounts: ImportTable::default(),
        agents: ImportTable {
            name: CHATBOTS.into(),
            renamed: &[("external_id", "id")],
            rows: chatbots.into_iter().map(agent).collect(),
        },
        numbers: ImportTable {
            name: NUMBERS.into(),
            renamed: &[
                ("phone_number", "phoneNumber"),
                ("account_sid", "subaccountSid"),
                ("account_token", "subaccountAuthToken"),
                ("agent_external_id", "chatbotId"),
            ],
            rows: numbers.into_iter().map(number).collect(),
        },
    })
}

async fn columns(
    conn: &mut AsyncPgConnection,
    schema: &str,
) -> Result<HashSet<(String, String)>, ReadError> {
    let query = "SELECT table_name::text AS table_name, column_name::text AS column_name \
         FROM information_schema.columns WHERE table_schema = $1 AND table_name IN ($2, $3)";
    let query =
        sql_query(query).bind::<Text, _>(schema).bind::<Text, _>(NUMBERS).bind::<Text, _>(CHATBOTS);
    let rows: Vec<ColumnRow> = query.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.column_name)).collect())
}

/// An existing table and its columns.
struct Table<'a> {
    schema: &'a str,
    name: &'static str,
    columns: HashSet<&'a str>,
}

impl<'a> Table<'a> {
    fn of(
        all: &'a HashSet<(String, String)>,
        schema: &'a str,
        name: &'static str,
    ) -> Result<Self, PrismaError> {
        let own = all.iter().filter(|(table, _)| table == name);
        let columns: HashSet<_> = own.map(|(_, column)| column.as_str()).collect();
        if columns.is_empty() {
            return Err(PrismaError::NoTable { schema: schema.to_owned(), table: name });
        }
        Ok(Self { schema, name, columns })
    }

    /// SQL for a required column, cast to a type.
    fn required(&self, column: &'static str, kind: &str) -> Result<String, PrismaError> {
        if self.columns.contains(column) {
            Ok(self.optional(column, kind))
        } else {
            Err(PrismaError::NoColumn { table: self.name, column })
        }
    }

    /// SQL for a column of any type, cast to a type; `NULL` if the table does not have the column.
    fn optional(&self, column: &str, kind: &str) -> String {
        if self.columns.contains(column) {
            format!("\"{column}\"::{kind}")
        } else {
            format!("NULL::{kind}")
        }
    }

    /// The table's name in SQL.
    fn quoted_name(&self) -> String {
        format!("\"{}\".\"{}\"", self.schema.replace('"', "\"\""), self.name)
    }
}

fn chatbots_query(table: &Table<'_>) -> Result<String, PrismaError> {
    let id = table.required("id", "text")?;
    let [name, prompt, voice, model] =
        ["name", "prompt", "voice", "model"].map(|column| table.optional(column, "text"));
    Ok(format!(
        "SELECT {id} AS id, {name} AS name, {prompt} AS prompt, {voice} AS voice, {model} AS model \
         FROM {} ORDER BY {id} COLLATE \"C\"",
        table.quoted_name()
    ))
}

fn numbers_query(table: &Table<'_>) -> Result<String, PrismaError> {
    let phone_number = table.required("phoneNumber", "text")?;
    let chatbot = table.required("chatbotId", "text")?;
    let is_subaccount = table.optional("isSubaccount", "boolean");
    let sid = table.optional("subaccountSid", "text");
    let token = table.optional("subaccountAuthToken", "text");
    Ok(format!(
        "SELECT {phone_number} AS phone_number, {chatbot} AS chatbot, {is_subaccount} AS is_subaccount, \
         {sid} AS subaccount_sid, {token} AS subaccount_token FROM {} ORDER BY {phone_number} COLLATE \"C\"",
        table.quoted_name()
    ))
}

fn agent(row: ChatbotRow) -> ImportRow<AgentRow> {
    let value = AgentRow {
        external_id: row.id,
        name: row.name.unwrap_or_default(),
        prompt: row.prompt.unwrap_or_default(),
        voice: row.voice.unwrap_or_default(),
        model: row.model.unwrap_or_default(),
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
    };
    ImportRow { key: RowKey::of_phone_number(&value.phone_number), value }
}
