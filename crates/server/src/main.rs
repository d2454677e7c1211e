//! `switchboard`: one webhook URL for every phone number of every Twilio account.

mod ambient;
mod command_line;
mod encryption_keys;
mod failure;
mod serve;
mod settings;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

/// One thread answers and another one writes behind it, so memory is freed elsewhere than it was taken.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match command_line::run(command_line::Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(command_line::remedies::of),
    }
}
