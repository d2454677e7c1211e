//! `voice-server --listen 127.0.0.1:9000`

use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use url::Url;

/// A minimal voice server for Twilio's media streams that echoes the caller's audio
#[derive(Debug, Parser)]
struct Arguments {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: String,
    /// Public URL of switchboard; sessions are read only from there
    #[arg(long, default_value = "http://localhost:8080")]
    switchboard: Url,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    let arguments = Arguments::parse();
    let listener = match TcpListener::bind(&arguments.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, listen = arguments.listen, "cannot listen");
            return ExitCode::FAILURE;
        }
    };
    tracing::info!(listen = arguments.listen, switchboard = %arguments.switchboard, "server started");
    tokio::select! {
        served = voice_server::serve(listener, arguments.switchboard) => match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(%error, "server failed");
                ExitCode::FAILURE
            }
        },
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}
