//! From tree to domain, value by value, with every problem at its place.

mod caller;
mod fields;
mod place;
mod plan;
mod schedule;
mod then;
mod values;

pub(crate) use place::{Place, Read, Reading, list};
pub(crate) use plan::plan;
pub(crate) use schedule::{dates, dates_in, schedule};
pub(crate) use values::{phone_number, phone_number_in};
