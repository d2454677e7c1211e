//! A subscription, as it is printed.

use serde::Serialize;
use switchboard_domain::secret::Secret;
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};

use super::{instant, or_none, sheet};
use crate::command_line::output::View;

/// A subscription.
#[derive(Serialize)]
pub(in crate::command_line) struct SubscriptionView {
    id: String,
    organization: String,
    url: String,
    types: Vec<String>,
    state: &'static str,
    /// Why it is disabled.
    reason: Option<&'static str>,
    disabled_at: Option<String>,
    created_at: String,
    /// Only by the commands that create it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip)]
    advice: &'static str,
}

impl SubscriptionView {
    pub(in crate::command_line) fn of(subscription: &Subscription) -> Self {
        let (state, reason, since) = match subscription.state {
            SubscriptionState::Enabled => ("enabled", None, None),
            SubscriptionState::Disabled { reason, since } => {
                ("disabled", Some(reason), Some(since))
            }
        };
        let advice = match reason {
            None => "nothing",
            Some(DisabledReason::Operator) => {
                "enable it with `switchboard subscription set ID --enabled`"
            }
            Some(DisabledReason::Gone) => {
                "the endpoint answered 410: set its URL with `switchboard subscription set ID --url URL --enabled`, \
                 then replay what it missed with `switchboard delivery replay --subscription ID --since 24h`"
            }
        };
        Self {
            id: subscription.id.to_string(),
            organization: subscription.organization.to_string(),
            url: subscription.url.as_str().to_owned(),
            types: subscription.types.patterns().to_vec(),
            state,
            reason: reason.map(DisabledReason::as_str),
            disabled_at: since.map(instant),
            created_at: instant(subscription.created_at),
            secret: None,
            advice,
        }
    }

    /// With a secret that is printed only once.
    pub(in crate::command_line) fn with_secret(self, secret: &Secret) -> Self {
        Self { secret: Some(secret.expose().to_owned()), ..self }
    }

    /// The row of an export.
    pub(in crate::command_line) fn row(self) -> [String; 8] {
        [
            self.id,
            self.organization,
            self.url,
            self.types.join(","),
            self.state.to_owned(),
            self.reason.unwrap_or_default().to_owned(),
            self.disabled_at.unwrap_or_default(),
            self.created_at,
        ]
    }

    /// Everything, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let types = self.types.join(",");
        let advice = self.advice.replace("ID", &self.id);
        sheet(&[
            ("subscription", &self.id),
            ("url", &self.url),
            ("types", &types),
            ("state", self.state),
            ("reason", or_none(self.reason)),
            ("disabled", or_none(self.disabled_at.as_deref())),
            ("created", &self.created_at),
            ("organization", &self.organization),
            ("what to do", &advice),
        ])
    }
}

impl View for SubscriptionView {
    const COLUMNS: &'static [&'static str] =
        &["ID", "URL", "TYPES", "STATE", "REASON", "CREATED", "ORGANIZATION"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.url.clone(),
            self.types.join(","),
            self.state.to_owned(),
            or_none(self.reason).to_owned(),
            self.created_at.clone(),
            self.organization.clone(),
        ]
    }
}
