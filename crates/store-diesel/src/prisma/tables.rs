//! What stands in the tables, in both of the forms that the earlier system gave them.

use std::collections::HashSet;

use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use switchboard_domain::ports::{
    EarlierChatbot, EarlierDirectory, EarlierNumber, EarlierSubaccount,
};
use switchboard_domain::secret::Secret;

use super::database::ReadingFailure;

const NUMBERS: &str = "TwilioPhoneNumber";
const CHATBOTS: &str = "Chatbot";

/// Why a database is not the earlier system's.
#[derive(Debug, thiserror::Error)]
pub enum PrismaError {
    /// A table is not there, or not for this user.
    #[error(
        "the schema {schema:?} has no table {table:?} that this user may read; name the database of the earlier \
         system, its schema by ?schema=…, and a user who may read it"
    )]
    NoTable {
        /// The schema that was looked at.
        schema: String,
        /// The table.
        table: &'static str,
    },
    /// A column is not there that nothing can do without.
    #[error("the table {table:?} has no column {column:?} that this user may read")]
    NoColumn {
        /// The table.
        table: &'static str,
        /// The column.
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
struct NumberRow {
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

/// Everything that is there.
pub(super) async fn directory(
    conn: &mut AsyncPgConnection,
    schema: &str,
) -> Result<EarlierDirectory, ReadingFailure> {
    let columns = columns(conn, schema).await?;
    let chatbots = Table::of(&columns, schema, CHATBOTS)?;
    let numbers = Table::of(&columns, schema, NUMBERS)?;
    let chatbots: Vec<ChatbotRow> = sql_query(chatbots_query(&chatbots)?).load(conn).await?;
    let numbers: Vec<NumberRow> = sql_query(numbers_query(&numbers)?).load(conn).await?;
    Ok(EarlierDirectory {
        chatbots: chatbots.into_iter().map(EarlierChatbot::from).collect(),
        numbers: numbers.into_iter().map(EarlierNumber::from).collect(),
    })
}

async fn columns(
    conn: &mut AsyncPgConnection,
    schema: &str,
) -> Result<HashSet<(String, String)>, ReadingFailure> {
    let query = "SELECT table_name::text AS table_name, column_name::text AS column_name \
         FROM information_schema.columns WHERE table_schema = $1 AND table_name IN ($2, $3)";
    let query =
        sql_query(query).bind::<Text, _>(schema).bind::<Text, _>(NUMBERS).bind::<Text, _>(CHATBOTS);
    let rows: Vec<ColumnRow> = query.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.column_name)).collect())
}

/// A table that is there, and which columns it has.
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

    /// A column that must be there, as a value of a type.
    fn required(&self, column: &'static str, kind: &str) -> Result<String, PrismaError> {
        if self.columns.contains(column) {
            Ok(self.optional(column, kind))
        } else {
            Err(PrismaError::NoColumn { table: self.name, column })
        }
    }

    /// A column as a value of a type: of whatever type it is itself, and nothing where it is not there.
    fn optional(&self, column: &str, kind: &str) -> String {
        if self.columns.contains(column) {
            format!("\"{column}\"::{kind}")
        } else {
            format!("NULL::{kind}")
        }
    }

    /// The table, as a statement names it.
    fn place(&self) -> String {
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
        table.place()
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
        table.place()
    ))
}

impl From<ChatbotRow> for EarlierChatbot {
    fn from(row: ChatbotRow) -> Self {
        let ChatbotRow { id, name, prompt, voice, model } = row;
        Self { id, name, prompt, voice, model }
    }
}

impl From<NumberRow> for EarlierNumber {
    fn from(row: NumberRow) -> Self {
        // What the flag says counts; where it says nothing, a SID that is written down does.
        let sid = row.subaccount_sid.unwrap_or_default();
        let is_subaccount = row.is_subaccount.unwrap_or(!sid.is_empty());
        let token = row.subaccount_token.unwrap_or_default();
        Self {
            phone_number: row.phone_number.unwrap_or_default(),
            chatbot: row.chatbot,
            subaccount: is_subaccount.then(|| EarlierSubaccount { sid, token: Secret::new(token) }),
        }
    }
}
