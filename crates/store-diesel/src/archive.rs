//! The archive of the configuration: all tables that hold what people have set, with their columns. Secrets, observations and
//! records of what happened are not in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use switchboard_domain::account::SealedTokens;
use switchboard_domain::ports::{ArchiveRow, ArchivedValue, RestoreError};
use switchboard_domain::sid::AccountSid;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    /// Microseconds since the Unix epoch.
    Instant,
    /// Hexadecimal digits.
    Bytes,
}

use Kind::{Bytes, Instant, Integer, Text};

/// A column, and its type.
pub(crate) type Column = (&'static str, Kind);

/// A table of the archive.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of the primary key, by which rows are sorted.
    pub(crate) key: &'static [&'static str],
    pub(crate) columns: &'static [Column],
    /// Columns that are required and not archived: whoever restores the archive gives them.
    pub(crate) given: &'static [Column],
    /// Columns with secrets. They are not archived; the audit log says of them only that they were set or changed.
    pub(crate) secrets: &'static [&'static str],
    /// How a row is restored that is there already.
    pub(crate) conflict: &'static str,
}

impl Table {
    const fn new(
        name: &'static str,
        key: &'static [&'static str],
        columns: &'static [Column],
    ) -> Self {
        Self { name, key, columns, given: &[], secrets: &[], conflict: "" }
    }
}

/// The table of the tokens that an archive does not have.
pub(crate) const ACCOUNTS: &str = "accounts";

/// The tables, each after those that it refers to. The plans of organizations refer to plans, so they come last.
pub(crate) static TABLES: [Table; 13] = [
    Table {
        // The default organization is there already.
        conflict: "ON CONFLICT (id) DO UPDATE SET name = excluded.name, created_at = excluded.created_at",
        ..Table::new(
            "organizations",
            &["id"],
            &[("id", Text), ("name", Text), ("created_at", Instant)],
        )
    },
    Table::new(
        "routing_plans",
        &["id"],
        &[("id", Text), ("organization_id", Text), ("name", Text), ("version", Integer)],
    ),
    Table::new(
        "routing_plan_versions",
        &["plan_id", "version"],
        &[
            ("plan_id", Text),
            ("version", Integer),
            ("name", Text),
            ("document", Text),
            ("author", Text),
            ("saved_at", Instant),
        ],
    ),
    Table::new(
        "calendars",
        &["organization_id", "name"],
        &[("organization_id", Text), ("name", Text), ("days", Text)],
    ),
    Table::new(
        "number_lists",
        &["organization_id", "name"],
        &[("organization_id", Text), ("name", Text)],
    ),
    Table::new(
        "number_list_entries",
        &["organization_id", "list_name", "phone_number"],
        &[("organization_id", Text), ("list_name", Text), ("phone_number", Text)],
    ),
    Table {
        given: &[("sealed_token", Bytes), ("token_version", Integer)],
        secrets: &["sealed_token", "sealed_next_token", "sealed_api_key_secret"],
        ..Table::new(
            ACCOUNTS,
            &["sid"],
            &[
                ("sid", Text),
                ("organization_id", Text),
                ("name", Text),
                ("parent_sid", Text),
                ("created_at", Instant),
                ("region", Text),
                ("status", Text),
                ("plan_id", Text),
                ("validation", Text),
                ("connect_app_sid", Text),
                ("connect_owner_sid", Text),
                ("disconnected_at", Instant),
            ],
        )
    },
    Table::new(
        "agents",
        &["id"],
        &[
            ("id", Text),
            ("organization_id", Text),
            ("external_id", Text),
            ("name", Text),
            ("prompt", Text),
            ("voice", Text),
            ("model", Text),
            ("language", Text),
            ("voice_target_kind", Text),
            ("voice_target_value", Text),
            ("message_target_kind", Text),
            ("message_target_value", Text),
            ("state", Text),
            ("created_at", Instant),
            ("capacity", Integer),
            ("hours", Text),
            ("health_url", Text),
            ("parameters", Text),
            ("relay", Text),
            ("message_webhook", Text),
            ("message_twilio", Text),
            ("message_chat", Text),
            ("gone_target", Text),
            ("gone_at", Instant),
            ("whatsapp_template", Text),
            ("voice_twilio", Text),
        ],
    ),
    Table::new(
        "numbers",
        &["phone_number"],
        &[
            ("phone_number", Text),
            ("organization_id", Text),
            ("account_sid", Text),
            ("agent_id", Text),
            ("channels", Text),
            ("created_at", Instant),
            ("repair_policy", Text),
            ("adopted", Text),
            ("plan_id", Text),
        ],
    ),
    Table::new(
        "subscriptions",
        &["id"],
        &[
            ("id", Text),
            ("organization_id", Text),
            ("url", Text),
            ("types", Text),
            ("disabled_reason", Text),
            ("disabled_at", Instant),
            ("created_at", Instant),
        ],
    ),
    Table::new(
        "consents",
        &["organization_id", "sender", "contact"],
        &[
            ("organization_id", Text),
            ("sender", Text),
            ("contact", Text),
            ("state", Text),
            ("changed_at", Instant),
            ("account_sid", Text),
            ("message_sid", Text),
        ],
    ),
    Table::new(
        "api_keys",
        &["id"],
        &[
            ("id", Text),
            ("organization_id", Text),
            ("name", Text),
            ("scopes", Text),
            ("networks", Text),
            ("digest", Bytes),
            ("created_at", Instant),
            ("expires_at", Instant),
            ("revoked_at", Instant),
        ],
    ),
    Table {
        // A server that was started already has its own.
        conflict: "ON CONFLICT (id) DO NOTHING",
        ..Table::new("public_url", &["id"], &[("id", Integer), ("url", Text)])
    },
];

