//! The database of the earlier system is read in both of its forms, as it stands there, and is never changed.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::error::Error;

use switchboard_domain::ports::{
    EarlierChatbot, EarlierDirectory, EarlierNumber, EarlierSystem as _, StoreError,
};
use switchboard_store_diesel::{OpenError, PrismaDatabase, PrismaError, PrismaUrl};
use throwaway_postgres::{Cluster, Database};
use tokio_postgres::NoTls;

/// The tables as the earlier system has them today, made as its migrations make them.
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

/// The tables with subaccounts: ids are numbers, the voice is one of a few.
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

async fn read(url: &str) -> Result<EarlierDirectory, StoreError> {
    let url = PrismaUrl::parse(url).unwrap();
    PrismaDatabase::connect(&url).await.unwrap().read().await
}

/// What is wrong with the tables.
async fn wrong(url: &str) -> PrismaError {
    match read(url).await.unwrap_err() {
        StoreError::Failed { source, .. } => *source.downcast().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Number, chatbot, and SID and token of the subaccount.
type Shown<'a> = (&'a str, Option<&'a str>, Option<(&'a str, &'a str)>);

fn shown(number: &EarlierNumber) -> Shown<'_> {
    let subaccount = number.subaccount.as_ref();
    let subaccount = subaccount.map(|subaccount| (&*subaccount.sid, subaccount.token.expose()));
    (&number.phone_number, number.chatbot.as_deref(), subaccount)
}

fn chatbot(id: &str, name: &str) -> EarlierChatbot {
    let name = Some(name.to_owned());
    EarlierChatbot { id: id.to_owned(), name, prompt: None, voice: None, model: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_tables_are_read_as_they_stand() {
    let database = database(CURRENT).await;
    let directory = read(&database.url).await.unwrap();
    let sales = EarlierChatbot { prompt: Some(String::new()), ..chatbot("clx1", "Sales") };
    let support = EarlierChatbot {
        prompt: Some("You help.\n\n«Always»".to_owned()),
        voice: Some("alloy".to_owned()),
        model: Some("gpt-4o".to_owned()),
        ..chatbot("clx2", "Support – Zoë")
    };
    assert_eq!(directory.chatbots, [sales, support]);
    let numbers: Vec<_> = directory.numbers.iter().map(shown).collect();
    let expected: [Shown<'_>; 3] = [
        ("+1 (415) 555-0101", Some("clx1"), None),
        ("+14155550100", Some("clx2"), None),
        ("nonsense", None, None),
    ];
    assert_eq!(numbers, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_with_subaccounts_are_read_as_they_stand() {
    let database = database(WITH_SUBACCOUNTS).await;
    let directory = read(&database.url).await.unwrap();
    let sales = EarlierChatbot { voice: Some("nova".to_owned()), ..chatbot("1", "Sales") };
    assert_eq!(directory.chatbots, [sales]);
    let numbers: Vec<_> = directory.numbers.iter().map(shown).collect();
    let expected: [Shown<'_>; 5] = [
        ("+14155550100", Some("1"), Some(("AC1", "token 1"))),
        ("+14155550101", None, None),
        ("+14155550102", Some("1"), Some(("", ""))),
        ("+14155550103", Some("1"), Some(("AC4", ""))),
        ("+14155550104", Some("1"), None),
    ];
    assert_eq!(numbers, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_are_not_there_are_not_missed() {
    let database = database(WITH_SUBACCOUNTS).await;
    execute(
        &database,
        r#"ALTER TABLE "Chatbot" DROP COLUMN "prompt", DROP COLUMN "voice", DROP COLUMN "model";
           ALTER TABLE "TwilioPhoneNumber" DROP COLUMN "isSubaccount";"#,
    )
    .await;
    let directory = read(&database.url).await.unwrap();
    assert_eq!(directory.chatbots, [chatbot("1", "Sales")]);
    let numbers: Vec<_> = directory.numbers.iter().map(shown).collect();
    // Without the flag, a SID says that it is a subaccount.
    assert_eq!(numbers[1].2, Some(("AC2", "token 2")));
    assert_eq!(numbers[2].2, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_there_is_named() {
    let database = database(CURRENT).await;
    execute(&database, r#"ALTER TABLE "Chatbot" RENAME TO chatbots"#).await;
    let error = wrong(&database.url).await;
    assert!(matches!(error, PrismaError::NoTable { table: "Chatbot", .. }), "{error:?}");
    assert!(error.to_string().contains("the earlier system"), "{error}");
    execute(
        &database,
        r#"DROP TABLE "TwilioPhoneNumber"; ALTER TABLE chatbots RENAME TO "Chatbot""#,
    )
    .await;
    let error = wrong(&database.url).await;
    assert!(matches!(error, PrismaError::NoTable { table: "TwilioPhoneNumber", .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_needed_is_named() {
    for (table, column) in [
        ("TwilioPhoneNumber", "phoneNumber"),
        ("TwilioPhoneNumber", "chatbotId"),
        ("Chatbot", "id"),
    ] {
        let database = database(CURRENT).await;
        execute(&database, &format!(r#"ALTER TABLE "{table}" DROP COLUMN "{column}" CASCADE"#))
            .await;
        let error = wrong(&database.url).await;
        assert_eq!(
            error.to_string(),
            format!("the table {table:?} has no column {column:?} that this user may read")
        );
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
    assert_eq!(read(&url).await.unwrap().numbers.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_of_the_earlier_system_has_nothing() {
    let database = database(CURRENT).await;
    execute(&database, r#"DELETE FROM "TwilioPhoneNumber"; DELETE FROM "Chatbot";"#).await;
    let directory = read(&database.url).await.unwrap();
    assert!(directory.chatbots.is_empty() && directory.numbers.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_read_can_read_and_nothing_is_written() {
    let database = database(CURRENT).await;
    // A view that writes when it is read stands for whatever a database may do by itself.
    execute(
        &database,
        r#"CREATE TABLE told (at timestamptz);
           CREATE FUNCTION tell() RETURNS text LANGUAGE plpgsql AS
               $$ BEGIN INSERT INTO told VALUES (now()); RETURN 'x'; END $$;
           ALTER TABLE "Chatbot" RENAME TO bots;
           CREATE VIEW "Chatbot" AS SELECT "id", tell() AS "name" FROM bots;"#,
    )
    .await;
    let error = read(&database.url).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("read-only transaction"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_told_with_the_remedy_and_without_the_password() {
    let cluster = Cluster::private().await;
    let url = cluster.url("nowhere").replace("user=postgres", "user=postgres&password=hunter2");
    let url = PrismaUrl::parse(&url).unwrap();
    let error = PrismaDatabase::connect(&url).await.unwrap_err();
    assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    assert!(error.to_string().contains("database of the earlier system"), "{error}");
    let url = PrismaUrl::parse("postgresql://me:hunter2@127.0.0.1:1/bots?schema=public").unwrap();
    let error = PrismaDatabase::connect(&url).await.unwrap_err();
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}
