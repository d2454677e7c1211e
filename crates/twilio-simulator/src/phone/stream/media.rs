//! A media stream, from its first message to its last (Twilio, Media Streams: "WebSocket Messages").

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error;

use super::opening::Socket;
use super::playback::Playback;
use super::protocol::{Heard, Unheard, Writer, connected, read};
use super::report::{EndedBy, StreamEnd};
use crate::phone::audio::{BYTES_A_MILLISECOND, FRAME_BYTES, SILENCE};
use crate::phone::call::{CallChanges, Caller, HangUp, Pace};
use crate::phone::transcript::{Alert, Event, Recorder};

/// How long a frame sounds.
const FRAME: Duration = Duration::from_millis(20);
const FRAME_MS: u64 = 20;
/// Messages that are on their way to the socket.
const QUEUE: usize = 8;
/// Messages that wait for a server that does not read: 10 seconds of audio. Then audio is dropped.
const MOST_PENDING: usize = 500;
/// How long the server may take to close its side.
pub(super) const GOODBYE: Duration = Duration::from_secs(2);

/// What is streamed, and to whom it belongs.
pub(crate) struct MediaOrder<'a> {
    pub(crate) sid: &'a str,
    pub(crate) account: &'a str,
    pub(crate) call: &'a str,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) caller: &'a Caller,
    pub(crate) pace: Pace,
    pub(crate) changes: &'a CallChanges,
    pub(crate) recorder: &'a Recorder<'a>,
}

/// Holds the stream until one of both sides ends it.
pub(crate) async fn run(socket: Socket, order: &MediaOrder<'_>) -> StreamEnd {
    let (sink, source) = socket.split();
    let (outgoing, queue) = mpsc::channel(QUEUE);
    // Writing must not keep from reading: a server that echoes would wait for us, and we for it.
    let writing = std::pin::pin!(write(sink, queue));
    let mut holding = std::pin::pin!(Conversation::new(order).hold(source, outgoing));
    tokio::select! {
        end = &mut holding => end,
        () = writing => holding.await,
    }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<String>) {
    while let Some(text) = queue.recv().await {
        if sink.send(Message::text(text)).await.is_err() {
            return;
        }
    }
    // Where the server is gone already, there is nobody to say goodbye to.
    let _closed = sink.close().await;
}

struct Conversation<'a> {
    order: &'a MediaOrder<'a>,
    writer: Writer,
    frames: Vec<[u8; FRAME_BYTES]>,
    keys: VecDeque<(u64, char)>,
    /// Frames that were spoken.
    spoken: usize,
    pending: VecDeque<String>,
    playback: Playback,
    received: usize,
    marks: Vec<String>,
    warned: Vec<u32>,
    failure: Option<Alert>,
}

impl<'a> Conversation<'a> {
    fn new(order: &'a MediaOrder<'a>) -> Self {
        let mut writer = Writer::new(order.sid.to_owned());
        let start = writer.start(order.account, order.call, order.parameters);
        Self {
            order,
            writer,
            frames: order.caller.speech.frames().collect(),
            keys: order.caller.keys.iter().map(|key| (key.at_ms, key.digit)).collect(),
            spoken: 0,
            pending: VecDeque::from([connected(), start]),
            playback: Playback::default(),
            received: 0,
            marks: Vec::new(),
            warned: Vec::new(),
            failure: None,
        }
    }

    async fn hold(
        mut self,
        mut source: SplitStream<Socket>,
        outgoing: mpsc::Sender<String>,
    ) -> StreamEnd {
        let limit = Instant::now() + self.order.caller.patience;
        let mut clock = interval(FRAME);
        // Once nothing can be written any more, what is read tells how the stream ended.
        let mut can_write = true;
        let ended_by = loop {
            if can_write && self.pending.is_empty() && self.has_enough() {
                break EndedBy::Caller;
            }
            let may_speak = can_write && self.may_speak();
            tokio::select! {
                message = source.next() => {
                    if let Some(end) = self.take(message) {
                        break end;
                    }
                }
                permit = outgoing.reserve(), if can_write && !self.pending.is_empty() => {
                    match (permit, self.pending.pop_front()) {
                        (Ok(permit), Some(text)) => permit.send(text),
                        _ => can_write = false,
                    }
                }
                () = due(&mut clock, self.order.pace), if may_speak => self.speak(),
                () = self.order.changes.wait() => break EndedBy::Change,
                () = sleep_until(limit) => break EndedBy::Limit,
            }
        };
        let stop = (ended_by != EndedBy::Server)
            .then(|| self.writer.stop(self.order.account, self.order.call));
        let leaving = async move {
            if let Some(stop) = stop {
                // Who is gone already does not hear of it.
                let _gone = outgoing.send(stop).await;
            }
        };
        let draining = async { while let Some(Ok(_)) = source.next().await {} };
        let _late = timeout(GOODBYE, async { tokio::join!(leaving, draining) }).await;
        StreamEnd {
            frames_sent: self.spoken,
            frames_received: self.received,
            heard: self.playback.into_heard(),
            marks: self.marks,
            ended_by,
            failure: self.failure,
        }
    }

