//! What the paths of calendars and number lists have in common.

use std::fmt::Display;

use serde_json::Value;
use switchboard_application_management::routing_plans::{KeepMaterial, PlanError};
use switchboard_domain::agent::Label;
use switchboard_domain::plan::PlanProblem;
use switchboard_domain::ports::Expected;

use crate::body::Fields;
use crate::caller::{Caller, Configure, Needs};
use crate::cursor::CursorScope;
use crate::list::{PageParams, read_page};
use crate::plan_mistakes;
use crate::precondition::{Existing, Precondition};
use crate::problem::{Problem, ProblemCode};
use crate::state::AdminState;
use crate::versioned::Versioned;

/// The calendars and lists of the organization of the caller, or of the one that an operator key selects, or else of the
/// default one.
pub(super) fn keeping<N: Needs>(caller: &Caller<N>, state: &AdminState) -> KeepMaterial {
    KeepMaterial { sources: state.plans.sources.clone(), organization: caller.organization() }
}

/// The name in the path; a text that is no name names nothing.
pub(super) async fn name<N: Needs>(
    caller: &Caller<N>,
    missing: ProblemCode,
) -> Result<Label, Problem> {
    let name = caller.path().await.and_then(|text| Label::parse(&text).ok());
    name.ok_or_else(|| Problem::of(missing))
}

/// The name in the path of what is saved. It is no part of the body, so a mistake has no pointer.
pub(super) async fn new_name(caller: &Caller<Configure>) -> Result<Label, Problem> {
    let wrong = |what: &dyn Display| {
        Problem::new(ProblemCode::BodyInvalid, format!("the name in the path {what}"))
    };
    let text = caller.path().await.ok_or_else(|| wrong(&"is not UTF-8"))?;
    Label::parse(&text).map_err(|error| wrong(&error))
}

/// A calendar or list that may not exist.
pub(super) fn existing<T>(found: Result<T, PlanError>) -> Result<Option<T>, Problem> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(PlanError::MaterialUnknown { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Checks the conditions of a request that puts a calendar or list, and returns what must be stored when it is written.
pub(super) async fn expected<V: Versioned>(
    edited: &V,
    found: Option<V::Stored>,
    precondition: &Precondition,
    existing: Existing,
) -> Result<Expected<V::Stored>, Problem> {
    let tag = match &found {
        Some(found) => Some(edited.tag(found).await?),
        None => None,
    };
    precondition.check_put(tag.as_ref())?;
    existing.check_put(tag.as_ref())?;
    if !precondition.is_given() && existing == Existing::Replaced {
        return Ok(Expected::Anything);
    }
    Ok(found.map_or(Expected::Nothing, Expected::Stored))
}

/// The list in a field of the body, which must be given. All mistakes are reported at their places.
pub(super) fn entries<T>(
    fields: &mut Fields,
    field: &str,
    read: impl FnOnce(&str) -> Result<Vec<T>, Vec<PlanProblem>>,
) -> Vec<T> {
    let entries = match fields.take(field) {
        Some(entries @ Value::Array(_)) => entries,
        Some(_) => {
            fields.wrong(field, "type", &"is not a list");
            return Vec::new();
        }
        None => {
            fields.wrong(field, "required", &"is missing");
            return Vec::new();
        }
    };
    read(&entries.to_string()).unwrap_or_else(|problems| {
        fields.mistaken(plan_mistakes::within(field, &problems));
        Vec::new()
    })
}

/// A page of names, in their order, and the cursor of the next one.
pub(super) async fn page(
    params: &PageParams,
    list: &'static str,
    keeping: &KeepMaterial,
    mut names: Vec<Label>,
) -> Result<(Vec<Label>, Option<String>), Problem> {
    let cursors = CursorScope::new(list, keeping.organization.as_str());
    let page = params.page(&cursors, |key| Label::parse(key).ok())?;
    // The order of a database can be another one.
    names.sort_unstable();
    let key = |name: &Label| name.as_str().to_owned();
    read_page(page, key, &cursors, async |page| {
        let is_behind = |name: &Label| page.after.as_ref().is_none_or(|after| name > after);
        Ok(names.into_iter().filter(is_behind).take(page.limit as usize).collect())
    })
    .await
}
