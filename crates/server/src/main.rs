//! `switchboard`: one webhook URL for every phone number of every Twilio account.

mod ambient;
mod carrier_use_cases;
mod command_line;
#[cfg(feature = "simulator")]
mod demo;
mod encryption_keys;
mod failure;
mod file_access;
mod installation;
mod log_format;
mod process_memory;
mod serve;
mod settings;
mod telemetry;
mod wiring;
mod written_urls;

use std::process::ExitCode;

use clap::Parser;

/// Memory is often allocated by the thread that answers and freed by the one that writes behind it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    process_memory::keep_private();
    // The futures of all commands are large together.
    match Box::pin(command_line::run(command_line::Arguments::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(command_line::remedy),
    }
}