    /// Frames of speech, and of the keys that are pressed after it.
    fn to_say(&self) -> usize {
        let last_key = self.order.caller.keys.iter().map(|key| key.at_ms / FRAME_MS + 1).max();
        self.frames.len().max(usize::try_from(last_key.unwrap_or_default()).unwrap_or(usize::MAX))
    }

    /// Frames that are sent at least, silence after the speech included.
    fn to_send(&self) -> usize {
        let silence = match self.order.caller.hang_up {
            HangUp::AfterSpeech(silence) => silence.as_millis() / u128::from(FRAME_MS),
            _ => 0,
        };
        self.to_say().saturating_add(usize::try_from(silence).unwrap_or(usize::MAX))
    }

    /// Whether the caller hangs up now.
    fn has_enough(&self) -> bool {
        let said = self.spoken >= self.to_send();
        said && match self.order.caller.hang_up {
            HangUp::AfterSpeech(_) => true,
            HangUp::AfterHearing(sound) => {
                self.playback.heard() as u128 >= sound.as_millis() * BYTES_A_MILLISECOND as u128
            }
            HangUp::AfterMarks(count) => self.marks.len() >= count,
            HangUp::Never => false,
        }
    }

    /// Whether a frame may be sent: in real time always, be it silence; otherwise while there is something
    /// to say and the server takes it.
    fn may_speak(&self) -> bool {
        match self.order.pace {
            Pace::RealTime => true,
            Pace::AsFastAsTaken => self.spoken < self.to_send() && self.pending.len() < QUEUE,
        }
    }

    /// Sends the next frame, and the keys that are due before it; plays what is to be heard meanwhile.
    fn speak(&mut self) {
        let at_ms = self.spoken as u64 * FRAME_MS;
        while let Some((due, digit)) = self.keys.front().copied()
            && due <= at_ms
        {
            self.keys.pop_front();
            self.order.recorder.note(Event::Key { digit });
            self.pending.push_back(self.writer.dtmf(digit));
        }
        let frame = self.frames.get(self.spoken).unwrap_or(&[SILENCE; FRAME_BYTES]);
        if self.pending.len() < MOST_PENDING {
            self.pending.push_back(self.writer.media(at_ms, frame));
        } else {
            self.warn(31_930, "the server does not take the audio; some is dropped");
        }
        self.spoken += 1;
        if self.order.pace == Pace::RealTime {
            let reached = self.playback.play(FRAME_BYTES);
            self.tell(reached);
        }
    }

    /// Takes what came from the server; `Some` if the stream is over.
    fn take(&mut self, message: Option<Result<Message, Error>>) -> Option<EndedBy> {
        match message {
            Some(Ok(Message::Text(text))) => self.hear(&text),
            Some(Ok(Message::Binary(_))) => {
                self.warn(31_950, "a message is not text");
            }
            // Once it has said goodbye, whatever becomes of the connection is no failure.
            None | Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed)) => {
                return Some(EndedBy::Server);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                self.failure = Some(broken(&error));
                return Some(EndedBy::Server);
            }
        }
        None
    }

    fn hear(&mut self, text: &str) {
        match read(text, self.order.sid) {
            Ok(Heard::Media(audio)) => {
                self.received += 1;
                self.playback.add(&audio);
            }
            Ok(Heard::Mark(name)) => {
                self.order.recorder.note(Event::MarkSet { name: name.clone() });
                self.playback.mark(name);
            }
            Ok(Heard::Clear) => {
                let (bytes, reached) = self.playback.clear();
                self.order.recorder.note(Event::Cleared { bytes });
                self.tell(reached);
            }
            Err(Unheard::Malformed) => {
                self.warn(31_950, "a message cannot be decoded");
            }
            Err(Unheard::Invalid) => {
                self.warn(31_951, "a message is invalid, or for another stream");
            }
        }
        let reached = match self.order.pace {
            Pace::AsFastAsTaken => self.playback.play_all(),
            Pace::RealTime => self.playback.play(0),
        };
        self.tell(reached);
    }

    /// Tells the server which marks were reached.
    fn tell(&mut self, marks: Vec<String>) {
        for name in marks {
            self.pending.push_back(self.writer.mark(&name));
            self.order.recorder.note(Event::MarkPlayed { name: name.clone() });
            self.marks.push(name);
        }
    }

    /// Warns of something once per stream.
    fn warn(&mut self, code: u32, text: &str) {
        if !self.warned.contains(&code) {
            self.warned.push(code);
            self.order.recorder.note(Event::Alert(Alert::warning(code, text)));
        }
    }
}

/// Waits until the next frame is due.
async fn due(clock: &mut Interval, pace: Pace) {
    if pace == Pace::RealTime {
        clock.tick().await;
    }
}

/// What Twilio calls a connection that broke.
pub(super) fn broken(error: &Error) -> Alert {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::Io(_) => {
            Alert::error(31_921, "the server ended the connection without closing it")
        }
        _ => Alert::error(31_924, "the server does not speak the protocol"),
    }
}
