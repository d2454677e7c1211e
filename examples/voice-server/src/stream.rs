//! One stream, from `start` to `stop`.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::messages::{Mark, Media, Said, Say, Start};
use crate::server::Server;
use crate::session::{self, SessionError};

/// A mark is set after so many frames: after each second of sound.
const FRAMES_A_MARK: usize = 50;

type Socket = WebSocketStream<TcpStream>;

/// Why a stream ended otherwise than by `stop`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("the connection broke")]
    Broken(#[source] Error),
    #[error("a message cannot be read")]
    Unreadable(#[source] serde_json::Error),
    #[error("a message cannot be written")]
    Unwritable(#[source] serde_json::Error),
    #[error("the session is refused")]
    Refused(#[source] SessionError),
}

/// Holds a stream: learns who is to speak, and then echoes what comes.
pub(crate) async fn hold(mut socket: Socket, server: &Server) -> Result<(), StreamError> {
    let Some(start) = started(&mut socket).await? else { return Ok(()) };
    let session = match session::read(&server.http, &server.switchboard, &start).await {
        Ok(session) => session,
        Err(error) => {
            let frame = CloseFrame { code: CloseCode::Policy, reason: "session refused".into() };
            // The stream is refused whether the other side hears of it or not.
            let _told = socket.close(Some(frame)).await;
            return Err(StreamError::Refused(error));
        }
    };
    tracing::info!(
        call.sid = start.call_sid,
        agent = session.agent_name,
        voice = session.voice,
        prompt.bytes = session.prompt.len(),
        "stream opened"
    );
    let frames = echo(&mut socket, &start.stream_sid).await?;
    tracing::info!(call.sid = start.call_sid, frames, "stream ended");
    Ok(())
}

/// Waits for the message that tells which call it is.
async fn started(socket: &mut Socket) -> Result<Option<Start>, StreamError> {
    while let Some(said) = next(socket).await? {
        if let Said::Start { start } = said {
            return Ok(Some(start));
        }
    }
    Ok(None)
}

/// Sends back every frame, with a mark after each second, until the call ends. Gives the number of frames.
async fn echo(socket: &mut Socket, stream: &str) -> Result<usize, StreamError> {
    let mut frames = 0;
    while let Some(said) = next(socket).await? {
        match said {
            Said::Media { media } => {
                frames += 1;
                say(
                    socket,
                    &Say::Media { stream_sid: stream, media: Media { payload: media.payload } },
                )
                .await?;
                if frames % FRAMES_A_MARK == 0 {
                    let mark = Mark { name: format!("frame-{frames}") };
                    say(socket, &Say::Mark { stream_sid: stream, mark }).await?;
                }
            }
            Said::Dtmf { dtmf } => tracing::info!(digit = dtmf.digit, "key pressed"),
            Said::Mark { mark } => tracing::debug!(mark = mark.name, "heard by the caller"),
            Said::Stop => break,
            Said::Connected | Said::Start { .. } => {}
        }
    }
    // Whoever said stop may have left already.
    let _told = socket.close(None).await;
    Ok(frames)
}

/// The next message of Twilio's; none when it has closed the connection.
async fn next(socket: &mut Socket) -> Result<Option<Said>, StreamError> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map(Some).map_err(StreamError::Unreadable);
            }
            Some(Ok(_)) => {}
            None | Some(Err(Error::ConnectionClosed)) => return Ok(None),
            Some(Err(error)) => return Err(StreamError::Broken(error)),
        }
    }
}

async fn say(socket: &mut Socket, message: &Say<'_>) -> Result<(), StreamError> {
    let text = serde_json::to_string(message).map_err(StreamError::Unwritable)?;
    socket.send(Message::text(text)).await.map_err(StreamError::Broken)
}
