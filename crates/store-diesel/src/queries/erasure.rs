//! Erasure of contacts.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, TextExpressionMethods as _, sql_query,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::address::Address;
use switchboard_domain::agent::Label;
use switchboard_domain::delivery::DeliveryState;
use switchboard_domain::erasure::{Contact, ErasureCounts, Mention};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Change, ErasureStore, StoreError};

use super::dialect::{Conn, Db, OVERWRITE, POSITION, Store};
use super::schema::{
    calls, conversations, deliveries, events, messages, number_list_entries, organizations,
    routing_plan_versions, routing_plans,
};
use super::{changes, contact_links, covers, only};
use crate::decode::Row;
use crate::failure::Failure;

/// The keys of rows that have one of the addresses on a side. The indexes by address begin with the organization.
macro_rules! keys_of {
    ($conn:ident, $table:ident, $side:ident, $wanted:ident, $limit:expr) => {{
        let query = $table::table
            .select(($table::account_sid, $table::sid))
            .filter($table::$side.eq_any(&$wanted.texts))
            .limit($limit)
            .into_boxed::<Db>();
        let query = match only(&$wanted.scope) {
            Some(own) => query.filter($table::organization_id.eq(own.to_owned())),
            None => query.filter(
                $table::organization_id.eq_any(organizations::table.select(organizations::id)),
            ),
        };
        query.load::<(String, String)>($conn).await?
    }};
}

/// How many rows have one of the addresses on either side.
macro_rules! count_of {
    ($conn:ident, $table:ident, $wanted:ident) => {{
        let mut keys = keys_of!($conn, $table, from_address, $wanted, i64::MAX);
        keys.extend(keys_of!($conn, $table, to_address, $wanted, i64::MAX));
        keys.sort_unstable();
        keys.dedup();
        keys.len() as u64
    }};
}

/// The SIP addresses on a side that begin with one of the prefixes.
macro_rules! sip_of {
    ($conn:ident, $table:ident, $side:ident, $wanted:ident, $prefixes:ident) => {{
        let mut found: Vec<Option<String>> = Vec::new();
        for prefix in $prefixes {
            let query = $table::table
                .select($table::$side)
                .distinct()
                .filter($table::$side.like(format!("{prefix}%")))
                .into_boxed::<Db>();
            let query = match only(&$wanted.scope) {
                Some(own) => query.filter($table::organization_id.eq(own.to_owned())),
                None => query,
            };
            found.extend(query.load::<Option<String>>($conn).await?);
        }
        found
    }};
}

/// Replaces the addresses of the contact in a row.
macro_rules! erase_addresses {
    ($conn:ident, $table:ident, $key:expr, $wanted:ident) => {{
        let erased = Address::Erased.to_text();
        diesel::update($table::table.find($key))
            .filter($table::from_address.eq_any(&$wanted.texts))
            .set($table::from_address.eq(&erased))
            .execute($conn)
            .await?;
        diesel::update($table::table.find($key))
            .filter($table::to_address.eq_any(&$wanted.texts))
            .set($table::to_address.eq(&erased))
            .execute($conn)
            .await?;
    }};
}

/// Whose data is asked about.
#[derive(Clone)]
struct Wanted {
    scope: Scope,
    texts: Vec<String>,
    numbers: Vec<String>,
}

impl Wanted {
    fn new(scope: &Scope, contact: &Contact) -> Self {
        Self {
            scope: scope.clone(),
            texts: contact.texts(),
            numbers: contact.numbers().iter().map(|number| number.as_str().to_owned()).collect(),
        }
    }
}

/// A list, by organization and name.
type ListKey = (String, String);

#[async_trait]
impl ErasureStore for Store {
    async fn sip_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError> {
        let prefixes = contact.sip_prefixes();
        if prefixes.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = (Wanted::new(scope, contact), prefixes);
        let texts = self
            .read_long("erasure.sip_addresses", wanted, |conn, (wanted, prefixes)| {
                sip_addresses(conn, wanted, prefixes).boxed()
            })
            .await?;
        let addresses = texts.iter().filter_map(|text| Address::parse_stored(text).ok());
        Ok(addresses.filter(|address| contact.is_sip_of_number(address)).collect())
    }

    async fn linked_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError> {
        let wanted = Wanted::new(scope, contact);
        let links = self
            .read_long("erasure.linked_addresses", wanted, |conn, wanted| {
                contact_links::linked(conn, &wanted.scope, &wanted.texts, &wanted.numbers).boxed()
            })
            .await?;
        let both = links.iter().flat_map(|(user, number)| {
            let number = PhoneNumber::parse(number).ok().map(Address::WhatsApp);
            [Address::parse_stored(user).ok(), number]
        });
        Ok(both.flatten().collect())
    }

    async fn count_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<ErasureCounts, StoreError> {
        let wanted = Wanted::new(scope, contact);
        self.read_long("erasure.count", wanted, |conn, wanted| count(conn, wanted).boxed()).await
    }

