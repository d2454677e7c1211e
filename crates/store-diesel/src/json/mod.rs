//! Columns that contain JSON.

mod attempts;
mod audit_fields;
mod chat_model;
mod configurations;
mod days;
mod delivery_attempts;
mod drifts;
mod events;
mod parameters;
mod shape;
mod urls;

pub(crate) use attempts::{read_attempts, write_attempts};
pub(crate) use audit_fields::{read_audit_fields, write_audit_fields};
pub(crate) use chat_model::{read_chat_model, write_chat_model};
pub(crate) use configurations::{
    read_adopted, read_configuration, write_adopted, write_configuration,
};
pub(crate) use days::{read_days, write_days};
pub(crate) use delivery_attempts::{add_delivery_attempt, read_delivery_attempts};
pub(crate) use drifts::{read_found_blockers, read_found_changes, write_found_drift};
pub(crate) use events::{read_event_data, write_event_data};
pub(crate) use parameters::{read_parameters, read_relay, write_parameters, write_relay};
pub(crate) use urls::{read_urls, write_urls};
