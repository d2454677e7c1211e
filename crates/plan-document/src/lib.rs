//! Routing plans, agents' hours, calendars and lists of numbers as people write them.
//!
//! Plans and hours are JSON or TOML of one shape, which [`schema()`] tells as a JSON Schema. A document becomes a tree
//! first; the tree is then read value by value, so that everything that is wrong with it is told at once, each with the
//! JSON pointer of its place. Calendars and lists of numbers are JSON or one entry a line.

mod countries;
mod documents;
mod lines;
mod nearest;
mod reading;
mod schema;
mod shape;
mod syntax;
mod tree;

pub use documents::{MOST_BYTES, PlanDocuments};
pub use schema::schema;
