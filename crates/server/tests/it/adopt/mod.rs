//! The built program beside the offline Twilio simulator and the database of an earlier system: what is there already is
//! taken in, written out, and brought to one URL; tokens are rotated while calls come in.

mod earlier;
mod exports;
mod migration;
mod rotation;
mod syncing;
