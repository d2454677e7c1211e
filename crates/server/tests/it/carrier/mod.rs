//! The program and the Twilio simulator: numbers are assigned, checked, repaired and released, and calls come in. The
//! assertions are about what the simulator has afterwards, and which requests it got.

mod bad_input;
mod calls;
mod chat_models;
mod check_events;
mod consent;
mod crash;
mod cut_off;
mod deliveries;
mod demonstration;
mod fleet;
mod foreign;
mod lifecycle;
mod log_secrecy;
mod loops;
mod media;
mod message_endpoints;
mod planned_numbers;
mod public_url;
mod reasons;
mod reply_statuses;
mod routing_plans;
mod schedule;
mod scripted_phones;
mod senders;
mod sending;
mod simulator;
mod subscriptions;
mod take_over;
mod target_networks;
mod ten_calls;
mod threads;
mod twilio_forms;
mod voice_handlers;
mod voice_menus;
mod voice_servers;
