//! Routing plans, agents' hours, calendars and number lists as documents.
//!
//! Plans and hours are JSON or TOML with the same structure. The grammar is defined once, in `grammar`: each definition
//! reads a part of a document, writes it, and describes it in the JSON Schema that [`schema()`] returns. A document is
//! parsed into a tree first. The tree is then read value by value, so that all problems are reported at once, each with
//! the JSON pointer of its value. Calendars and number lists are JSON, or have one entry per line.

#![warn(missing_docs)]

mod countries;
mod documents;
mod grammar;
mod lines;
mod nearest;
mod problems;
mod syntax;
mod tree;

pub use documents::{MAX_BYTES, PlanDocuments};
pub use grammar::schema;
