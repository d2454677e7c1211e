//! Calls and messages from outside: the company says where they go, and the phone module puts them through.

mod order;
mod switchroom;

pub use order::{CallOrder, MessageOrder};
pub use switchroom::Switchroom;
