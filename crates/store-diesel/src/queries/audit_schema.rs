//! The tables of the audit log, like those in `schema`.

use super::dialect::Ts;

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::Ts;

    audit (sequence) {
        sequence -> BigInt,
        at -> Ts,
        actor_kind -> Text,
        actor_name -> Nullable<Text>,
        source -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        action -> Text,
        object_kind -> Text,
        object_id -> Text,
        fields_before -> Text,
        fields_after -> Text,
        previous_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer};

    audit_head (id) {
        id -> Integer,
        newest -> BigInt,
        hash -> Binary,
        pruned -> BigInt,
    }
}
