//! The body of requests to decision services.

use serde::Serialize;
use switchboard_domain::agent::Label;
use switchboard_domain::ports::Question;

#[derive(Serialize)]
struct RequestBody<'q> {
    channel: &'q str,
    event: &'q str,
    to: &'q str,
    from: String,
    candidates: Vec<CandidateBody<'q>>,
}

#[derive(Serialize)]
struct CandidateBody<'q> {
    id: &'q str,
    external_id: Option<&'q str>,
}

/// Serializes a question as JSON. The same bytes are signed and sent.
pub(super) fn serialize(question: &Question) -> Result<Vec<u8>, serde_json::Error> {
    let candidates = question.candidates.iter();
    serde_json::to_vec(&RequestBody {
        channel: question.channel.as_str(),
        event: question.event.as_str(),
        to: question.to.as_str(),
        // As Twilio writes it.
        from: question.from.to_text(),
        candidates: candidates
            .map(|candidate| CandidateBody {
                id: candidate.agent.as_str(),
                external_id: candidate.external_id.as_ref().map(Label::as_str),
            })
            .collect(),
    })
}
