//! Decision services and voice servers, mocked by local servers.

mod certificates;
mod decisions;
mod fixture;
mod handlers;
mod probes;
mod servers;
mod target_networks;
mod timeouts;
