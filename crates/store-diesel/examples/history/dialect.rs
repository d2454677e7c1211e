//! The expressions in which the databases differ.

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// An instant, from its microseconds.
    pub(crate) fn instant(self, micros: &str) -> String {
        match self {
            Self::Sqlite => format!("({micros})"),
            Self::Postgres => format!("to_timestamp(({micros}) / 1000000.0)"),
        }
    }

    /// Eight hexadecimal digits of a number.
    pub(crate) fn hex(self, number: &str) -> String {
        match self {
            Self::Sqlite => format!("printf('%08x', {number})"),
            Self::Postgres => format!("lpad(to_hex({number}), 8, '0')"),
        }
    }

    /// A number in so many digits.
    pub(crate) fn digits(self, number: &str, width: usize) -> String {
        match self {
            Self::Sqlite => format!("printf('%0{width}d', {number})"),
            Self::Postgres => format!("lpad(({number})::text, {width}, '0')"),
        }
    }

    /// The numbers from one to another.
    pub(crate) fn series(self, from: u64, to: u64) -> String {
        match self {
            Self::Sqlite => format!(
                "(WITH RECURSIVE series (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM series WHERE n < {to}) SELECT n FROM series)"
            ),
            Self::Postgres => {
                format!("(SELECT n FROM generate_series({from}::bigint, {to}) AS s (n))")
            }
        }
    }

    /// Some bytes.
    pub(crate) const fn bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "x'00'",
            Self::Postgres => "'\\x00'::bytea",
        }
    }

    /// The definitions of all secondary indexes of the tables of records, as statements.
    pub(crate) const fn indexes(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT name, sql AS definition FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL \
                 AND tbl_name IN ('calls', 'messages', 'rejections')"
            }
            Self::Postgres => {
                "SELECT indexname::text AS name, indexdef::text AS definition FROM pg_indexes \
                 WHERE tablename IN ('calls', 'messages', 'rejections') AND indexname NOT LIKE '%pkey'"
            }
        }
    }

    /// Collects what the planner knows of the tables.
    pub(crate) const fn analyze(self) -> &'static str {
        match self {
            Self::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
            Self::Postgres => "VACUUM ANALYZE",
        }
    }
}
