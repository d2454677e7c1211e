//! The built program beside the offline phone company and the database of an earlier system: what is there already is
//! taken in, written out, and brought to one URL; tokens are rotated while calls come in.

#[macro_use]
mod rig;

mod earlier;
mod exports;
mod migration;
mod rotation;
mod syncing;
