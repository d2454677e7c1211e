//! Twilio's error codes of streams, relays, calls and messages: what they mean, and what to do (Twilio, "Error and warning
//! dictionary").

/// What a code means, and what to do about it.
pub(in crate::command_line) struct TwilioError {
    pub(in crate::command_line) meaning: &'static str,
    /// With the word AGENT in place of the agent of a command.
    pub(in crate::command_line) remedy: &'static str,
}

impl TwilioError {
    /// What to do, with the id of the agent in its commands.
    pub(in crate::command_line) fn remedy_for(&self, agent: Option<&str>) -> String {
        self.remedy.replace("AGENT", agent.unwrap_or("AGENT"))
    }
}

const CHECK_SERVER: &str = "check that the voice server runs and that its URL is right with `switchboard agent show AGENT`";

/// The meaning of a code; of an unknown one, where it is documented.
pub(in crate::command_line) const fn of(code: u32) -> TwilioError {
    let (meaning, remedy) = match code {
        21_211 | 21_614 => (
            "the contact's number cannot receive messages, for example because it is a landline",
            "reply to this contact on another channel",
        ),
        21_610 => (
            "the contact has opted out with STOP",
            "nothing; the contact can opt in again with START",
        ),
        21_617 => ("the message is longer than 1,600 characters", "send a shorter text"),
        63_016 => (
            "WhatsApp's window of 24 hours after the contact's last message has closed",
            "wait until the contact writes again, or give the agent a template with `switchboard agent set AGENT --whatsapp-template HX…`",
        ),
        11_100 | 21_205 => (
            "the URL is invalid",
            "set a valid URL with `switchboard agent set AGENT --stream-url`",
        ),
        11_200..=11_215 => (
            "Twilio could not get an answer from a URL",
            "check that the public URL reaches this server with `switchboard doctor`",
        ),
        12_100..=12_199 => (
            "Twilio could not read the TwiML",
            "report this with the output of `switchboard simulate voice`",
        ),
        13_000..=13_299 => (
            "the call could not be connected to the dialed party",
            "check the dialed number or SIP address",
        ),
        31_900 | 31_901 => ("the connection to the voice server timed out", CHECK_SERVER),
        31_902 => (
            "the voice server refused the connection: nothing accepts connections at its address",
            CHECK_SERVER,
        ),
        31_903 => (
            "the connection to the voice server broke while the stream was active",
            "check the log of the voice server for this call",
        ),
        31_910 => (
            "the TLS certificate of the voice server is not trusted",
            "install a valid certificate with its full chain on the voice server",
        ),
        31_920 => (
            "the voice server refused the WebSocket handshake, for example with 404, or its URL has a query",
            "check the path of the stream URL, and that the voice server answers it with 101; put values into --parameter, not into the query",
        ),
        31_921 => (
            "the voice server closed the connection",
            "check the log of the voice server for this call",
        ),
        31_922 | 31_923 => (
            "the connection to the voice server failed",
            "check the log of the voice server for this call",
        ),
        31_924 => (
            "the voice server sent a message that the protocol does not allow",
            "check the messages of the voice server against Twilio's media stream protocol",
        ),
        31_930 => (
            "the voice server is overloaded",
            "give the agent a capacity with `switchboard agent set AGENT --capacity N`, or add voice servers",
        ),
        31_940 | 31_941 => (
            "the TwiML of the stream is wrong",
            "check the stream URL with `switchboard agent show AGENT`",
        ),
        39_001 => ("the connection to the ConversationRelay server failed", CHECK_SERVER),
        64_101..=64_199 => (
            "the ConversationRelay session failed",
            "check the log of the voice server for this call",
        ),
        _ => (
            "Twilio reported an error",
            "look the code up at https://www.twilio.com/docs/api/errors",
        ),
    };
    TwilioError { meaning, remedy }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_refused_handshake_is_explained() {
        assert!(of(31_920).meaning.contains("handshake"));
        let remedy = of(31_930).remedy_for(Some("agt_1"));
        assert!(remedy.contains("agent set agt_1 --capacity"), "{remedy}");
        assert!(of(99_999).remedy.contains("docs/api/errors"));
    }
}
