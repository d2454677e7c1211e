//! Reads the database of the legacy system, which Prisma created on Postgres: the tables `"TwilioPhoneNumber"` and
//! `"Chatbot"`, with or without the columns of subaccounts.

mod database;
mod map;
mod tables;
mod url;

pub use database::PrismaDatabase;
pub use map::{AccountMap, AgentMap, Column, NumberMap, PrismaMap, PrismaMapError};
pub use tables::PrismaError;
pub use url::PrismaUrl;
