//! The HTTP server of the simulator.

mod connect_pages;
mod http_adapter;
mod running;

pub use running::{Running, ServeError, serve, serve_through};
