//! Both versions of the legacy database are read completely and never written to.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::error::Error;

use switchboard_domain::ports::{
    AgentRow, ImportRow, ImportRows, LegacySystem as _, NumberRow, RowKey, StoreError,
};
use switchboard_domain::secret::Secret;
use switchboard_store_diesel::{
    AccountMap, AgentMap, Column, DatabaseOpenError, Missing, NumberMap, PrismaDatabase,
    PrismaError, PrismaMap, PrismaUrl,
};
use throwaway_postgres::{Cluster, Database};
use tokio_postgres::NoTls;

/// The current tables, created as the migrations of the legacy system create them.
const CURRENT: &str = r#"
    CREATE TABLE "Chatbot" (
        "id" TEXT NOT NULL, "name" TEXT NOT NULL, "prompt" TEXT NOT NULL, "voice" TEXT, "model" TEXT,
        "systemPrompt" TEXT, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT "Chatbot_pkey" PRIMARY KEY ("id")
    );
    CREATE TABLE "TwilioPhoneNumber" (
        "id" TEXT NOT NULL, "phoneNumber" TEXT NOT NULL, "chatbotId" TEXT,
        CONSTRAINT "TwilioPhoneNumber_pkey" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "TwilioPhoneNumber_phoneNumber_key" ON "TwilioPhoneNumber" ("phoneNumber");
    ALTER TABLE "TwilioPhoneNumber" ADD CONSTRAINT "TwilioPhoneNumber_chatbotId_fkey" FOREIGN KEY ("chatbotId")
        REFERENCES "Chatbot" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
    INSERT INTO "Chatbot" VALUES
        ('clx2', 'Support – Zoë', E'You help.\n\n«Always»', 'alloy', 'gpt-4o', 'not this one'),
        ('clx1', 'Sales', '', NULL, NULL, NULL);
    INSERT INTO "TwilioPhoneNumber" VALUES
        ('b', '+1 (415) 555-0101', 'clx1'), ('a', '+14155550100', 'clx2'), ('c', 'nonsense', NULL);
"#;

/// The tables with subaccounts: ids are numbers, the voice is an enum.
const WITH_SUBACCOUNTS: &str = r#"
    CREATE TYPE "Voice" AS ENUM ('alloy', 'nova');
    CREATE TABLE "Chatbot" ("id" SERIAL PRIMARY KEY, "name" TEXT, "prompt" TEXT, "voice" "Voice", "model" TEXT);
    CREATE TABLE "TwilioPhoneNumber" (
        "id" SERIAL PRIMARY KEY, "phoneNumber" TEXT NOT NULL, "chatbotId" INTEGER REFERENCES "Chatbot" ("id"),
        "subaccountSid" TEXT, "subaccountAuthToken" TEXT, "isSubaccount" BOOLEAN DEFAULT false
    );
    INSERT INTO "Chatbot" ("name", "voice") VALUES ('Sales', 'nova');
    INSERT INTO "TwilioPhoneNumber"
        ("phoneNumber", "chatbotId", "subaccountSid", "subaccountAuthToken", "isSubaccount")
    VALUES ('+14155550100', 1, 'AC1', 'token 1', true), ('+14155550101', NULL, 'AC2', 'token 2', false),
        ('+14155550102', 1, NULL, NULL, true), ('+14155550103', 1, 'AC4', NULL, NULL),
        ('+14155550104', 1, '', '', NULL);
"#;

async fn execute(database: &Database, statements: &str) {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
}

async fn database(statements: &str) -> Database {
    let database = Database::empty().await;
    execute(&database, statements).await;
    database
}

async fn read(url: &str) -> Result<ImportRows, StoreError> {
    read_by(url, PrismaMap::default()).await
}

async fn read_by(url: &str, map: PrismaMap) -> Result<ImportRows, StoreError> {
    let url = PrismaUrl::parse(url).unwrap();
    PrismaDatabase::connect(&url, map).await.unwrap().read().await
}

/// The missing table or column.
async fn wrong(url: &str) -> PrismaError {
    match read(url).await.unwrap_err() {
        StoreError::Failed { source, .. } => *source.downcast().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Number, chatbot, and SID and token of the subaccount.
type Shown<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>);

fn shown(row: &ImportRow<NumberRow>) -> Shown<'_> {
    let number = &row.value;
    let token = number.account_token.as_ref().map(Secret::expose);
    (&number.phone_number, &number.agent_external_id, number.account_sid.as_deref().zip(token))
}

fn chatbots(rows: &ImportRows) -> Vec<AgentRow> {
    rows.agents.rows.iter().map(|row| row.value.clone()).collect()
}

fn chatbot(id: &str, name: &str) -> AgentRow {
    AgentRow { external_id: id.to_owned(), name: name.to_owned(), ..AgentRow::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_tables_are_read() {
    let database = database(CURRENT).await;
    let rows = read(&database.url).await.unwrap();
    let sales = chatbot("clx1", "Sales");
    let support = AgentRow {
        prompt: "You help.\n\n«Always»".to_owned(),
        voice: "alloy".to_owned(),
        model: "gpt-4o".to_owned(),
        ..chatbot("clx2", "Support – Zoë")
    };
    assert_eq!(chatbots(&rows), [sales, support]);
    let numbers: Vec<_> = rows.numbers.rows.iter().map(shown).collect();
    let expected: [Shown<'_>; 3] = [
        ("+1 (415) 555-0101", "clx1", None),
        ("+14155550100", "clx2", None),
        ("nonsense", "", None),
    ];
    assert_eq!(numbers, expected);
    assert_eq!(rows.agents.rows[0].key, RowKey::Key("clx1".to_owned()));
    assert_eq!(rows.numbers.rows[0].key, RowKey::Key("b".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_with_subaccounts_are_read() {
    let database = database(WITH_SUBACCOUNTS).await;
    let rows = read(&database.url).await.unwrap();
    let sales = AgentRow { voice: "nova".to_owned(), ..chatbot("1", "Sales") };
    assert_eq!(chatbots(&rows), [sales]);
    let numbers: Vec<_> = rows.numbers.rows.iter().map(shown).collect();
    let expected: [Shown<'_>; 5] = [
        ("+14155550100", "1", Some(("AC1", "token 1"))),
        ("+14155550101", "", None),
        ("+14155550102", "1", Some(("", ""))),
        ("+14155550103", "1", Some(("AC4", ""))),
        ("+14155550104", "1", None),
    ];
    assert_eq!(numbers, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn optional_columns_may_be_missing() {
    let database = database(WITH_SUBACCOUNTS).await;
    execute(
        &database,
        r#"ALTER TABLE "Chatbot" DROP COLUMN "prompt", DROP COLUMN "voice", DROP COLUMN "model";
           ALTER TABLE "TwilioPhoneNumber" DROP COLUMN "isSubaccount";"#,
    )
    .await;
    let rows = read(&database.url).await.unwrap();
    assert_eq!(chatbots(&rows), [chatbot("1", "Sales")]);
    let numbers: Vec<_> = rows.numbers.rows.iter().map(shown).collect();
    // Without the flag, a SID means that the number belongs to a subaccount.
    assert_eq!(numbers[1].2, Some(("AC2", "token 2")));
    assert_eq!(numbers[2].2, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_is_named() {
    let database = database(CURRENT).await;
    execute(&database, r#"ALTER TABLE "Chatbot" RENAME TO chatbots"#).await;
    let error = wrong(&database.url).await;
    assert!(
        matches!(&error, PrismaError::NoTable { table, .. } if table == "Chatbot"),
        "{error:?}"
    );
    assert!(error.to_string().contains("the legacy system"), "{error}");
    execute(
        &database,
        r#"DROP TABLE "TwilioPhoneNumber"; ALTER TABLE chatbots RENAME TO "Chatbot""#,
    )
    .await;
    let error = wrong(&database.url).await;
    assert!(
        matches!(&error, PrismaError::NoTable { table, .. } if table == "TwilioPhoneNumber"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_required_column_is_named() {
    for (table, column) in [
        ("TwilioPhoneNumber", "phoneNumber"),
        ("TwilioPhoneNumber", "chatbotId"),
        ("Chatbot", "id"),
    ] {
        let database = database(CURRENT).await;
        execute(&database, &format!(r#"ALTER TABLE "{table}" DROP COLUMN "{column}" CASCADE"#))
            .await;
        let error = wrong(&database.url).await;
        let text = format!("the table {table:?} has no column {column:?} that this user may read");
        let error = error.to_string();
        assert!(error.starts_with(&text) && error.contains("columns there: "), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_that_the_url_names_is_read() {
    let database = database(r#"CREATE SCHEMA "old ""ones""#).await;
    execute(&database, &format!("SET search_path = \"old \"\"ones\"; {CURRENT}")).await;
    let error = wrong(&database.url).await;
    assert!(
        matches!(&error, PrismaError::NoTable { schema, .. } if schema == "public"),
        "{error:?}"
    );
    let url = format!("{}&schema=old%20%22ones&connection_limit=1", database.url);
    assert_eq!(read(&url).await.unwrap().numbers.rows.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_names_other_tables_and_columns() {
    let database = database(
        r#"CREATE TABLE bots (slug TEXT, "the ""text""" TEXT, url TEXT);
           CREATE TABLE lines (e164 TEXT, bot TEXT, sid TEXT);
           CREATE TABLE accounts (sid TEXT, token TEXT);
           INSERT INTO bots VALUES ('sales', 'Sell.', 'wss://a.example/s');
           INSERT INTO lines VALUES ('+14155550100', 'sales', 'AC1');
           INSERT INTO accounts VALUES ('AC1', 'token 1');"#,
    )
    .await;
    let named = |name: &str| Column::Named(name.to_owned());
    let agents = AgentMap {
        table: "bots".to_owned(),
        external_id: "slug".to_owned(),
        prompt: named("the \"text\""),
        stream_url: named("url"),
        ..AgentMap::default()
    };
    let numbers = NumberMap {
        table: "lines".to_owned(),
        phone_number: "e164".to_owned(),
        agent_external_id: named("bot"),
        account_sid: named("sid"),
        ..NumberMap::default()
    };
    let accounts = AccountMap {
        table: "accounts".to_owned(),
        sid: "sid".to_owned(),
        auth_token: "token".to_owned(),
        name: Column::None,
        parent_sid: Column::None,
    };
    let map = PrismaMap { agents, numbers, accounts: Some(accounts) };
    let rows = read_by(&database.url, map.clone()).await.unwrap();
    let agent = &rows.agents.rows[0].value;
    assert_eq!((agent.prompt.as_str(), agent.stream_url.as_str()), ("Sell.", "wss://a.example/s"));
    assert_eq!(shown(&rows.numbers.rows[0]), ("+14155550100", "sales", Some(("AC1", ""))));
    // Without an id, a row is named by the last digits of its number.
    assert_eq!(rows.numbers.rows[0].key, RowKey::Key("…00".to_owned()));
    let account = &rows.accounts.rows[0].value;
    assert_eq!((account.name.as_str(), account.auth_token.expose()), ("AC1", "token 1"));

    let agents = AgentMap { model: named("llm"), ..map.agents.clone() };
    let error = read_by(&database.url, PrismaMap { agents, ..map }).await.unwrap_err();
    let error = error.source().unwrap().to_string();
    assert!(
        error.contains("no column \"llm\"") && error.contains("slug, the \"text\", url"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_tables_yield_no_rows() {
    let database = database(CURRENT).await;
    execute(&database, r#"DELETE FROM "TwilioPhoneNumber"; DELETE FROM "Chatbot";"#).await;
    let rows = read(&database.url).await.unwrap();
    assert!(rows.agents.rows.is_empty() && rows.numbers.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_cannot_write() {
    let database = database(CURRENT).await;
    // A view that writes when it is read.
    execute(
        &database,
        r#"CREATE TABLE reads (at timestamptz);
           CREATE FUNCTION record_read() RETURNS text LANGUAGE plpgsql AS
               $$ BEGIN INSERT INTO reads VALUES (now()); RETURN 'x'; END $$;
           ALTER TABLE "Chatbot" RENAME TO bots;
           CREATE VIEW "Chatbot" AS SELECT "id", record_read() AS "name" FROM bots;"#,
    )
    .await;
    let error = read(&database.url).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("read-only transaction"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_server_is_reported_without_the_password() {
    let cluster = Cluster::private().await;
    let url = cluster.url("nowhere").replace("user=postgres", "user=postgres&password=hunter2");
    let url = PrismaUrl::parse(&url).unwrap();
    let error = PrismaDatabase::connect(&url, PrismaMap::default()).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::Missing { what: Missing::Legacy, .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
    let url = PrismaUrl::parse("postgresql://me:hunter2@127.0.0.1:1/bots?schema=public").unwrap();
    let error = PrismaDatabase::connect(&url, PrismaMap::default()).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}
