//! The tables that the queries are written for are those that the migrations make, in both databases.
#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

#[path = "fixtures/postgres.rs"]
mod postgres_fixture;
#[path = "fixtures/sqlite.rs"]
mod sqlite_fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl as _};
use switchboard_domain::ports::SealedColumn;
use switchboard_store_diesel::archived_tables;

/// What Postgres calls a type, what the queries call it, and what SQLite calls it.
const TYPES: [(&str, &str, &str); 6] = [
    ("text", "Text", "TEXT"),
    ("bytea", "Binary", "BLOB"),
    ("smallint", "SmallInt", "INTEGER"),
    ("integer", "Integer", "INTEGER"),
    ("bigint", "BigInt", "INTEGER"),
    ("timestamp with time zone", "Ts", "INTEGER"),
];

#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    nullable: bool,
}

/// Tables by name; the columns in their order, and the names of those in the primary key.
type Tables = BTreeMap<String, (Vec<Column>, Vec<String>)>;

async fn postgres_tables() -> Tables {
    let fixture = postgres_fixture::Fixture::fresh().await;
    let client = fixture.connect().await;
    let mut tables = Tables::new();
    let columns = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1, ordinal_position";
    for row in client.query(columns, &[]).await.unwrap() {
        let column = Column { name: row.get(1), kind: row.get(2), nullable: row.get(3) };
        tables.entry(row.get(0)).or_default().0.push(column);
    }
    let keys = "SELECT table_name::text, column_name::text \
         FROM information_schema.table_constraints NATURAL JOIN information_schema.key_column_usage \
         WHERE table_schema = 'public' AND constraint_type = 'PRIMARY KEY' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1, ordinal_position";
    for row in client.query(keys, &[]).await.unwrap() {
        tables.get_mut(&row.get::<_, String>(0)).unwrap().1.push(row.get(1));
    }
    tables
}

#[derive(QueryableByName)]
struct SqliteColumn {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    required: i64,
    #[diesel(sql_type = BigInt)]
    place_in_key: i64,
}

async fn sqlite_tables() -> Tables {
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let columns: Vec<SqliteColumn> = diesel::sql_query(
        "SELECT t.name AS table_name, c.name AS name, c.type AS kind, c.\"notnull\" AS required, c.pk AS place_in_key \
         FROM pragma_table_list AS t, pragma_table_info(t.name) AS c \
         WHERE t.schema = 'main' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%' \
         ORDER BY t.name, c.cid",
    )
    .load(&mut fixture.connect())
    .unwrap();
    let mut tables = Tables::new();
    for column in columns {
        let (all, key) = tables.entry(column.table_name).or_default();
        if column.place_in_key > 0 {
            key.push(column.name.clone());
        }
        all.push(Column { name: column.name, kind: column.kind, nullable: column.required == 0 });
    }
    tables
}

