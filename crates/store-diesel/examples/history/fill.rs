//! Fills a database. Every value follows from the number of its row, so a database can be made again.

use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, sql_query};
use switchboard_store_diesel::{DatabaseUrl, PostgresStore, SqliteStore};
use tokio_postgres::{Client, NoTls};

use crate::dialect::Dialect;

/// The days that the records are spread over.
const DAYS: u64 = 400;
const ORGANIZATIONS: u64 = 200;
/// Rows that one statement inserts.
const BATCH: u64 = 250_000;
/// The calls of an agent of the first organization that has three, whatever the number of calls is.
const RARE: &str = "n IN (7, 1000, 2000)";

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// A statement that inserts the rows from one to another, of so many.
type Insert = fn(Dialect, u64, u64, u64) -> String;

/// A connection past the store, to write in bulk.
enum Writer {
    Sqlite(Box<SqliteConnection>),
    Postgres(Client),
}

impl Writer {
    const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn execute(&mut self, statements: &str) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(statements).unwrap(),
            Self::Postgres(client) => client.batch_execute(statements).await.unwrap(),
        }
    }

    async fn indexes(&mut self) -> Vec<Index> {
        let query = self.dialect().indexes();
        match self {
            Self::Sqlite(conn) => sql_query(query).load(conn.as_mut()).unwrap(),
            Self::Postgres(client) => {
                let rows = client.query(query, &[]).await.unwrap();
                let index = |row: &tokio_postgres::Row| Index {
                    name: row.get("name"),
                    definition: row.get("definition"),
                };
                rows.iter().map(index).collect()
            }
        }
    }
}

pub(crate) async fn run(url: &DatabaseUrl, text: &str, calls: u64) {
    let mut writer = match url {
        DatabaseUrl::Sqlite(path) => {
            SqliteStore::migrate(path).await.unwrap();
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000",
            )
            .unwrap();
            Writer::Sqlite(Box::new(conn))
        }
        DatabaseUrl::Postgres(url) => {
            PostgresStore::migrate(url).await.unwrap();
            let (client, connection) = tokio_postgres::connect(text, NoTls).await.unwrap();
            tokio::spawn(connection);
            Writer::Postgres(client)
        }
    };
    let began = Instant::now();
    let indexes = writer.indexes().await;
    for index in &indexes {
        writer.execute(&format!("DROP INDEX {}", index.name)).await;
    }
    writer.execute(&directory(writer.dialect())).await;
    let kinds: [(&str, u64, Insert); 3] = [
        ("calls", calls, self::calls),
        ("messages", calls / 5, messages),
        ("rejections", calls / 25, rejections),
    ];
    for (kind, count, insert) in kinds {
        for from in (0..count).step_by(usize::try_from(BATCH).unwrap()) {
            let to = count.min(from + BATCH) - 1;
            writer.execute(&insert(writer.dialect(), from, to, count)).await;
        }
        println!("{count} {kind} after {} s", began.elapsed().as_secs());
    }
    for index in &indexes {
        writer.execute(&index.definition).await;
    }
    writer.execute(writer.dialect().analyze()).await;
    println!("{} indexes after {} s", indexes.len(), began.elapsed().as_secs());
}

/// A number below 2,147,483,647 that looks random and follows from the row and a purpose.
fn mixed(purpose: u64) -> String {
    let factor = 1_000_003 + purpose * 7_919;
    format!("((((n + 1) * {factor} + {purpose}) % 2147483647) * 48271 % 2147483647)")
}

/// An identifier of ours.
fn id(dialect: Dialect, prefix: &str, number: &str) -> String {
    format!("'{prefix}_' || {}", dialect.digits(number, 26))
}

