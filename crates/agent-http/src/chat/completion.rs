//! The JSON of requests and responses (`OpenAI`, API reference: "Create chat completion").

use serde::{Deserialize, Serialize};
use switchboard_domain::ports::{ChatAnswer, ChatRequest};

/// How the limit of tokens is named. Newer models of `OpenAI` refuse the first name, and other servers do not know the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitName {
    MaxTokens,
    MaxCompletionTokens,
}

#[derive(Serialize)]
struct Body<'r> {
    model: &'r str,
    messages: Vec<MessageBody<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    stream: bool,
}

#[derive(Serialize)]
struct MessageBody<'r> {
    role: &'static str,
    content: &'r str,
}

/// Serializes a request.
pub(super) fn serialize(
    request: &ChatRequest,
    name: LimitName,
) -> Result<Vec<u8>, serde_json::Error> {
    let limit = |of| (name == of).then_some(request.model.limits.reply.get());
    let messages = request.messages.iter();
    let messages =
        messages.map(|message| MessageBody { role: message.role.as_str(), content: &message.text });
    serde_json::to_vec(&Body {
        model: request.model.model.as_str(),
        messages: messages.collect(),
        max_tokens: limit(LimitName::MaxTokens),
        max_completion_tokens: limit(LimitName::MaxCompletionTokens),
        stream: false,
    })
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Written,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    completion_tokens: Option<u32>,
}

/// Reads a response with a status of 2xx.
pub(super) fn read(body: &[u8]) -> ChatAnswer {
    const SHAPE: &str = "is not a chat completion: a JSON object with \"choices\", whose \"message\" has a \"content\"";
    let Ok(completion) = serde_json::from_slice::<Completion>(body) else {
        return ChatAnswer { text: Err(SHAPE), completion_tokens: None };
    };
    let completion_tokens = completion.usage.and_then(|usage| usage.completion_tokens);
    let text = match completion.choices.into_iter().next() {
        None => Err("has no choices"),
        Some(choice) => text(choice),
    };
    ChatAnswer { text, completion_tokens }
}

fn text(choice: Choice) -> Result<String, &'static str> {
    let text = choice.message.content.unwrap_or_default();
    if !text.trim().is_empty() {
        return Ok(text.trim().to_owned());
    }
    if choice.message.refusal.is_some() {
        return Err("has a refusal of the model instead of a text");
    }
    Err(match choice.finish_reason.as_deref() {
        Some("length") => {
            "has no text, because the model used up the tokens of a reply before it wrote any"
        }
        Some("content_filter") => "has no text, because a content filter removed it",
        Some("tool_calls" | "function_call") => {
            "calls a tool, which no agent has, instead of a text"
        }
        _ => "has an empty text",
    })
}

/// Whether a response with status 400 says that the limit of tokens has the wrong name.
pub(super) fn refuses_limit_name(body: &[u8]) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let parameter = body.as_ref().and_then(|body| body.get("error")?.get("param")?.as_str());
    parameter == Some("max_tokens")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use switchboard_domain::ports::ChatAnswer;

    use super::{read, refuses_limit_name};

    fn read_text(body: &str) -> Result<String, &'static str> {
        read(body.as_bytes()).text
    }

    fn choice(message: &str, reason: &str) -> String {
        format!(r#"{{"choices":[{{"index":0,"message":{message},"finish_reason":"{reason}"}}]}}"#)
    }

    #[test]
    fn the_text_of_the_first_choice_and_the_used_tokens_are_read() {
        let body = br#"{"id":"c-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":
            {"role":"assistant","content":" Hello\n"},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}"#;
        let expected = ChatAnswer { text: Ok("Hello".to_owned()), completion_tokens: Some(3) };
        assert_eq!(read(body), expected);
        assert_eq!(read_text(&choice(r#"{"content":"cut"}"#, "length")).unwrap(), "cut");
    }

    #[test]
    fn what_is_not_a_completion_is_refused_with_its_reason() {
        let no_text = r#"{"role":"assistant","content":null}"#;
        for (body, reason) in [
            ("<html>Bad gateway</html>".to_owned(), "not a chat completion"),
            (String::new(), "not a chat completion"),
            ("[]".to_owned(), "not a chat completion"),
            (r#"{"error":{"message":"secret"}}"#.to_owned(), "not a chat completion"),
            (r#"{"choices":[{"text":"old"}]}"#.to_owned(), "not a chat completion"),
            (r#"{"choices":[]}"#.to_owned(), "no choices"),
            (choice(r#"{"content":" "}"#, "stop"), "empty text"),
            (choice(no_text, "length"), "tokens of a reply"),
            (choice(no_text, "content_filter"), "content filter"),
            (choice(no_text, "tool_calls"), "tool"),
            (choice(r#"{"content":null,"refusal":"secret"}"#, "stop"), "refusal"),
        ] {
            let what = read_text(&body).unwrap_err();
            assert!(what.contains(reason) && !what.contains("secret"), "{body}: {what}");
        }
    }

    #[test]
    fn a_refused_name_of_the_limit_is_recognized() {
        let refused = br#"{"error":{"message":"Unsupported parameter: 'max_tokens'","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#;
        assert!(refuses_limit_name(refused));
        for other in ["", "{}", r#"{"error":"max_tokens"}"#, r#"{"error":{"param":"model"}}"#] {
            assert!(!refuses_limit_name(other.as_bytes()), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _never_panics = (read(&body), refuses_limit_name(&body));
        }
    }
}
