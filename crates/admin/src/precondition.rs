//! Entity tags, `If-Match` and `If-None-Match` (RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2): a client changes only what it
//! has seen, and replaces nothing that it has not seen.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue, IF_MATCH, IF_NONE_MATCH, LOCATION};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use utoipa::IntoParams;

use crate::caller::{Caller, Needs};
use crate::problem::{Problem, ProblemCode};

/// The bytes of a digest that a tag contains.
const BYTES: usize = 16;

/// The entity tag of an object: a digest of its JSON, without the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// The tag of an object as it is shown.
    pub(crate) fn of(object: &impl Serialize) -> Result<Self, Problem> {
        // Objects consist of texts and maps with text keys, which always have a JSON form.
        let json =
            serde_json::to_vec(object).map_err(|_error| Problem::of(ProblemCode::Internal))?;
        let digest = digest(&SHA256, &json);
        let start = digest.as_ref().get(..BYTES).unwrap_or_default();
        Ok(Self(URL_SAFE_NO_PAD.encode(start)))
    }

    /// The value of the header `ETag`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("\"{}\"", self.0)).ok()
    }
}

/// Answers with an object and its tag.
pub(crate) fn tagged(status: StatusCode, object: &impl Serialize, tag: &EntityTag) -> HttpResponse {
    let mut answer = HttpResponse::build(status).json(object);
    if let Some(tag) = tag.header() {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}

/// Adds the path of a new object to the answer.
pub(crate) fn located(mut answer: HttpResponse, path: &str) -> Result<HttpResponse, Problem> {
    let location =
        HeaderValue::from_str(path).map_err(|_error| Problem::of(ProblemCode::Internal))?;
    answer.headers_mut().insert(LOCATION, location);
    Ok(answer)
}

/// The header, as the document describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the field describes the header")]
pub(crate) struct IfMatch {
    /// The tags of the states of the object that the request is for, or `*`. Without it, the request is for any state.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// The header, as the document describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the field describes the header")]
pub(crate) struct IfNoneMatch {
    /// `*`: the object is only added, and an object that exists is not replaced.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// Which state of an object a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// Any state, and no object yet.
    Any,
    /// Any state of an object that exists.
    Exists,
    /// The states with these tags. Weak tags are left out, because they match nothing.
    Tags(Vec<Vec<u8>>),
}

impl Precondition {
    /// Reads the header `If-Match` of a request.
    pub(crate) fn of<N: Needs>(caller: &Caller<N>) -> Result<Self, Problem> {
        let values = caller.headers(&IF_MATCH).map(HeaderValue::as_bytes);
        let joined = values.collect::<Vec<_>>();
        if joined.is_empty() {
            return Ok(Self::Any);
        }
        // Lines of a list are one list.
        let parsed = parse(&joined.join(&b","[..]));
        parsed.ok_or_else(|| Problem::of(ProblemCode::IfMatchInvalid))
    }

    /// Whether the request names states.
    pub(crate) const fn is_given(&self) -> bool {
        matches!(self, Self::Tags(_))
    }

    /// Refuses an object that has another tag.
    pub(crate) fn check(&self, current: &EntityTag) -> Result<(), Problem> {
        match self {
            Self::Any | Self::Exists => Ok(()),
            Self::Tags(tags) if tags.iter().any(|tag| tag == current.0.as_bytes()) => Ok(()),
            Self::Tags(_) => Err(Self::failed(current)),
        }
    }

    /// Refuses to replace an object that has another tag, or to add one where the request names a state; `None` if there
    /// is no object.
    pub(crate) fn check_put(&self, current: Option<&EntityTag>) -> Result<(), Problem> {
        match (self, current) {
            (_, Some(current)) => self.check(current),
            (Self::Any, None) => Ok(()),
            (Self::Exists | Self::Tags(_), None) => {
                Err(Problem::of(ProblemCode::PreconditionFailed))
            }
        }
    }

    /// The object has this tag, and not one that the request names.
    pub(crate) fn failed(current: &EntityTag) -> Problem {
        Problem::of(ProblemCode::PreconditionFailed).tagged(current.header())
    }
}

/// What becomes of an object that exists where a request puts one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It is replaced.
    Replaced,
    /// It is kept, and the request is refused.
    Kept,
}

impl Existing {
    /// Reads the header `If-None-Match` of a request, of which only `*` has a meaning for a change.
    pub(crate) fn of<N: Needs>(caller: &Caller<N>) -> Result<Self, Problem> {
        match caller.header(&IF_NONE_MATCH) {
            Ok(None) => Ok(Self::Replaced),
            Ok(Some(value)) if value.trim() == "*" => Ok(Self::Kept),
            Ok(Some(_)) | Err(()) => {
                let detail = "If-None-Match of a change can only be *.".to_owned();
                Err(Problem::new(ProblemCode::IfMatchInvalid, detail))
            }
        }
    }

    /// Refuses to replace the object with this tag if it is to be kept.
    pub(crate) fn check_put(self, current: Option<&EntityTag>) -> Result<(), Problem> {
        match (self, current) {
            (Self::Kept, Some(current)) => Err(Precondition::failed(current)),
            (Self::Kept, None) | (Self::Replaced, _) => Ok(()),
        }
    }
}

/// Parses `*` or a list of tags. Empty elements of a list are ignored.
fn parse(value: &[u8]) -> Option<Precondition> {
    let mut rest = value.trim_ascii();
    if rest == b"*" {
        return Some(Precondition::Exists);
    }
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        match rest.split_first() {
            None => return Some(Precondition::Tags(tags)),
            Some((b',', more)) => {
                rest = more;
                continue;
            }
            Some(_) => {}
        }
        let weak = rest.strip_prefix(b"W/");
        let quoted = weak.unwrap_or(rest).strip_prefix(b"\"")?;
        let end = quoted.iter().position(|byte| *byte == b'"')?;
        let (tag, after) = (quoted.get(..end)?, quoted.get(end + 1..)?);
        if !tag.iter().all(|byte| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..)) {
            return None;
        }
        if weak.is_none() {
            tags.push(tag.to_vec());
        }
        rest = after.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{EntityTag, Existing, Precondition, parse};

    fn tags(of: &[&str]) -> Precondition {
        Precondition::Tags(of.iter().map(|tag| tag.as_bytes().to_vec()).collect())
    }

    #[test]
    fn lists_are_parsed_and_weak_tags_match_nothing() {
        for (text, expected) in [
            ("*", Some(Precondition::Exists)),
            (" * ", Some(Precondition::Exists)),
            ("\"a\"", Some(tags(&["a"]))),
            ("\"a\", \"b\"", Some(tags(&["a", "b"]))),
            ("\"a\",\"b\" ,\t\"c,d\"", Some(tags(&["a", "b", "c,d"]))),
            (",, \"a\" , ,", Some(tags(&["a"]))),
            ("W/\"a\"", Some(tags(&[]))),
            ("W/\"a\", \"b\"", Some(tags(&["b"]))),
            ("\"\"", Some(tags(&[""]))),
            ("\"é\"", Some(tags(&["é"]))),
            ("\"\\\"", Some(tags(&["\\"]))),
            ("", Some(tags(&[]))),
            ("a", None),
            ("\"a", None),
            ("a\"", None),
            ("\"a\" \"b\"", None),
            ("\"a\"b", None),
            ("\"a b\"", None),
            ("w/\"a\"", None),
            ("W/a", None),
            ("W/ \"a\"", None),
            ("*, \"a\"", None),
            ("\"a\", *", None),
            ("\"a\u{7f}\"", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn equal_objects_have_equal_tags() {
        let tag = |value: &serde_json::Value| EntityTag::of(value).unwrap();
        let one = tag(&json!({ "a": 1 }));
        assert_eq!(one, tag(&json!({ "a": 1 })));
        assert_ne!(one, tag(&json!({ "a": 2 })));
        let header = one.header().unwrap();
        assert_eq!(parse(header.as_bytes()), Some(tags(&[&one.0])));
        assert!(Precondition::Any.check(&one).is_ok());
        assert!(Precondition::Exists.check(&one).is_ok());
        assert!(Precondition::Tags(vec![one.0.clone().into_bytes()]).check(&one).is_ok());
        assert!(Precondition::Tags(Vec::new()).check(&one).is_err());
    }

    #[test]
    fn an_object_is_added_only_if_no_state_is_named_and_replaced_only_if_it_may_be() {
        let one = EntityTag::of(&json!({ "a": 1 })).unwrap();
        for (precondition, over_one, over_nothing) in [
            (Precondition::Any, true, true),
            (Precondition::Exists, true, false),
            (tags(&[&one.0]), true, false),
            (tags(&["a"]), false, false),
        ] {
            assert_eq!(precondition.check_put(Some(&one)).is_ok(), over_one, "{precondition:?}");
            assert_eq!(precondition.check_put(None).is_ok(), over_nothing, "{precondition:?}");
        }
        assert!(Existing::Replaced.check_put(Some(&one)).is_ok());
        assert!(Existing::Replaced.check_put(None).is_ok());
        assert!(Existing::Kept.check_put(Some(&one)).is_err());
        assert!(Existing::Kept.check_put(None).is_ok());
    }
}