/// Organizations with accounts, agents, plans and numbers.
fn directory(dialect: Dialect) -> String {
    let at = dialect.instant("1700000000000000");
    let rows = |count| dialect.series(0, count - 1);
    let organization = |per| id(dialect, "org", &format!("n / {per}"));
    let account = format!("'AC' || {}", dialect.digits("n", 32));
    let numbers_account = format!("'AC' || {}", dialect.digits("(n / 50) * 5 + n % 5", 32));
    format!(
        "INSERT INTO organizations (id, name, created_at) SELECT {id}, 'organization ' || n, {at} FROM {organizations} AS s WHERE n > 0;
         INSERT INTO accounts (sid, organization_id, name, sealed_token, created_at) SELECT {account}, {of_5}, 'account ' || n, {token}, {at} FROM {accounts} AS s;
         INSERT INTO agents (id, organization_id, external_id, name, prompt, state, created_at) SELECT {agent}, {of_10}, 'agent-' || n, 'Agent ' || n, 'You answer.', 'enabled', {at} FROM {agents} AS s;
         INSERT INTO agents (id, organization_id, external_id, name, prompt, state, created_at) SELECT {agent}, {first}, 'rare', 'Rare', 'You answer.', 'enabled', {at} FROM {rare} AS s;
         INSERT INTO routing_plans (id, organization_id, name, version) SELECT {plan}, {of_2}, 'plan ' || n, 1 FROM {plans} AS s;
         INSERT INTO routing_plan_versions (plan_id, version, name, document, author, saved_at) SELECT {plan}, 1, 'plan ' || n, '{{}}', 'generator', {at} FROM {plans} AS s;
         INSERT INTO numbers (phone_number, organization_id, account_sid, channels, created_at) SELECT {number}, {of_50}, {numbers_account}, '', {at} FROM {numbers} AS s;",
        id = id(dialect, "org", "n"),
        token = dialect.bytes(),
        organizations = rows(ORGANIZATIONS),
        accounts = rows(ORGANIZATIONS * 5),
        agents = rows(ORGANIZATIONS * 10),
        rare = dialect.series(999_999, 999_999),
        plans = rows(ORGANIZATIONS * 2),
        numbers = rows(ORGANIZATIONS * 50),
        agent = id(dialect, "agt", "n"),
        plan = id(dialect, "pln", "n"),
        first = id(dialect, "org", "0"),
        number = format!("'+1415' || {}", dialect.digits("n", 7)),
        of_2 = organization(2),
        of_5 = organization(5),
        of_10 = organization(10),
        of_50 = organization(50),
    )
}

/// What calls and messages have in common: `o` the organization, of which the first have most; `k` the place of the number
/// in it; `at` when it began, in microseconds; `c` the contact; `p` a percentage for what happened.
fn common_columns(dialect: Dialect, from: u64, to: u64, count: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = now.as_micros();
    let step = DAYS * 86_400_000_000 / count.max(1);
    let u = format!("({} / 2147483647.0)", mixed(1));
    format!(
        "(SELECT n, CASE WHEN {RARE} THEN 0 ELSE CAST({ORGANIZATIONS} * {u} * {u} * {u} - 0.4999 AS integer) % {ORGANIZATIONS} END AS o, {k} % 50 AS k, \
         {now} - ({count} - n) * {step} + {jitter} % {step} AS at, {contact} % 500000 AS c, {percent} % 100 AS p \
         FROM {series} AS s) AS common",
        k = mixed(2),
        jitter = mixed(3),
        contact = mixed(4),
        percent = mixed(5),
        series = dialect.series(from, to),
    )
}

/// The SID of a row: random, as Twilio's are.
fn sid(dialect: Dialect, prefix: &str) -> String {
    let parts: Vec<_> = (10..14).map(|purpose| dialect.hex(&mixed(purpose))).collect();
    format!("'{prefix}' || {}", parts.join(" || "))
}

fn calls(dialect: Dialect, from: u64, to: u64, count: u64) -> String {
    let at = |micros: &str| dialect.instant(micros);
    let agent = format!(
        "CASE WHEN {RARE} THEN {} ELSE {} END",
        id(dialect, "agt", "999999"),
        id(dialect, "agt", "o * 10 + k % 10")
    );
    let second = id(dialect, "agt", "o * 10 + (k + 1) % 10");
    let contact = format!("'+1628' || {}", dialect.digits("c", 7));
    let number = format!("'+1415' || {}", dialect.digits("o * 50 + k", 7));
    // The numbers of odd places have a routing plan; 3 % of the calls are unassigned, 10 % outbound.
    let planned = "k % 2 = 1 AND NOT unassigned";
    let attempts = format!(
        "CASE WHEN NOT ({planned}) THEN NULL \
         WHEN p < 2 THEN '[{{\"at\":' || at || ',\"action\":\"reject\"}}]' \
         WHEN p < 8 THEN '[{{\"at\":' || at || ',\"agent\":\"' || {agent} || '\"}},{{\"at\":' || (at + 4000000) || ',\"agent\":\"' || {second} || '\"}}]' \
         WHEN p < 9 THEN '[{{\"at\":' || at || ',\"agent\":\"' || {agent} || '\"}},{{\"at\":' || (at + 4000000) || '}}]' \
         ELSE '[{{\"at\":' || at || ',\"agent\":\"' || {agent} || '\"}}]' END"
    );
    let status = "CASE WHEN p < 85 THEN 'completed' WHEN p < 90 THEN 'no-answer' WHEN p < 93 THEN 'busy' WHEN p < 95 THEN 'failed' WHEN p < 97 THEN 'canceled' END";
    let rank = "CASE WHEN p < 85 THEN 8 WHEN p < 90 THEN 5 WHEN p < 93 THEN 6 WHEN p < 95 THEN 7 WHEN p < 97 THEN 4 END";
    format!(
        "INSERT INTO calls (account_sid, sid, organization_id, from_address, to_address, agent_id, reason, verified_by, \
         decided_at, status, status_rank, status_at, duration_seconds, connection_ended_at, connection_error, first_seen_at, \
         plan_id, plan_version, plan_rule, facts, attempts, simulated, direction) \
         SELECT {account}, {sid}, {organization}, CASE WHEN outbound THEN {number} ELSE {contact} END, \
         CASE WHEN outbound THEN {contact} ELSE {number} END, \
         CASE WHEN unassigned OR ({planned} AND p < 2) THEN NULL ELSE {agent} END, \
         CASE WHEN unassigned THEN 'unassigned' WHEN {planned} AND p < 2 THEN 'planned_action' WHEN {planned} THEN 'planned' ELSE 'assigned' END, \
         CASE WHEN p = 50 THEN 'next_token' ELSE 'primary_token' END, {began}, {status}, {rank}, \
         CASE WHEN p < 97 THEN {ended} END, CASE WHEN p < 85 THEN 30 + p END, \
         CASE WHEN p < 85 THEN {ended} END, CASE WHEN p = 84 THEN 31920 END, {began}, \
         CASE WHEN {planned} THEN {plan} END, CASE WHEN {planned} THEN 1 END, CASE WHEN {planned} THEN k % 5 END, \
         'country=US&state=CA&city=SAN+FRANCISCO&postal_code=94105&attestation=A', {attempts}, 0, \
         CASE WHEN outbound THEN 'outbound-api' ELSE 'inbound' END \
         FROM (SELECT common.*, p * 7 % 100 < 3 AS unassigned, n % 10 = 0 AS outbound FROM {common}) AS drawn",
        account = format!("'AC' || {}", dialect.digits("o * 5 + k % 5", 32)),
        sid = sid(dialect, "CA"),
        organization = id(dialect, "org", "o"),
        plan = id(dialect, "pln", "o * 2 + k / 2 % 2"),
        began = at("at"),
        ended = at("at + (30 + p) * 1000000"),
        common = common_columns(dialect, from, to, count),
    )
}

