//! The database of the legacy system, in both of its forms.

use throwaway_postgres::Database;
use tokio_postgres::NoTls;

/// The tables as the legacy system has them.
const CURRENT: &str = r#"
    CREATE TABLE "Chatbot" (
        "id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "prompt" TEXT NOT NULL, "voice" TEXT, "model" TEXT
    );
    CREATE TABLE "TwilioPhoneNumber" (
        "id" SERIAL PRIMARY KEY, "phoneNumber" TEXT NOT NULL UNIQUE,
        "chatbotId" TEXT REFERENCES "Chatbot" ("id")
    );
"#;

/// What its numbers have besides once there are subaccounts.
const SUBACCOUNTS: &str = r#"
    ALTER TABLE "TwilioPhoneNumber" ADD "subaccountSid" TEXT, ADD "subaccountAuthToken" TEXT,
        ADD "isSubaccount" BOOLEAN NOT NULL DEFAULT false;
"#;

/// A database of the legacy system. It is removed when this is dropped.
pub(crate) struct EarlierDatabase(Database);

impl EarlierDatabase {
    /// Without subaccounts.
    pub(crate) async fn current() -> Self {
        let earlier = Self(Database::empty().await);
        earlier.execute(CURRENT).await;
        earlier
    }

    /// With subaccounts.
    pub(crate) async fn with_subaccounts() -> Self {
        let earlier = Self::current().await;
        earlier.execute(SUBACCOUNTS).await;
        earlier
    }

    pub(crate) async fn execute(&self, statements: &str) {
        let (client, connection) = tokio_postgres::connect(&self.0.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(statements).await.unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }
}
