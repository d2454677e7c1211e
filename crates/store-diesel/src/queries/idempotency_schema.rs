//! The table of idempotency keys, as both databases have it.

use super::dialect::Ts;

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, SmallInt, Text};
    use super::Ts;

    idempotency_keys (api_key_id, key_digest) {
        api_key_id -> Text,
        key_digest -> Binary,
        content_digest -> Binary,
        holder -> Text,
        started_at -> Ts,
        executed -> SmallInt,
        sealed_answer -> Nullable<Binary>,
    }
}
