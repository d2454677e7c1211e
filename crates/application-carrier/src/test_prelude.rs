//! The common imports of unit tests.

pub(crate) use std::{sync::Arc, sync::atomic::Ordering};
pub(crate) use switchboard_application_management::{
    fixtures::{
        accounts, add_account, add_agent, add_number, clock, label, number, numbers, sealer, sid,
        token,
    },
    {AccountChange, Edit, open_primary},
};
pub(crate) use switchboard_carrier_memory::{Failure, MemoryCarrier};
pub(crate) use switchboard_domain::{
    account::Account,
    carrier::{
        AccountStatus, Capabilities, CarrierAccount, CarrierError, CarrierNumber, ErrorResponse,
    },
    configuration::{Configuration, Field, Part, WebhookUrls},
    number::{Channels, Number},
    organization::{Scope, default_organization},
    ports::{AccountStore, NumberStore, Page, StoreError},
    secret::Secret,
    sender::Sender,
    sid::{AccountSid, NumberSid},
    signature::PublicUrl,
    time::Timestamp,
};
pub(crate) use switchboard_store_memory::{MemoryStore, operator};
