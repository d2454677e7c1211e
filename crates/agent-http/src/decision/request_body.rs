//! The body of requests to decision services.

use serde::Serialize;
use switchboard_domain::ports::Question;

#[derive(Serialize)]
struct RequestBody<'q> {
    channel: &'q str,
    event: &'q str,
    to: &'q str,
    from: &'q str,
    candidates: Vec<Candidate<'q>>,
}

#[derive(Serialize)]
struct Candidate<'q> {
    id: &'q str,
    external_id: Option<&'q str>,
}

/// Serializes a question as JSON. The same bytes are signed and sent.
pub(super) fn serialize(question: &Question) -> Result<Vec<u8>, serde_json::Error> {
    let candidates = question.candidates.iter();
    serde_json::to_vec(&RequestBody {
        channel: question.channel,
        event: &question.event,
        to: &question.to,
        from: &question.from,
        candidates: candidates
            .map(|(id, external_id)| Candidate {
                id: id.as_str(),
                external_id: external_id.as_deref(),
            })
            .collect(),
    })
}