/// The `table!` of a table, as it stands in the file.
fn declared(name: &str, columns: &[Column], key: &[String]) -> String {
    let kind = |column: &Column| {
        let found = TYPES.iter().find(|(postgres, ..)| *postgres == column.kind);
        found.unwrap_or_else(|| panic!("{name}.{}: no type for {}", column.name, column.kind)).1
    };
    let mut types: BTreeSet<_> = columns.iter().map(kind).collect();
    let instants = types.remove("Ts");
    if columns.iter().any(|column| column.nullable) {
        types.insert("Nullable");
    }
    let types: Vec<_> = types.into_iter().collect();
    let mut text =
        format!("diesel::table! {{\n    use diesel::sql_types::{{{}}};\n", types.join(", "));
    if instants {
        text.push_str("    use super::Ts;\n");
    }
    write!(text, "\n    {name} ({}) {{\n", key.join(", ")).unwrap();
    for column in columns {
        let kind = if column.nullable {
            format!("Nullable<{}>", kind(column))
        } else {
            kind(column).to_owned()
        };
        writeln!(text, "        {} -> {kind},", column.name).unwrap();
    }
    text.push_str("    }\n}\n");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_declared_tables_are_those_that_the_migrations_make() {
    let tables = postgres_tables().await;
    let expected: BTreeSet<String> =
        tables.iter().map(|(name, (columns, key))| declared(name, columns, key)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/queries");
    let files = [
        "schema.rs",
        "audit_schema.rs",
        "connect_schema.rs",
        "drifts_schema.rs",
        "idempotency_schema.rs",
        "jobs_schema.rs",
    ];
    let files = files.map(|file| folder.join(file));
    let text = files.map(|file| fs::read_to_string(file).unwrap()).concat();
    let found: BTreeSet<String> = text
        .split("diesel::table!")
        .skip(1)
        .map(|table| format!("diesel::table!{}", &table[..table.find("\n}\n").unwrap() + 3]))
        .collect();
    for table in &expected {
        assert!(found.contains(table), "src/queries/schema.rs should have:\n{table}");
    }
    assert_eq!(found.len(), expected.len(), "src/queries/schema.rs has a table too many");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_tables() {
    let mut postgres = postgres_tables().await;
    for (columns, _) in postgres.values_mut() {
        for column in columns {
            let sqlite = TYPES.iter().find(|(postgres, ..)| *postgres == column.kind).unwrap().2;
            sqlite.clone_into(&mut column.kind);
        }
    }
    assert_eq!(sqlite_tables().await, postgres);
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    from_table: String,
    #[diesel(sql_type = Text)]
    from_columns: String,
    #[diesel(sql_type = Text)]
    to_table: String,
    #[diesel(sql_type = Nullable<Text>)]
    to_columns: Option<String>,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_foreign_keys() {
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let mut sqlite: Vec<Reference> = diesel::sql_query(
        "SELECT t.name AS from_table, group_concat(f.\"from\") AS from_columns, f.\"table\" AS to_table, \
         group_concat(f.\"to\") AS to_columns, f.on_delete AS on_delete \
         FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f WHERE t.schema = 'main' \
         GROUP BY t.name, f.id",
    )
    .load(&mut fixture.connect())
    .unwrap();
    sqlite.sort_unstable();

    let fixture = postgres_fixture::Fixture::fresh().await;
    let columns = |table: &str, key: &str| {
        format!(
            "(SELECT string_agg(a.attname::text, ',' ORDER BY k.position) \
             FROM unnest(c.{key}) WITH ORDINALITY AS k (number, position) \
             JOIN pg_attribute AS a ON a.attrelid = c.{table} AND a.attnum = k.number)"
        )
    };
    let query = format!(
        "SELECT c.conrelid::regclass::text, {}, c.confrelid::regclass::text, {}, c.confdeltype::text \
         FROM pg_constraint AS c WHERE c.contype = 'f'",
        columns("conrelid", "conkey"),
        columns("confrelid", "confkey"),
    );
    let rows = fixture.connect().await.query(query.as_str(), &[]).await.unwrap();
    let mut postgres: Vec<_> = rows
        .iter()
        .map(|row| Reference {
            from_table: row.get(0),
            from_columns: row.get(1),
            to_table: row.get(2),
            to_columns: row.get(3),
            on_delete: match row.get::<_, String>(4).as_str() {
                "r" => "RESTRICT".to_owned(),
                "c" => "CASCADE".to_owned(),
                other => panic!("a foreign key with ON DELETE {other}"),
            },
        })
        .collect();
    postgres.sort_unstable();
    assert_eq!(sqlite, postgres);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_indexes() {
    #[derive(QueryableByName)]
    struct Index {
        #[diesel(sql_type = Text)]
        about: String,
    }
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let sqlite: Vec<Index> = diesel::sql_query(
        "SELECT name || ' ' || substr(sql, instr(sql, '(')) AS about FROM sqlite_schema \
         WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
    )
    .load(&mut fixture.connect())
    .unwrap();
    let sqlite: BTreeSet<_> = sqlite.into_iter().map(|index| named(&index.about)).collect();

    let fixture = postgres_fixture::Fixture::fresh().await;
    let query = "SELECT indexname || ' ' || substr(indexdef, strpos(indexdef, '(')) FROM pg_indexes \
         WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)";
    let rows = fixture.connect().await.query(query, &[]).await.unwrap();
    // Postgres writes the type of a constant behind it, and quotes a column whose name is also a function's.
    let plain = |index: String| index.replace("::text", "").replace('"', "");
    let postgres: BTreeSet<String> = rows.iter().map(|row| named(&plain(row.get(0)))).collect();
    assert_eq!(sqlite, postgres);
}

/// An index as its columns, or only its name if it has an expression or a list, which Postgres writes in a form of its own.
fn named(index: &str) -> String {
    let has_own_form =
        |columns: &str| ["CASE", " IN (", " ANY ("].iter().any(|form| columns.contains(form));
    match index.split_once(' ') {
        Some((name, columns)) if has_own_form(columns) => name.to_owned(),
        _ => index.to_owned(),
    }
}

/// Tables that are not configuration: records of what happened, observations, secrets, and what servers share.
const NOT_ARCHIVED: [&str; 24] = [
    "audit",
    "audit_head",
    // Records.
    "call_timeline",
    "calls",
    "contact_links",
    "conversations",
    "deliveries",
    "drifts",
    "events",
    "jobs",
    "messages",
    "rejections",
    // What servers share while they run.
    "change_counter",
    "changes",
    "chat_usage",
    "connect_links",
    "delivery_queues",
    "idempotency_keys",
    "leases",
    "undistributed_events",
    // Secrets.
    "agent_secrets",
    "chat_keys",
    "subscription_secrets",
    // Which migrations have run.
    "__diesel_schema_migrations",
];

/// Columns of archived tables that are not configuration.
const NOT_ARCHIVED_COLUMNS: [&str; 13] = [
    // Secrets.
    "accounts.api_key_sid",
    "accounts.api_key_version",
    "accounts.next_token_version",
    "accounts.sealed_api_key_secret",
    "accounts.sealed_next_token",
    "accounts.sealed_token",
    "accounts.token_version",
    // Observations.
    "accounts.unreachable_since",
    "api_keys.last_used_at",
    "numbers.drifting_since",
    "numbers.observed",
    "numbers.observed_at",
    // In the archive as a table of its own, because plans refer to organizations, too.
    "organizations.plan_id",
];

/// A new table or column is configuration, and then it belongs to the archive of `export`, or it is listed above.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_in_the_archive_of_the_configuration_or_known_as_something_else() {
    let archived: BTreeMap<_, _> = archived_tables().collect();
    let mut missing = BTreeSet::new();
    for (table, (columns, _)) in sqlite_tables().await {
        let Some(archived) = archived.get(table.as_str()) else {
            if !NOT_ARCHIVED.contains(&table.as_str()) {
                missing.insert(table);
            }
            continue;
        };
        let columns = columns.iter().filter(|column| !archived.contains(&column.name.as_str()));
        let columns = columns.map(|column| format!("{table}.{}", column.name));
        missing.extend(columns.filter(|name| !NOT_ARCHIVED_COLUMNS.contains(&name.as_str())));
    }
    assert_eq!(missing, BTreeSet::new());
}

/// Columns with bytes that are not sealed, or that are deleted after a day and so need no rotation.
const NOT_SEALED: [&str; 8] = [
    "api_keys.digest",
    "audit.hash",
    "audit.previous_hash",
    "audit_head.hash",
    "connect_links.digest",
    "idempotency_keys.content_digest",
    "idempotency_keys.key_digest",
    "idempotency_keys.sealed_answer",
];

/// A new column of bytes is sealed, and then the rotation of encryption keys reads it, or it is listed above.
#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_bytes_is_sealed_again_by_a_rotation_or_known_as_something_else() {
    for (tables, kind) in [(sqlite_tables().await, "BLOB"), (postgres_tables().await, "bytea")] {
        let names = tables.iter().flat_map(|(table, (columns, _))| {
            let bytes = columns.iter().filter(|column| column.kind == kind);
            bytes.map(move |column| format!("{table}.{}", column.name))
        });
        let sealed: BTreeSet<_> =
            names.filter(|name| !NOT_SEALED.contains(&name.as_str())).collect();
        let known = SealedColumn::ALL.map(SealedColumn::place);
        let known = known.map(|(table, column)| format!("{table}.{column}"));
        assert_eq!(sealed, BTreeSet::from(known));
    }
}
