//! Questions as they go out.

use serde::Serialize;
use switchboard_domain::ports::Question;

#[derive(Serialize)]
struct QuestionWire<'q> {
    channel: &'q str,
    event: &'q str,
    to: &'q str,
    from: &'q str,
    candidates: Vec<CandidateWire<'q>>,
}

#[derive(Serialize)]
struct CandidateWire<'q> {
    id: &'q str,
    external_id: Option<&'q str>,
}

/// The question as JSON. Its bytes are signed, so they are made once.
pub(super) fn document(question: &Question) -> Result<Vec<u8>, serde_json::Error> {
    let candidates = question.candidates.iter();
    serde_json::to_vec(&QuestionWire {
        channel: question.channel,
        event: &question.event,
        to: &question.to,
        from: &question.from,
        candidates: candidates
            .map(|(id, external_id)| CandidateWire {
                id: id.as_str(),
                external_id: external_id.as_deref(),
            })
            .collect(),
    })
}
