//! A subscription, as it is printed for people.

use switchboard_admin::objects::SubscriptionObject;
use switchboard_domain::subscription::DisabledReason;

use super::{Sheet, or_none, sheet};
use crate::command_line::output::View;

/// What to do about a subscription.
fn advice(subscription: &SubscriptionObject) -> String {
    let advice = match subscription.reason.as_deref().and_then(DisabledReason::parse) {
        None => "nothing",
        Some(DisabledReason::Operator) => {
            "enable it with `switchboard subscription set ID --enable`"
        }
        Some(DisabledReason::Gone) => {
            "the endpoint answered 410: set its URL with `switchboard subscription set ID --url URL --enable`, \
             then replay what it missed with `switchboard delivery replay --subscription ID --since 24h`"
        }
    };
    advice.replace("ID", &subscription.id)
}

/// The row of an export.
pub(in crate::command_line) fn subscription_row(subscription: SubscriptionObject) -> [String; 8] {
    [
        subscription.id,
        subscription.organization,
        subscription.url,
        subscription.types.join(","),
        subscription.state.into_owned(),
        subscription.reason.unwrap_or_default().into_owned(),
        subscription.disabled_at.unwrap_or_default(),
        subscription.created_at,
    ]
}

impl Sheet for SubscriptionObject {
    fn sheet(&self) -> String {
        sheet(&[
            ("subscription", &self.id),
            ("url", &self.url),
            ("types", &self.types.join(",")),
            ("state", &self.state),
            ("reason", or_none(self.reason.as_deref())),
            ("disabled", or_none(self.disabled_at.as_deref())),
            ("created", &self.created_at),
            ("organization", &self.organization),
            ("what to do", &advice(self)),
        ])
    }
}

impl View for SubscriptionObject {
    const COLUMNS: &'static [&'static str] =
        &["ID", "URL", "TYPES", "STATE", "REASON", "CREATED", "ORGANIZATION"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.url.clone(),
            self.types.join(","),
            self.state.to_string(),
            or_none(self.reason.as_deref()).to_owned(),
            self.created_at.clone(),
            self.organization.clone(),
        ]
    }
}
