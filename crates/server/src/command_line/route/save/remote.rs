//! `switchboard route plan save` through the API

use serde_json::{Map, Value, json};
use switchboard_admin::objects::{PlanObject, SavedPlanObject};
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::agent::Label;
use switchboard_domain::plan::{PlanDocument, PlanProblem};

use super::{SAVING, Save, same, saved};
use crate::command_line::input::parse_given;
use crate::command_line::output::Format;
use crate::command_line::remote::{self, Client, Resource};
use crate::command_line::route::document::{mistaken, mistakes, read, refused, wrong};
use crate::failure::{Doing as _, Failure};
use crate::wiring::plan_codec;

/// A version as it is printed when it is saved.
pub(in crate::command_line::route) fn printed(plan: PlanObject) -> PlanObject {
    PlanObject { attached: None, problems: None, document: None, ..plan }
}

/// Saves a plan. The calls and messages of the last week are not replayed: only the machine of the server does that.
pub(in crate::command_line::route) async fn save(
    client: &Client,
    save: Save,
) -> Result<(), Failure> {
    let Save { file, name, plan, author, dry_run, format } = save;
    let name = parse_given("--name", name.as_deref(), Label::parse)?;
    let author = author.given()?;
    let document = read("the plan", &file, format, |text| Ok(PlanDocument::from(text)))?;
    let versions = match &plan {
        Some(word) => {
            let found = remote::plan(client, word, SAVING).await?;
            Resource::of(&["plans", &found.id, "versions"])
        }
        None => Resource::of(&["plans"]),
    };
    let mut body = Map::new();
    body.extend(name.as_ref().map(|name| ("name".to_owned(), json!(name.as_str()))));
    body.extend(author.map(|author| ("author".to_owned(), json!(author.as_str()))));
    let codec = plan_codec();
    let spec = match codec.plan(&document) {
        Ok(spec) => spec,
        Err(problems) => {
            return Err(unreadable(client, &versions, (body, &document), &problems, format).await);
        }
    };
    let canonical = codec.encode(&spec).map_err(|problems| wrong(&problems, format))?;
    let canonical: Value = serde_json::from_str(&canonical).doing(SAVING)?;
    body.insert("document".to_owned(), canonical);
    let versions = versions.with_given("dry_run", dry_run.then_some("true"));
    let answer = client.post::<SavedPlanObject>(&versions, &body).await;
    let name = name.or(spec.name);
    let answer = answer.map_err(refused(format, SAVING, |code| {
        let name = name.filter(|_| code == "plan_name_taken")?;
        Some(PlanError::NameTaken { name })
    }))?;
    let SavedPlanObject { plan, saved: is_saved, touches } = answer;
    let view = SavedPlanObject { plan: printed(plan), saved: is_saved, touches };
    let is_same = !is_saved && view.touches.is_none();
    format.print(&view, || if is_same { same(&view.plan) } else { saved(&view) })
}

/// The mistakes of a document that cannot be read. The API also finds those in what the rest of the document means. The document
/// is sent to be checked only, because what is read of it here may lack a mistake, such as a key that it has twice.
async fn unreadable(
    client: &Client,
    versions: &Resource,
    (mut body, document): (Map<String, Value>, &PlanDocument),
    problems: &[PlanProblem],
    format: Format,
) -> Failure {
    let json = serde_json::from_str(document).ok().filter(Value::is_object);
    let Some(json) = json else { return wrong(problems, format) };
    body.insert("document".to_owned(), json);
    let checking = versions.clone().with("dry_run", "true");
    match client.post::<SavedPlanObject>(&checking, &body).await {
        Ok(_valid) => wrong(problems, format),
        Err(error) => {
            let found = mistakes(&error);
            if found.is_empty() { Failure::of(SAVING, error) } else { mistaken(found, format) }
        }
    }
}
