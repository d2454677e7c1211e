//! The database of the system that users come from, as Prisma made it on Postgres: the tables
//! `"TwilioPhoneNumber"` and `"Chatbot"`, with or without the columns of subaccounts.

mod database;
mod tables;
mod url;

pub use database::PrismaDatabase;
pub use tables::PrismaError;
pub use url::PrismaUrl;
