//! Signature malleability: Twilio signs without delimiters, so one genuine signature fits many forms.
//!
//! Twilio signs names and values, sorted by name, with nothing between them. Whoever captured a genuine request can
//! cut its signed text into other fields, as long as their names stay in order. The grammars of the fields that
//! decisions depend on refuse most of these forms; the checks in this module refuse the rest (ADR 0004, ADR 0018).
//!
//! A forged form has to contain the genuine fields somewhere, because the signed text stays the same. So the signed text
//! contains a copy of a field: its name, followed by a value that it can have. Callers can write such copies, too, and
//! their calls are not refused: where a copy is in the signed text tells which of the two is genuine.

mod calls;
mod messages;
mod outcomes;
mod signed_text;
mod url_border;
mod values;

pub(crate) use self::calls::{call_fields, refuse_call, refuse_other_caller};
pub(crate) use self::messages::{MessageFields, message_fields};
pub(crate) use self::outcomes::{has_stream_failed, refuse_replaced_outcome};
pub(crate) use self::url_border::{refuse_body_in_query, refuse_url_in_body};

#[cfg(test)]
mod tests;
