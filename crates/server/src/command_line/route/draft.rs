//! The routing plan that a command tries: a document, or a saved plan.

use std::path::Path;

use switchboard_application_management::routing_plans::Draft;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::plan::PlanDocument;
use switchboard_domain::ports::SavedPlan;

use super::document::{failed, line, read};
use crate::command_line::output::Format;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

const FINDING: &str = "finding the routing plan";
/// The key by which callers keep their agents, for a document that belongs to no saved plan.
const UNSAVED: &str = "draft";

/// The routing plan to try.
#[derive(Debug, clap::Args)]
pub(in crate::command_line) struct Tried {
    /// A document in JSON or TOML (- for standard input), or a saved plan by id or name
    #[arg(value_name = "FILE|PLAN")]
    pub(super) tried: String,
    /// Treat the document as the next version of this saved plan, so that callers keep their agents
    #[arg(long, value_name = "ID|NAME")]
    pub(super) plan: Option<String>,
}

/// The plan, and the saved plan that it is or would be a version of.
pub(super) struct TriedPlan {
    pub(super) name: String,
    pub(super) draft: Draft,
    pub(super) saved: Option<SavedPlan>,
}

impl Tried {
    /// Reads and prepares the plan.
    pub(super) async fn draft(
        &self,
        installation: &Installation,
        format: Format,
    ) -> Result<TriedPlan, Failure> {
        let history = installation.plans();
        let saved = match &self.plan {
            Some(word) => Some(history.find(&Scope::Operator, word).await.doing(FINDING)?),
            None if self.is_file() => None,
            None => Some(history.find(&Scope::Operator, &self.tried).await.doing(FINDING)?),
        };
        let document = if self.is_file() {
            // All mistakes are reported together, below.
            Some(read("the plan", &self.tried, format, |text| Ok(PlanDocument::from(text)))?)
        } else {
            None
        };
        let (organization, key) = match &saved {
            Some(saved) => (saved.organization.clone(), saved.id.as_str()),
            None => (default_organization(), UNSAVED),
        };
        let sources = installation.plan_sources();
        let draft = match (&document, &saved) {
            (Some(document), _) => Draft::of(&sources, &organization, key, document).await,
            // A saved plan is tried as it decides: without the rules that name what cannot be read.
            (None, Some(saved)) => {
                Draft::of_saved(&sources, saved).await.map(|(draft, problems)| {
                    for problem in &problems {
                        let problem = line(problem);
                        tracing::warn!("a rule of the plan is skipped: {problem}");
                    }
                    draft
                })
            }
            (None, None) => return Err(Failure::usage("name a document or a saved plan")),
        };
        let draft = draft.map_err(failed(format, "preparing the routing plan"))?;
        let name = draft.spec.name.as_ref().or(saved.as_ref().map(|saved| &saved.name));
        let name = name.map_or_else(|| self.tried.clone(), |name| name.as_str().to_owned());
        Ok(TriedPlan { name, draft, saved })
    }

    /// Whether the argument is a file: one that exists, or a name that ends in .json or .toml.
    fn is_file(&self) -> bool {
        let path = Path::new(&self.tried);
        let is_document = path.extension().is_some_and(|kind| {
            kind.eq_ignore_ascii_case("json") || kind.eq_ignore_ascii_case("toml")
        });
        self.tried == "-" || is_document || path.is_file()
    }
}
