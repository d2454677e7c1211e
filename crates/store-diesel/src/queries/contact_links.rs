//! The numbers of contacts who are also known by a WhatsApp user id.

use diesel::sql_types::{BigInt, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    sql_query,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::StoreError;

use super::consents::carry_over;
use super::dialect::{Conn, Db, Moment, Ts, rows_of};
use super::only;
use super::schema::contact_links;
use super::upsert::execute;
use crate::decode::Row;
use crate::failure::Failure;

upserts! {
    /// A number of a user id, as stored.
    pub(crate) struct ContactLinkRow in contact_links {
        organization_id: String as Text,
        user_id: String as Text,
        phone_number: String as Text,
        linked_at: Moment as Ts,
    }

    /// Stores numbers, unless later ones are stored.
    LinkContacts = "ON CONFLICT (organization_id, user_id) DO UPDATE SET \
         phone_number = excluded.phone_number, linked_at = excluded.linked_at \
         WHERE excluded.linked_at >= contact_links.linked_at";
}

pub(super) async fn link(
    conn: &mut Conn,
    row: &ContactLinkRow,
    number: PhoneNumber,
) -> Result<(), Failure> {
    if execute::<LinkContacts>(conn, vec![row.clone()].into()).await? > 0 {
        carry_over(conn, &row.organization_id, &row.user_id, number).await?;
    }
    Ok(())
}

pub(super) async fn number_of(
    conn: &mut Conn,
    organization: &str,
    user: &str,
) -> Result<Option<String>, Failure> {
    let query = contact_links::table.find((organization, user)).select(contact_links::phone_number);
    Ok(query.first(conn).await.optional()?)
}

/// Parses a stored number. The key of the row identifies a person, so no error shows it.
pub(super) fn parsed(organization: &str, number: &str) -> Result<PhoneNumber, StoreError> {
    Row::new("contact_links", organization).read("phone_number", PhoneNumber::parse(number))
}

/// What links a contact, by its user id or by its number: user ids with their numbers.
pub(super) async fn linked(
    conn: &mut Conn,
    scope: &Scope,
    texts: &[String],
    numbers: &[String],
) -> Result<Vec<(String, String)>, Failure> {
    let is_meant =
        contact_links::user_id.eq_any(texts).or(contact_links::phone_number.eq_any(numbers));
    let mut query = contact_links::table
        .filter(is_meant)
        .select((contact_links::user_id, contact_links::phone_number))
        .into_boxed::<Db>();
    if let Some(own) = only(scope) {
        query = query.filter(contact_links::organization_id.eq(own.to_owned()));
    }
    Ok(query.load(conn).await?)
}

/// Deletes what links a contact, by its user id or by its number.
pub(super) async fn erase(
    conn: &mut Conn,
    scope: &Scope,
    texts: &[String],
    numbers: &[String],
) -> Result<(), Failure> {
    let mut by_user = diesel::delete(contact_links::table)
        .filter(contact_links::user_id.eq_any(texts))
        .into_boxed::<Db>();
    let mut by_number = diesel::delete(contact_links::table)
        .filter(contact_links::phone_number.eq_any(numbers))
        .into_boxed::<Db>();
    if let Some(own) = only(scope) {
        by_user = by_user.filter(contact_links::organization_id.eq(own.to_owned()));
        by_number = by_number.filter(contact_links::organization_id.eq(own.to_owned()));
    }
    by_user.execute(conn).await?;
    by_number.execute(conn).await?;
    Ok(())
}

/// Deletes some of those that no message has confirmed since an instant.
pub(super) async fn delete_older(
    conn: &mut Conn,
    before: Moment,
    limit: i64,
) -> Result<(), Failure> {
    let oldest = rows_of("contact_links", "linked_at < $1 ORDER BY linked_at LIMIT $2");
    let deleting = sql_query(format!("DELETE FROM contact_links WHERE {oldest}"))
        .bind::<Ts, _>(before)
        .bind::<BigInt, _>(limit);
    deleting.execute(conn).await?;
    Ok(())
}
