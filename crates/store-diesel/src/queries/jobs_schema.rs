//! The table of jobs, as both databases have it.

use super::dialect::Ts;

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use super::Ts;

    jobs (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        kind -> Text,
        request -> Text,
        actor_kind -> Text,
        actor_name -> Nullable<Text>,
        source -> Nullable<Text>,
        created_at -> Ts,
        state -> Text,
        is_canceled -> SmallInt,
        done -> BigInt,
        total -> Nullable<BigInt>,
        attempts -> BigInt,
        started_at -> Nullable<Ts>,
        finished_at -> Nullable<Ts>,
        result -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_detail -> Nullable<Text>,
        holder -> Nullable<Text>,
        leased_until -> Nullable<Ts>,
    }
}
