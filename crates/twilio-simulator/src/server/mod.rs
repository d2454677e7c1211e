//! The company on the wire.

mod running;
mod wire;

pub use running::{Running, ServeError, serve, serve_through};
