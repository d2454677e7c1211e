//! Chat completions of models that speak `OpenAI`'s API: `POST {base URL}/chat/completions`.

mod client;
mod completion;

pub use client::HttpChatClient;
