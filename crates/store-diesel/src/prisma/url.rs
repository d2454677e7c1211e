//! Where the earlier system's database is: what its operator wrote into its own `DATABASE_URL`.

use std::fmt;

use url::form_urlencoded;

use crate::{DatabaseUrlError, PostgresUrl};

/// What Prisma adds to a URL for its own pool, and no server knows (Prisma, "PostgreSQL: connection URL").
const OWN: [&str; 5] =
    ["connection_limit", "pool_timeout", "socket_timeout", "pgbouncer", "statement_cache_size"];
/// The schema that tables are in unless the URL names one (Prisma, "PostgreSQL: connection URL").
const USUAL_SCHEMA: &str = "public";

/// Where a database of Prisma's is and how it is reached. Neither `Debug` nor `Display` shows a password.
#[derive(Clone)]
pub struct PrismaUrl {
    pub(crate) server: PostgresUrl,
    pub(crate) schema: String,
}

impl PrismaUrl {
    /// Parses `postgres://…` or `postgresql://…` with Prisma's options and Postgres' own behind the question mark.
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        let (address, options) = text.split_once('?').unwrap_or((text, ""));
        let mut schema = None;
        let mut others = Vec::new();
        for option in options.split('&') {
            match form_urlencoded::parse(option.as_bytes()).next() {
                Some((name, value)) if name == "schema" => schema = Some(value.into_owned()),
                Some((name, _)) if OWN.contains(&name.as_ref()) => {}
                _ => others.push(option),
            }
        }
        let server = PostgresUrl::parse(&format!("{address}?{}", others.join("&")))?;
        let schema = schema.filter(|schema| !schema.is_empty());
        Ok(Self { server, schema: schema.unwrap_or_else(|| USUAL_SCHEMA.to_owned()) })
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
    fn the_options_of_prisma_are_understood_or_left_to_it() {
        let text = "postgresql://me:hunter2@db.example.com:5432/bots?schema=old%20ones&connection_limit=1\
             &pool_timeout=0&pgbouncer=true&sslmode=require&connect_timeout=10";
        let url = PrismaUrl::parse(text).unwrap();
        assert_eq!(url.schema, "old ones");
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.example.com/bots postgres://db.example.com/bots"
        );
        for usual in ["postgres://localhost/bots", "postgres://localhost/bots?schema="] {
            assert_eq!(PrismaUrl::parse(usual).unwrap().schema, "public");
        }
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused_and_no_password_is_shown() {
        let refused = |text| PrismaUrl::parse(text).unwrap_err();
        assert!(matches!(refused("prisma://accelerate.example.com"), DatabaseUrlError::Scheme));
        assert!(matches!(refused("file:./dev.db?schema=a"), DatabaseUrlError::Scheme));
        assert!(matches!(
            refused("postgres://localhost/bots?colour=red"),
            DatabaseUrlError::Postgres(_)
        ));
        let unencoded = refused("postgres://me:hun?yak2@localhost/bots?schema=public");
        assert!(matches!(unencoded, DatabaseUrlError::Unencoded));
        assert!(!format!("{unencoded} {unencoded:?}").contains("yak"));
    }
}
