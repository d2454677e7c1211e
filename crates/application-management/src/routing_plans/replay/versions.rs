//! The versions of plans that decided recorded calls and messages.

use std::collections::HashMap;

use switchboard_domain::address::Channel;
use switchboard_domain::call::RuleRef;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{Action, PlanSpec};
use switchboard_domain::ports::{Page, PlanCodec, PlanStore};

use super::recorded::Recorded;
use super::{Before, PlanError};

/// Finds the versions of plans, each once.
pub(super) struct PlanVersions<'a> {
    scope: &'a Scope,
    plans: &'a dyn PlanStore,
    codec: &'a dyn PlanCodec,
    found: HashMap<(PlanId, u32), Option<PlanSpec>>,
}

impl<'a> PlanVersions<'a> {
    pub(super) fn new(
        scope: &'a Scope,
        plans: &'a dyn PlanStore,
        codec: &'a dyn PlanCodec,
    ) -> Self {
        Self { scope, plans, codec, found: HashMap::new() }
    }

    /// Completes a recorded action, of which records have the rule and at most the kind.
    pub(super) async fn complete(&mut self, recorded: &mut Recorded) -> Result<(), PlanError> {
        let Before::UnknownAction(kind) = recorded.before else { return Ok(()) };
        let Some(rule) = &recorded.rule else { return Ok(()) };
        let Some(plan) = self.version(rule).await? else { return Ok(()) };
        if let Some(action) = first_action(plan, rule, recorded.channel)
            && kind.is_none_or(|kind| kind == action.as_str())
        {
            recorded.before = Before::Action(action.clone());
        }
        Ok(())
    }

    async fn version(&mut self, rule: &RuleRef) -> Result<Option<&PlanSpec>, PlanError> {
        let key = (rule.plan.clone(), rule.version);
        if !self.found.contains_key(&key) {
            let page = Page { after: rule.version.checked_sub(1), limit: 1 };
            let found = self.plans.versions(self.scope, &rule.plan, &page).await;
            let found = found.map_err(PlanError::store("reading the versions of plans"))?;
            let found = found.into_iter().find(|plan| plan.version == rule.version);
            let plan = found.and_then(|plan| self.codec.plan(&plan.document).ok());
            self.found.insert(key.clone(), plan);
        }
        Ok(self.found.get(&key).and_then(Option::as_ref))
    }
}

/// The first action of a rule that answers on a channel, as a plan chooses it.
fn first_action<'p>(plan: &'p PlanSpec, rule: &RuleRef, channel: Channel) -> Option<&'p Action> {
    let then = match rule.rule {
        Some(index) => &plan.rules.get(usize::try_from(index).ok()?)?.then,
        None => &plan.otherwise,
    };
    let fits = |action: &&Action| channel == Channel::Voice || action.answers_messages();
    then.next.iter().find(fits)
}