/// The plans that are attached to organizations, as a table of the archive.
pub(crate) static ORGANIZATION_PLANS: Table =
    Table::new("organization_plans", &["id"], &[("id", Text), ("plan_id", Text)]);

/// The tables of archives with their columns.
pub fn archived_tables() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    tables().map(|table| (table.name, table.columns.iter().map(|(column, _)| *column).collect()))
}

/// The rows of each table, ready to be written.
pub(crate) type Checked = Vec<(&'static Table, Vec<BTreeMap<String, ArchivedValue>>)>;

/// Sorts rows by tables and checks their columns. Accounts get their tokens.
pub(crate) fn checked(
    rows: Vec<ArchiveRow>,
    tokens: &[(AccountSid, SealedTokens)],
) -> Result<Checked, RestoreError> {
    let mut tables: Checked = tables().map(|table| (table, Vec::new())).collect();
    for row in rows {
        let found = tables.iter_mut().find(|(table, _)| table.name == row.table);
        let Some((table, checked)) = found else {
            return Err(RestoreError::UnknownTable { table: row.table });
        };
        let mut values = row.values;
        for (column, kind) in table.columns {
            match values.get(*column) {
                None => {
                    let (table, column) = (table.name, (*column).to_owned());
                    return Err(RestoreError::Column { table, column });
                }
                Some(value) if !fits(value, *kind) => {
                    return Err(RestoreError::Value { table: table.name, column });
                }
                Some(_) => {}
            }
        }
        let is_known = |name: &String| table.columns.iter().any(|(column, _)| column == name);
        if let Some(column) = values.keys().find(|name| !is_known(name)) {
            return Err(RestoreError::Column { table: table.name, column: column.clone() });
        }
        if table.name == ACCOUNTS {
            let sid = match values.get("sid") {
                Some(ArchivedValue::Text(sid)) => sid.as_str(),
                _ => "",
            };
            let token = tokens.iter().find(|(account, _)| account.as_str() == sid);
            let Some((_, token)) = token else {
                return Err(RestoreError::NoToken { account: sid.to_owned() });
            };
            let sealed = token.primary.as_bytes();
            let mut digits = String::with_capacity(2 * sealed.len());
            for byte in sealed {
                // Writing to a text cannot fail.
                let _written = write!(digits, "{byte:02x}");
            }
            values.insert("sealed_token".to_owned(), ArchivedValue::Text(digits));
            let version = ArchivedValue::Integer(token.primary.version().number());
            values.insert("token_version".to_owned(), version);
        }
        checked.push(values);
    }
    Ok(tables)
}

/// The table with this name.
pub(crate) fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// All tables, in the order in which they are restored.
pub(crate) fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain([&ORGANIZATION_PLANS])
}

fn fits(value: &ArchivedValue, kind: Kind) -> bool {
    match (value, kind) {
        (ArchivedValue::Null, _)
        | (ArchivedValue::Text(_), Text)
        | (ArchivedValue::Integer(_), Integer | Instant) => true,
        (ArchivedValue::Text(text), Bytes) => {
            text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::ports::{ArchiveRow, ArchivedValue, RestoreError};

    use super::checked;

    fn row(table: &str, values: &[(&str, ArchivedValue)]) -> ArchiveRow {
        let values = values.iter().map(|(column, value)| ((*column).to_owned(), value.clone()));
        ArchiveRow { table: table.to_owned(), values: values.collect() }
    }

    #[test]
    fn a_row_has_exactly_the_columns_of_its_table() {
        let text = |text: &str| ArchivedValue::Text(text.to_owned());
        let (owner, name) = (("organization_id", text("org")), ("name", text("vip")));
        let whole = [owner.clone(), name.clone()];
        let restored = checked(vec![row("number_lists", &whole)], &[]).unwrap();
        let rows: usize = restored.iter().map(|(_, rows)| rows.len()).sum();
        assert_eq!(rows, 1);
        let error = |table, values: &[_]| checked(vec![row(table, values)], &[]).unwrap_err();
        let unknown = error("numbers_lists", &whole);
        assert!(matches!(unknown, RestoreError::UnknownTable { .. }), "{unknown}");
        let more = error("number_lists", &[owner.clone(), name.clone(), ("color", text("red"))]);
        assert!(matches!(&more, RestoreError::Column { column, .. } if column == "color"));
        let less = error("number_lists", &[name]);
        assert!(
            matches!(&less, RestoreError::Column { column, .. } if column == "organization_id")
        );
        let wrong = error("number_lists", &[owner, ("name", ArchivedValue::Integer(1))]);
        assert!(matches!(wrong, RestoreError::Value { column: "name", .. }), "{wrong}");
    }
}
