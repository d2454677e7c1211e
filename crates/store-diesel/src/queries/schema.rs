//! The tables as both databases have them. A test compares them with what the migrations made.

use super::dialect::Ts;

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    organizations (id) {
        id -> Text,
        name -> Text,
        created_at -> Ts,
        plan_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::Ts;

    accounts (sid) {
        sid -> Text,
        organization_id -> Text,
        name -> Text,
        parent_sid -> Nullable<Text>,
        sealed_token -> Binary,
        sealed_next_token -> Nullable<Binary>,
        created_at -> Ts,
        region -> Text,
        api_key_sid -> Nullable<Text>,
        sealed_api_key_secret -> Nullable<Binary>,
        status -> Text,
        plan_id -> Nullable<Text>,
        unreachable_since -> Nullable<Ts>,
        token_version -> BigInt,
        next_token_version -> BigInt,
        api_key_version -> BigInt,
        validation -> Nullable<Text>,
        connect_app_sid -> Nullable<Text>,
        connect_owner_sid -> Nullable<Text>,
        disconnected_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Ts;

    agents (id) {
        id -> Text,
        organization_id -> Text,
        external_id -> Nullable<Text>,
        name -> Text,
        prompt -> Text,
        voice -> Nullable<Text>,
        model -> Nullable<Text>,
        language -> Nullable<Text>,
        voice_target_kind -> Nullable<Text>,
        voice_target_value -> Nullable<Text>,
        message_target_kind -> Nullable<Text>,
        message_target_value -> Nullable<Text>,
        state -> Text,
        created_at -> Ts,
        capacity -> Nullable<BigInt>,
        hours -> Nullable<Text>,
        health_url -> Nullable<Text>,
        parameters -> Text,
        relay -> Text,
        message_webhook -> Nullable<Text>,
        message_twilio -> Nullable<Text>,
        message_chat -> Nullable<Text>,
        gone_target -> Nullable<Text>,
        gone_at -> Nullable<Ts>,
        whatsapp_template -> Nullable<Text>,
        voice_twilio -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    numbers (phone_number) {
        phone_number -> Text,
        organization_id -> Text,
        account_sid -> Text,
        agent_id -> Nullable<Text>,
        channels -> Text,
        created_at -> Ts,
        repair_policy -> Text,
        adopted -> Nullable<Text>,
        observed -> Nullable<Text>,
        observed_at -> Nullable<Ts>,
        plan_id -> Nullable<Text>,
        drifting_since -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    routing_plans (id) {
        id -> Text,
        organization_id -> Text,
        name -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::Ts;

    routing_plan_versions (plan_id, version) {
        plan_id -> Text,
        version -> BigInt,
        name -> Text,
        document -> Text,
        author -> Text,
        saved_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};

    calendars (organization_id, name) {
        organization_id -> Text,
        name -> Text,
        days -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};

    number_lists (organization_id, name) {
        organization_id -> Text,
        name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};

    number_list_entries (organization_id, list_name, phone_number) {
        organization_id -> Text,
        list_name -> Text,
        phone_number -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use super::Ts;

    leases (name) {
        name -> Text,
        holder -> Text,
        expires_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use super::Ts;

    calls (account_sid, sid) {
        account_sid -> Text,
        sid -> Text,
        organization_id -> Text,
        from_address -> Nullable<Text>,
        to_address -> Nullable<Text>,
        agent_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        verified_by -> Nullable<Text>,
        decided_at -> Nullable<Ts>,
        status -> Nullable<Text>,
        status_rank -> Nullable<SmallInt>,
        status_at -> Nullable<Ts>,
        duration_seconds -> Nullable<BigInt>,
        connection_ended_at -> Nullable<Ts>,
        connection_error -> Nullable<BigInt>,
        first_seen_at -> Ts,
        plan_id -> Nullable<Text>,
        plan_version -> Nullable<BigInt>,
        plan_rule -> Nullable<BigInt>,
        facts -> Nullable<Text>,
        attempts -> Nullable<Text>,
        simulated -> SmallInt,
        direction -> Nullable<Text>,
        session_opened_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    call_timeline (account_sid, call_sid, kind, subject) {
        account_sid -> Text,
        call_sid -> Text,
        kind -> Text,
        subject -> Text,
        organization_id -> Text,
        at -> Ts,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text};
    use super::Ts;

    messages (account_sid, sid) {
        account_sid -> Text,
        sid -> Text,
        organization_id -> Text,
        direction -> Text,
        channel -> Nullable<Text>,
        from_address -> Nullable<Text>,
        to_address -> Nullable<Text>,
        body -> Nullable<Text>,
        parameters -> Nullable<Text>,
        media_count -> Integer,
        agent_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        verified_by -> Nullable<Text>,
        received_at -> Nullable<Ts>,
        status -> Text,
        status_rank -> SmallInt,
        status_at -> Ts,
        error_code -> Nullable<BigInt>,
        first_seen_at -> Ts,
        plan_id -> Nullable<Text>,
        plan_version -> Nullable<BigInt>,
        plan_rule -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Ts;

    rejections (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        endpoint -> Text,
        refusal -> Text,
        account_sid -> Nullable<Text>,
        near_miss -> Nullable<Text>,
        near_miss_url -> Nullable<Text>,
        count -> BigInt,
        at -> Ts,
        sample_sid -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{SmallInt, Text};

    public_url (id) {
        id -> SmallInt,
        url -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt};

    change_counter (version) {
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};

    changes (version) {
        version -> BigInt,
        subject -> Text,
        key -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    delivery_queues (id) {
        id -> Text,
        due_at -> Nullable<Ts>,
        holder -> Nullable<Text>,
        target -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Ts;

    deliveries (position) {
        position -> BigInt,
        id -> Text,
        organization_id -> Text,
        queue_id -> Text,
        kind -> Text,
        account_sid -> Text,
        message_sid -> Nullable<Text>,
        agent_id -> Nullable<Text>,
        state -> Text,
        attempts -> Text,
        due_at -> Ts,
        created_at -> Ts,
        reply_key -> Nullable<Text>,
        from_address -> Nullable<Text>,
        to_address -> Nullable<Text>,
        body -> Nullable<Text>,
        media -> Nullable<Text>,
        send_state -> Nullable<Text>,
        sent_sid -> Nullable<Text>,
        earlier_attempts -> BigInt,
        event_id -> Nullable<Text>,
        event_kind -> Nullable<Text>,
        template -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    conversations (id) {
        id -> Text,
        organization_id -> Text,
        sender -> Text,
        contact -> Text,
        created_at -> Ts,
        stopped_until -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::Ts;

    agent_secrets (agent_id, number) {
        agent_id -> Text,
        number -> BigInt,
        sealed -> Binary,
        expires_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};

    chat_keys (agent_id) {
        agent_id -> Text,
        sealed -> Binary,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    chat_usage (agent_id) {
        agent_id -> Text,
        day -> BigInt,
        used -> BigInt,
        reserved -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    consents (organization_id, sender, contact) {
        organization_id -> Text,
        sender -> Text,
        contact -> Text,
        state -> Text,
        changed_at -> Ts,
        account_sid -> Text,
        message_sid -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::Ts;

    events (position) {
        position -> BigInt,
        id -> Text,
        organization_id -> Text,
        kind -> Text,
        at -> Ts,
        account_sid -> Text,
        subject -> Text,
        direction -> Text,
        from_address -> Nullable<Text>,
        to_address -> Nullable<Text>,
        data -> Text,
        once_key -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::Ts;

    subscriptions (id) {
        id -> Text,
        organization_id -> Text,
        url -> Text,
        types -> Text,
        disabled_reason -> Nullable<Text>,
        disabled_at -> Nullable<Ts>,
        created_at -> Ts,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::Ts;

    subscription_secrets (subscription_id, number) {
        subscription_id -> Text,
        number -> BigInt,
        sealed -> Binary,
        expires_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt};

    undistributed_events (position) {
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::Ts;

    api_keys (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        name -> Text,
        scopes -> Text,
        networks -> Text,
        digest -> Binary,
        created_at -> Ts,
        expires_at -> Nullable<Ts>,
        revoked_at -> Nullable<Ts>,
        last_used_at -> Nullable<Ts>,
    }
}

diesel::table! {
    use diesel::sql_types::{Text};
    use super::Ts;

    contact_links (organization_id, user_id) {
        organization_id -> Text,
        user_id -> Text,
        phone_number -> Text,
        linked_at -> Ts,
    }
}

diesel::allow_tables_to_appear_in_same_query!(accounts, agents, numbers, organizations);
diesel::allow_tables_to_appear_in_same_query!(routing_plan_versions, routing_plans);
diesel::allow_tables_to_appear_in_same_query!(change_counter, changes);
diesel::allow_tables_to_appear_in_same_query!(agents, chat_keys);
diesel::allow_tables_to_appear_in_same_query!(calls, organizations);
diesel::allow_tables_to_appear_in_same_query!(messages, organizations);
diesel::allow_tables_to_appear_in_same_query!(deliveries, delivery_queues);
diesel::allow_tables_to_appear_in_same_query!(consents, conversations);
diesel::allow_tables_to_appear_in_same_query!(events, undistributed_events);