    async fn mentions(&self, scope: &Scope, contact: &Contact) -> Result<Vec<Mention>, StoreError> {
        let wanted = Wanted::new(scope, contact);
        let (lists, plans) = self
            .read_long("erasure.mentions", wanted, |conn, wanted| mentions(conn, wanted).boxed())
            .await?;
        let mut mentions = Vec::new();
        for (organization, list) in lists {
            let at = Row::new("number_lists", &list);
            mentions.push(Mention::OnlyEntry {
                organization: at.read("organization_id", OrganizationId::parse(&organization))?,
                list: at.read("name", Label::parse(&list))?,
            });
        }
        for (organization, plan, version) in plans {
            let at = Row::new("routing_plan_versions", &plan);
            mentions.push(Mention::Plan {
                organization: at.read("organization_id", OrganizationId::parse(&organization))?,
                plan: at.read("name", Label::parse(&plan))?,
                version: at.read("version", u32::try_from(version))?,
            });
        }
        mentions.sort();
        Ok(mentions)
    }

    async fn erase_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
        limit: u32,
    ) -> Result<ErasureCounts, StoreError> {
        let wanted = (Wanted::new(scope, contact), i64::from(limit));
        self.write("erasure.erase", wanted, |conn, (wanted, limit)| {
            erase(conn, wanted, *limit).boxed()
        })
        .await
    }

    async fn overwrite_erased(&self) -> Result<(), StoreError> {
        self.read_long("erasure.overwrite", (), |conn, ()| overwrite(conn).boxed()).await
    }
}

async fn sip_addresses(
    conn: &mut Conn,
    wanted: &Wanted,
    prefixes: &[String],
) -> Result<Vec<String>, Failure> {
    let mut found = sip_of!(conn, calls, from_address, wanted, prefixes);
    found.extend(sip_of!(conn, calls, to_address, wanted, prefixes));
    found.extend(sip_of!(conn, messages, from_address, wanted, prefixes));
    found.extend(sip_of!(conn, messages, to_address, wanted, prefixes));
    let mut texts: Vec<_> = found.into_iter().flatten().collect();
    texts.sort_unstable();
    texts.dedup();
    Ok(texts)
}

async fn count(conn: &mut Conn, wanted: &Wanted) -> Result<ErasureCounts, Failure> {
    let (lists, _) = lists(conn, wanted).await?;
    Ok(ErasureCounts {
        calls: count_of!(conn, calls, wanted),
        messages: count_of!(conn, messages, wanted),
        deliveries: deliveries_of(conn, wanted).await?.len() as u64,
        conversations: conversations_of(conn, wanted).await?.len() as u64,
        list_entries: lists.len() as u64,
    })
}

/// The lists that have an entry of the contact beside others, and those that have no other.
async fn lists(conn: &mut Conn, wanted: &Wanted) -> Result<(Vec<ListKey>, Vec<ListKey>), Failure> {
    let (mut others, mut only_entries) = (Vec::new(), Vec::new());
    if wanted.numbers.is_empty() {
        return Ok((others, only_entries));
    }
    let mut keys: Vec<ListKey> = number_list_entries::table
        .select((number_list_entries::organization_id, number_list_entries::list_name))
        .filter(number_list_entries::phone_number.eq_any(&wanted.numbers))
        .load(conn)
        .await?;
    keys.sort_unstable();
    keys.dedup();
    for (organization, list) in keys {
        if !covers(&wanted.scope, &organization) {
            continue;
        }
        let another: Vec<String> = number_list_entries::table
            .select(number_list_entries::phone_number)
            .filter(number_list_entries::organization_id.eq(&organization))
            .filter(number_list_entries::list_name.eq(&list))
            .filter(number_list_entries::phone_number.ne_all(&wanted.numbers))
            .limit(1)
            .load(conn)
            .await?;
        let kind = if another.is_empty() { &mut only_entries } else { &mut others };
        kind.push((organization, list));
    }
    Ok((others, only_entries))
}

async fn mentions(
    conn: &mut Conn,
    wanted: &Wanted,
) -> Result<(Vec<ListKey>, Vec<(String, String, i64)>), Failure> {
    let (_, only_entries) = lists(conn, wanted).await?;
    let mut plans = Vec::new();
    for text in wanted.texts.iter().filter(|text| !text.bytes().all(|byte| byte.is_ascii_digit())) {
        let names = sql::<Bool>(&format!("{POSITION}(document, "))
            .bind::<Text, _>(format!("\"{text}\""))
            .sql(") > 0");
        let found: Vec<(String, String, i64)> = routing_plan_versions::table
            .inner_join(
                routing_plans::table.on(routing_plans::id.eq(routing_plan_versions::plan_id)),
            )
            .select((
                routing_plans::organization_id,
                routing_plan_versions::name,
                routing_plan_versions::version,
            ))
            .filter(names)
            .load(conn)
            .await?;
        plans.extend(found);
    }
    plans.retain(|(organization, ..)| covers(&wanted.scope, organization));
    plans.sort_unstable();
    plans.dedup();
    Ok((only_entries, plans))
}

