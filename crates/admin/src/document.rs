//! The `OpenAPI` document, which is made from the handlers and the objects.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Required};
use utoipa::{Modify, OpenApi};

use crate::document_idempotency::IdempotencyKeys;
use crate::document_lists::Lists;
use crate::problem::{Mistake, ProblemBody, ProblemCode};
use crate::routes::{
    account_changes, accounts, agent_changes, agent_secrets, agents, assignments, audit, calendars,
    calls, connect, conversations, deliveries, drift, events, explanations, jobs, keys, messages,
    number_changes, number_lists, numbers, organizations, plan_changes, plan_places, plan_trials,
    plans, rejections, senders, subscriptions, validations,
};

/// The name of the security scheme.
const KEY: &str = "key";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "switchboard",
        version = "1",
        description = "The admin API of switchboard: organizations, accounts, agents, numbers, routing plans, and what happened.",
        license(name = "MIT"),
    ),
    paths(
        organizations::list,
        organizations::add,
        organizations::show,
        organizations::change,
        organizations::remove,
        accounts::list,
        accounts::show,
        account_changes::add,
        account_changes::change,
        account_changes::remove,
        connect::add,
        drift::list,
        drift::check,
        drift::fix,
        drift::restore,
        jobs::list,
        jobs::show,
        jobs::cancel,
        agents::list,
        agents::show,
        agent_changes::add,
        agent_changes::change,
        agent_changes::remove,
        agent_secrets::rotate,
        numbers::list,
        numbers::show,
        number_changes::add,
        number_changes::remove,
        assignments::assign,
        assignments::unassign,
        senders::list,
        senders::add,
        senders::show,
        senders::remove,
        senders::assign,
        senders::unassign,
        plan_places::attach_number,
        plan_places::detach_number,
        plan_places::attach_sender,
        plan_places::detach_sender,
        plan_places::attach_account,
        plan_places::detach_account,
        validations::show,
        validations::set,
        plan_places::attach_organization,
        plan_places::detach_organization,
        plans::list,
        plan_changes::add,
        plans::show,
        plan_changes::remove,
        plans::versions,
        plan_changes::add_version,
        plan_trials::simulate,
        plan_trials::replay,
        calendars::list,
        calendars::show,
        calendars::set,
        calendars::remove,
        number_lists::list,
        number_lists::show,
        number_lists::set,
        number_lists::remove,
        calls::list,
        calls::show,
        messages::list,
        messages::send,
        messages::show,
        conversations::list,
        conversations::show,
        deliveries::list,
        deliveries::show,
        deliveries::replay,
        subscriptions::list,
        subscriptions::add,
        subscriptions::show,
        subscriptions::change,
        subscriptions::remove,
        subscriptions::rotate_secret,
        keys::list,
        keys::add,
        keys::revoke,
        rejections::list,
        events::list,
        audit::list,
        explanations::explain,
    ),
    components(schemas(ProblemBody, Mistake)),
    security(("key" = [])),
    modifiers(&Keys, &IdempotencyKeys, &Lists),
)]
struct Document;

/// Adds how a client presents its key.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("sbk_…")
            .description(Some(
                "An API key. An operator key selects an organization by the header `Switchboard-Organization: org_…`.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(KEY, SecurityScheme::Http(key));
        for path in document.paths.paths.values_mut() {
            let operations =
                [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
            for operation in operations.into_iter().flatten() {
                operation.parameters.get_or_insert_default().push(RefOr::T(organization()));
            }
        }
    }
}

/// The header by which an operator key selects an organization.
fn organization() -> Parameter {
    ParameterBuilder::new()
        .name("Switchboard-Organization")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The id of an organization. For operator keys: only its objects are read and changed.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^org_[0-9a-hjkmnp-tv-z]{26}$"))
                .build(),
        ))
        .build()
}

/// The `OpenAPI` document as JSON.
pub fn document() -> String {
    // The document consists of maps and texts, which always have a JSON form.
    Document::openapi().to_pretty_json().unwrap_or_default() + "\n"
}

/// The stable codes of all problems, with their statuses.
pub fn problem_codes() -> impl Iterator<Item = (&'static str, u16)> {
    ProblemCode::ALL.into_iter().map(|code| (code.as_str(), code.meaning().0.as_u16()))
}

pub(crate) async fn serve() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(document())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{document, problem_codes};

    fn docs(name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_document_is_published() {
        assert_eq!(document(), docs("openapi.json"), "regenerate it with `just openapi`");
    }

    #[test]
    fn every_reference_of_the_document_resolves() {
        let document = document();
        let parsed: serde_json::Value = serde_json::from_str(&document).unwrap();
        let references: Vec<_> = document.split("\"$ref\": \"#").skip(1).collect();
        assert!(references.len() > 10, "{}", references.len());
        for reference in references {
            let (pointer, _rest) = reference.split_once('"').unwrap();
            assert!(parsed.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn every_problem_is_documented_with_its_status() {
        let page = docs("api.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
        let documented = rows.filter_map(|row| {
            let mut cells = row.split('|').map(|cell| cell.trim().trim_end_matches('`'));
            Some((cells.next()?, cells.next()?.parse::<u16>().ok()?))
        });
        assert_eq!(documented.collect::<Vec<_>>(), problem_codes().collect::<Vec<_>>());
    }
}
