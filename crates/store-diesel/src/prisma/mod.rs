//! Reads the database of the legacy system, which Prisma created on Postgres: the tables `"TwilioPhoneNumber"` and
//! `"Chatbot"`, with or without the columns of subaccounts.

mod database;
mod tables;
mod url;

pub use database::PrismaDatabase;
pub use tables::PrismaError;
pub use url::PrismaUrl;
