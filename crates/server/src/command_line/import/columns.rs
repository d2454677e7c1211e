//! The columns of CSV files, as they are imported and exported.

/// A column, and whether it is required.
pub(in crate::command_line) type Column = (&'static str, Need);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::command_line) enum Need {
    Required,
    Optional,
}
use Need::{Optional, Required};

pub(in crate::command_line) const ACCOUNTS: [Column; 5] = [
    ("sid", Required),
    ("name", Required),
    ("auth_token", Required),
    ("parent_sid", Optional),
    ("region", Optional),
];

pub(in crate::command_line) const AGENTS: [Column; 26] = [
    ("external_id", Required),
    ("name", Required),
    ("prompt", Optional),
    ("voice", Optional),
    ("model", Optional),
    ("language", Optional),
    ("stream_url", Optional),
    ("reply", Optional),
    ("parameters", Optional),
    ("relay_url", Optional),
    ("voice_redirect_url", Optional),
    ("dial", Optional),
    ("voice_twilio", Optional),
    ("message_redirect_url", Optional),
    ("message_webhook", Optional),
    ("message_twilio", Optional),
    ("chat_model", Optional),
    ("chat_url", Optional),
    ("chat_max_tokens", Optional),
    ("chat_daily_limit", Optional),
    ("whatsapp_template", Optional),
    ("relay_attributes", Optional),
    ("state", Optional),
    ("capacity", Optional),
    ("hours", Optional),
    ("health_url", Optional),
];

pub(in crate::command_line) const NUMBERS: [Column; 5] = [
    ("phone_number", Required),
    ("account_sid", Required),
    ("agent_external_id", Optional),
    ("channels", Optional),
    ("repair", Optional),
];
