//! Calls and messages as Twilio delivers them.