fn messages(dialect: Dialect, from: u64, to: u64, count: u64) -> String {
    let contact = format!(
        "CASE WHEN p < 30 THEN 'whatsapp:' ELSE '' END || '+1628' || {}",
        dialect.digits("c", 7)
    );
    format!(
        "INSERT INTO messages (account_sid, sid, organization_id, direction, channel, from_address, to_address, body, \
         parameters, media_count, agent_id, reason, verified_by, received_at, status, status_rank, status_at, first_seen_at, \
         plan_id, plan_version, plan_rule) \
         SELECT {account}, {sid}, {organization}, 'inbound', CASE WHEN p < 30 THEN 'whatsapp' ELSE 'sms' END, {contact}, \
         CASE WHEN p < 30 THEN 'whatsapp:' ELSE '' END || {number}, 'Are you open on Sunday?', \
         'Body=Are+you+open+on+Sunday%3F&NumMedia=0&NumSegments=1&SmsStatus=received&ApiVersion=2010-04-01', 0, {agent}, \
         CASE WHEN k % 2 = 1 THEN 'planned' ELSE 'assigned' END, 'primary_token', {at}, 'received', 5, {at}, {at}, \
         CASE WHEN k % 2 = 1 THEN {plan} END, CASE WHEN k % 2 = 1 THEN 1 END, CASE WHEN k % 2 = 1 THEN 0 END \
         FROM {common}",
        account = format!("'AC' || {}", dialect.digits("o * 5 + k % 5", 32)),
        sid = sid(dialect, "SM"),
        organization = id(dialect, "org", "o"),
        number = format!("'+1415' || {}", dialect.digits("o * 50 + k", 7)),
        agent = id(dialect, "agt", "o * 10 + k % 10"),
        plan = id(dialect, "pln", "o * 2 + k / 2 % 2"),
        at = dialect.instant("at"),
        common = common_columns(dialect, from, to, count),
    )
}

fn rejections(dialect: Dialect, from: u64, to: u64, count: u64) -> String {
    let known = "p < 70";
    format!(
        "INSERT INTO rejections (id, organization_id, endpoint, refusal, account_sid, near_miss, near_miss_url, count, at) \
         SELECT {id}, CASE WHEN {known} THEN {organization} END, CASE WHEN p % 4 = 0 THEN 'message' ELSE 'voice' END, \
         CASE WHEN NOT {known} THEN 'account_unknown' WHEN p < 40 THEN 'signature_wrong' WHEN p < 60 THEN 'signature_missing' \
         WHEN p < 69 THEN 'account_mismatch' ELSE 'unreadable' END, CASE WHEN {known} THEN {account} END, NULL, NULL, 1 + p, {at} \
         FROM {common}",
        id = id(dialect, "rej", "n"),
        organization = id(dialect, "org", "o"),
        account = format!("'AC' || {}", dialect.digits("o * 5 + k % 5", 32)),
        at = dialect.instant("at"),
        common = common_columns(dialect, from, to, count),
    )
}
