//! The shape of documents: what is written, and what the schema tells. The sentences on its fields are the schema's.
//!
//! Nothing is read by these types: what reads one value after the other tells more of what is wrong.

mod caller;
pub(crate) mod limits;
mod plan;
mod schedule;
mod texts;
mod then;
pub(crate) mod words;

pub(crate) use plan::Plan;
pub(crate) use schedule::Schedule;

/// For what goes without saying.
fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}
