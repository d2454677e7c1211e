//! The messages of a media stream (Twilio, Media Streams: "WebSocket Messages"). Numbers are encoded as strings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The first message.
pub(super) fn connected() -> String {
    json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}).to_string()
}

/// Writes the messages of one stream and numbers them.
pub(super) struct Writer {
    stream: String,
    sequence: u64,
    chunk: u64,
}

impl Writer {
    pub(super) fn new(stream: String) -> Self {
        Self { stream, sequence: 0, chunk: 0 }
    }

    pub(super) fn start(
        &mut self,
        account: &str,
        call: &str,
        parameters: &[(String, String)],
    ) -> String {
        let parameters: Map<String, Value> = parameters
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let start = json!({
            "accountSid": account,
            "streamSid": self.stream,
            "callSid": call,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        });
        self.message("start", start)
    }

    /// A frame, sent `at_ms` milliseconds after the start.
    pub(super) fn media(&mut self, at_ms: u64, frame: &[u8]) -> String {
        self.chunk += 1;
        let media = json!({
            "track": "inbound",
            "chunk": self.chunk.to_string(),
            "timestamp": at_ms.to_string(),
            "payload": STANDARD.encode(frame),
        });
        self.message("media", media)
    }

    pub(super) fn dtmf(&mut self, digit: char) -> String {
        self.message("dtmf", json!({"track": "inbound_track", "digit": digit}))
    }

    pub(super) fn mark(&mut self, name: &str) -> String {
        self.message("mark", json!({"name": name}))
    }

    pub(super) fn stop(&mut self, account: &str, call: &str) -> String {
        self.message("stop", json!({"accountSid": account, "callSid": call}))
    }

    fn message(&mut self, event: &str, content: Value) -> String {
        self.sequence += 1;
        let mut message = Map::new();
        message.insert("event".to_owned(), event.into());
        message.insert("sequenceNumber".to_owned(), self.sequence.to_string().into());
        message.insert(event.to_owned(), content);
        message.insert("streamSid".to_owned(), self.stream.as_str().into());
        Value::Object(message).to_string()
    }
}

/// A message from the voice server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ServerMessage {
    Media(Vec<u8>),
    Mark(String),
    Clear,
}

/// Why a message from the voice server is ignored (Twilio, warnings 31950 and 31951).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MessageError {
    /// Not JSON, or of an unknown form.
    Malformed,
    /// For another stream, or without content.
    Invalid,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    event: String,
    #[serde(default)]
    stream_sid: String,
    media: Option<Media>,
    mark: Option<Mark>,
}

#[derive(Deserialize)]
struct Media {
    payload: String,
}

#[derive(Deserialize)]
struct Mark {
    name: String,
}

/// Parses a message from the voice server of this stream.
pub(super) fn read(text: &str, stream: &str) -> Result<ServerMessage, MessageError> {
    let message: Message =
        serde_json::from_str(text).map_err(|_shows_the_text| MessageError::Malformed)?;
    if message.stream_sid != stream {
        return Err(MessageError::Invalid);
    }
    match (message.event.as_str(), message.media, message.mark) {
        ("media", Some(media), _) => match STANDARD.decode(media.payload) {
            Ok(audio) => Ok(ServerMessage::Media(audio)),
            Err(_) => Err(MessageError::Invalid),
        },
        ("mark", _, Some(mark)) => Ok(ServerMessage::Mark(mark.name)),
        ("clear", _, _) => Ok(ServerMessage::Clear),
        _ => Err(MessageError::Invalid),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{MessageError, ServerMessage, Writer, read};

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn messages_have_the_documented_form() {
        let mut writer = Writer::new("MZ1".to_owned());
        let parameters = [("sessionUrl".to_owned(), "http://a".to_owned())];
        assert_eq!(
            value(&writer.start("AC1", "CA1", &parameters)),
            json!({"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": {
                "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"sessionUrl": "http://a"}}})
        );
        assert_eq!(
            value(&writer.media(20, &[0xff; 3])),
            json!({"event": "media", "sequenceNumber": "2", "streamSid": "MZ1",
                "media": {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": "////"}})
        );
        assert_eq!(
            value(&writer.stop("AC1", "CA1")),
            json!({"event": "stop", "sequenceNumber": "3", "streamSid": "MZ1",
                "stop": {"accountSid": "AC1", "callSid": "CA1"}})
        );
    }

    #[test]
    fn a_message_is_accepted_only_for_this_stream() {
        let heard = |message: Value| read(&message.to_string(), "MZ1");
        let media = |sid: &str, payload: &str| {
            heard(json!({"event": "media", "streamSid": sid, "media": {"payload": payload}}))
        };
        assert_eq!(media("MZ1", "////"), Ok(ServerMessage::Media(vec![0xff; 3])));
        assert_eq!(media("MZ2", "////"), Err(MessageError::Invalid));
        assert_eq!(media("MZ1", "not base64"), Err(MessageError::Invalid));
        assert_eq!(heard(json!({"event": "clear", "streamSid": "MZ1"})), Ok(ServerMessage::Clear));
        assert_eq!(heard(json!({"event": "mark", "streamSid": "MZ1"})), Err(MessageError::Invalid));
        assert_eq!(read("{", "MZ1"), Err(MessageError::Malformed));
    }

    proptest! {
        #[test]
        fn a_frame_round_trips(frame in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut message = value(&Writer::new("MZ1".to_owned()).media(0, &frame));
            message["media"].as_object_mut().unwrap().retain(|name, _| name == "payload");
            prop_assert_eq!(read(&message.to_string(), "MZ1"), Ok(ServerMessage::Media(frame)));
        }
    }
}
