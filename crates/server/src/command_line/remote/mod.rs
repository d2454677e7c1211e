//! Commands that work through the admin API of a running server, for `--url`, instead of the database.
//!
//! Each command prints the same objects as without `--url`: the API returns them as JSON, and they are printed by the same code.

mod client;
mod connection;
mod error;
mod lists;
mod named;
mod reach;
mod resource;

pub(super) use client::Client;
pub(super) use connection::ConnectionOptions;
pub(super) use error::{Known, Mistake, RemoteError};
pub(super) use lists::{ObjectPage, print_all};
pub(super) use named::{
    RemoteNames, account_sid, agent, api_key, organization, own_organization, plan, selected,
};
#[cfg(test)]
pub(super) use reach::listed_commands;
pub(super) use reach::unsupported;
pub(super) use resource::Resource;
