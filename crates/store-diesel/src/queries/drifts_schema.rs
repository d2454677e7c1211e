//! The table of what checks found about numbers that drift, as both databases have it.

use super::dialect::Ts;
use super::schema::numbers;

diesel::table! {
    use diesel::sql_types::{Text};
    use super::Ts;

    drifts (phone_number) {
        phone_number -> Text,
        reasons -> Text,
        changes -> Text,
        blockers -> Text,
        found_at -> Ts,
    }
}

diesel::allow_tables_to_appear_in_same_query!(drifts, numbers);