/// The deliveries of messages to the contact.
async fn deliveries_of(conn: &mut Conn, wanted: &Wanted) -> Result<Vec<String>, Failure> {
    let mut sent = deliveries::table
        .filter(deliveries::to_address.eq_any(&wanted.texts))
        .select(deliveries::id)
        .into_boxed::<Db>();
    if let Some(own) = only(&wanted.scope) {
        sent = sent.filter(deliveries::organization_id.eq(own.to_owned()));
    }
    Ok(sent.load(conn).await?)
}

/// The conversations with the contact.
async fn conversations_of(conn: &mut Conn, wanted: &Wanted) -> Result<Vec<String>, Failure> {
    let mut known = conversations::table
        .filter(conversations::contact.eq_any(&wanted.texts))
        .select(conversations::id)
        .into_boxed::<Db>();
    if let Some(own) = only(&wanted.scope) {
        known = known.filter(conversations::organization_id.eq(own.to_owned()));
    }
    Ok(known.load(conn).await?)
}

/// Erases the contact from outgoing messages, which are not sent any more, and removes its conversations. Returns how many
/// of each.
async fn erase_deliveries(conn: &mut Conn, wanted: &Wanted) -> Result<(u64, u64), Failure> {
    let sent = deliveries_of(conn, wanted).await?;
    let is_open = deliveries::state
        .eq_any([DeliveryState::Pending, DeliveryState::Delivering].map(DeliveryState::as_str));
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(&sent)))
        .filter(is_open)
        .set(deliveries::state.eq(DeliveryState::Canceled.as_str()))
        .execute(conn)
        .await?;
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(&sent)))
        .set((
            deliveries::to_address.eq(Address::Erased.to_text()),
            deliveries::body.eq(""),
            deliveries::media.eq("[]"),
            deliveries::template.eq(None::<String>),
        ))
        .execute(conn)
        .await?;
    let known = conversations_of(conn, wanted).await?;
    diesel::delete(conversations::table.filter(conversations::id.eq_any(&known)))
        .execute(conn)
        .await?;
    Ok((sent.len() as u64, known.len() as u64))
}

/// Erases the contact from events, which say what happened without them.
async fn erase_events(conn: &mut Conn, wanted: &Wanted) -> Result<(), Failure> {
    let erased = Address::Erased.to_text();
    let mut from = diesel::update(events::table)
        .filter(events::from_address.eq_any(&wanted.texts))
        .set(events::from_address.eq(&erased))
        .into_boxed::<Db>();
    let mut to = diesel::update(events::table)
        .filter(events::to_address.eq_any(&wanted.texts))
        .set(events::to_address.eq(&erased))
        .into_boxed::<Db>();
    if let Some(own) = only(&wanted.scope) {
        from = from.filter(events::organization_id.eq(own.to_owned()));
        to = to.filter(events::organization_id.eq(own.to_owned()));
    }
    from.execute(conn).await?;
    to.execute(conn).await?;
    Ok(())
}

async fn erase(conn: &mut Conn, wanted: &Wanted, limit: i64) -> Result<ErasureCounts, Failure> {
    let mut counts = ErasureCounts::default();
    let mut keys = keys_of!(conn, calls, from_address, wanted, limit);
    if keys.is_empty() {
        keys = keys_of!(conn, calls, to_address, wanted, limit);
    }
    for (account, sid) in keys {
        let key = (account.as_str(), sid.as_str());
        erase_addresses!(conn, calls, key, wanted);
        // Not NULL, which what is recorded later would fill in.
        diesel::update(calls::table.find(key)).set(calls::facts.eq("")).execute(conn).await?;
        counts.calls += 1;
    }
    let mut keys = keys_of!(conn, messages, from_address, wanted, limit);
    if keys.is_empty() {
        keys = keys_of!(conn, messages, to_address, wanted, limit);
    }
    for (account, sid) in keys {
        let key = (account.as_str(), sid.as_str());
        erase_addresses!(conn, messages, key, wanted);
        diesel::update(messages::table.find(key))
            .filter(messages::body.is_not_null())
            .set((messages::body.eq(""), messages::parameters.eq("")))
            .execute(conn)
            .await?;
        counts.messages += 1;
    }
    (counts.deliveries, counts.conversations) = erase_deliveries(conn, wanted).await?;
    contact_links::erase(conn, &wanted.scope, &wanted.texts, &wanted.numbers).await?;
    erase_events(conn, wanted).await?;
    let (lists, _) = lists(conn, wanted).await?;
    for (organization, list) in &lists {
        diesel::delete(number_list_entries::table)
            .filter(number_list_entries::organization_id.eq(organization))
            .filter(number_list_entries::list_name.eq(list))
            .filter(number_list_entries::phone_number.eq_any(&wanted.numbers))
            .execute(conn)
            .await?;
        counts.list_entries += 1;
    }
    if !lists.is_empty() {
        changes::record(conn, &Change::Everything).await?;
    }
    Ok(counts)
}

async fn overwrite(conn: &mut Conn) -> Result<(), Failure> {
    for statement in OVERWRITE {
        sql_query(*statement).execute(conn).await?;
    }
    Ok(())
}
