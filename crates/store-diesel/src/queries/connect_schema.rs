//! The table of links by which accounts are connected, as both databases have it.

use super::dialect::Ts;

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::Ts;

    connect_links (digest) {
        digest -> Binary,
        organization_id -> Text,
        actor_kind -> Text,
        actor_name -> Nullable<Text>,
        expires_at -> Ts,
    }
}
