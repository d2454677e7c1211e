//! The URL of the legacy system's database: its own `DATABASE_URL`.

use std::fmt;

use url::form_urlencoded;

use crate::{DatabaseUrlError, PostgresUrl};

/// Options for Prisma's own pool, which Postgres does not know (Prisma, "PostgreSQL: connection URL").
const PRISMA_OPTIONS: [&str; 5] =
    ["connection_limit", "pool_timeout", "socket_timeout", "pgbouncer", "statement_cache_size"];
/// The schema if the URL names none (Prisma, "PostgreSQL: connection URL").
const DEFAULT_SCHEMA: &str = "public";

/// The server, database, user and schema of a Prisma database. Neither `Debug` nor `Display` shows a password.
#[derive(Clone)]
pub struct PrismaUrl {
    pub(crate) server: PostgresUrl,
    pub(crate) schema: String,
}

impl PrismaUrl {
    /// Parses `postgres://…` or `postgresql://…`. The query may contain Prisma's options and those of Postgres.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        let (address, options) = text.split_once('?').unwrap_or((text, ""));
        let mut schema = None;
        let mut others = Vec::new();
        for option in options.split('&') {
            match form_urlencoded::parse(option.as_bytes()).next() {
                Some((name, value)) if name == "schema" => schema = Some(value.into_owned()),
                Some((name, _)) if PRISMA_OPTIONS.contains(&name.as_ref()) => {}
                _ => others.push(option),
            }
        }
        let server = PostgresUrl::parse(&format!("{address}?{}", others.join("&")))?;
        let schema = schema.filter(|schema| !schema.is_empty());
        Ok(Self { server, schema: schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()) })
    }
}

impl fmt::Display for PrismaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.server, f)
    }
}

impl fmt::Debug for PrismaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::PrismaUrl;
    use crate::DatabaseUrlError;

    #[test]
    fn the_schema_is_read_and_other_prisma_options_are_ignored() {
        let text = "postgresql://me:hunter2@db.example.com:5432/bots?schema=old%20ones&connection_limit=1\
             &pool_timeout=0&pgbouncer=true&sslmode=require&connect_timeout=10";
        let url = PrismaUrl::parse(text).unwrap();
        assert_eq!(url.schema, "old ones");
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.example.com/bots postgres://db.example.com/bots"
        );
        for default in ["postgres://localhost/bots", "postgres://localhost/bots?schema="] {
            assert_eq!(PrismaUrl::parse(default).unwrap().schema, "public");
        }
    }

    #[test]
    fn an_invalid_url_is_rejected_and_no_password_is_shown() {
        let rejected = |text| PrismaUrl::parse(text).unwrap_err();
        assert!(matches!(rejected("prisma://accelerate.example.com"), DatabaseUrlError::Scheme));
        assert!(matches!(rejected("file:./dev.db?schema=a"), DatabaseUrlError::Scheme));
        assert!(matches!(
            rejected("postgres://localhost/bots?colour=red"),
            DatabaseUrlError::Parameter { name } if name == "colour"
        ));
        let unencoded = rejected("postgres://me:hun?yak2@localhost/bots?schema=public");
        assert!(matches!(unencoded, DatabaseUrlError::Unencoded));
        assert!(!format!("{unencoded} {unencoded:?}").contains("yak"));
    }
}
