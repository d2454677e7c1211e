//! Words of which one is written.

/// Channels.
pub(crate) const CHANNELS: [&str; 5] = ["voice", "sms", "whatsapp", "rcs", "messenger"];
/// Days of the week.
pub(crate) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// How far a carrier vouches for a caller.
pub(crate) const ATTESTATIONS: [&str; 3] = ["A", "B", "C"];
/// Ways to choose one of several agents.
pub(crate) const STRATEGIES: [&str; 3] = ["weighted", "priority", "least_busy"];
/// Ways not to take a call.
pub(crate) const REJECTIONS: [&str; 2] = ["busy", "rejected"];
/// Actions, by their keys.
pub(crate) const ACTIONS: [&str; 6] = ["dial", "voicemail", "say", "reject", "redirect", "enqueue"];
