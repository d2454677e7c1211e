//! The program, the Twilio simulator and the database of a legacy system: import, export, migration to one URL, and
//! token rotation under load.

mod archives;
mod exports;
mod legacy;
mod migration;
mod rotation;
mod syncing;
mod tokens;
