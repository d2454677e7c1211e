//! The fields of an agent as the API reads and writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use switchboard_admin::objects::{AgentObject, TargetObject};
use switchboard_application_management::{
    AgentChange, Edit, ManageError, NewAgent, ParameterChange, RelayChange,
};
use switchboard_domain::agent::{
    AgentParameters, AgentState, ChatModel, Label, MessageTarget, RelayAttributes, TokenLimits,
    WhatsAppTemplate,
};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;

/// A new agent as the change that makes it.
pub(super) fn of_new(new: NewAgent) -> AgentChange {
    let profile = new.profile;
    AgentChange {
        name: Some(profile.name),
        external_id: Edit::from(profile.external_id),
        prompt: Some(new.prompt),
        voice: Edit::from(profile.voice),
        model: Edit::from(profile.model),
        language: Edit::from(profile.language),
        parameters: ParameterChange { set: profile.parameters, ..ParameterChange::default() },
        relay: RelayChange { set: profile.relay, ..RelayChange::default() },
        voice_target: Edit::from(profile.voice_target),
        message_target: Edit::from(profile.message_target),
        whatsapp_template: Edit::from(profile.whatsapp_template),
        state: Some(profile.state),
    }
}

/// The body of a request: what a change does not name is left out, and what it clears is `null`. The key is that of the chat
/// model.
pub(super) fn body(change: &AgentChange, key: Option<&Secret>) -> Map<String, Value> {
    let label = |label: &Label| json!(label.as_str());
    let parameters = &change.parameters;
    let parameters = pairs(parameters.set.iter(), &parameters.removed);
    let attributes = change.relay.set.iter().map(|(name, value)| (name.into_owned(), value));
    let fields = [
        ("name", change.name.as_ref().map(label)),
        ("external_id", edited(&change.external_id, label)),
        ("prompt", change.prompt.as_ref().map(|prompt| json!(prompt.as_str()))),
        ("voice", edited(&change.voice, label)),
        ("model", edited(&change.model, label)),
        ("language", edited(&change.language, label)),
        ("parameters", parameters),
        ("relay_attributes", pairs(attributes, &change.relay.removed)),
        ("voice_target", edited(&change.voice_target, |to| json!(TargetObject::of_voice(to)))),
        ("message_target", edited(&change.message_target, |to| message_target(to, key))),
        ("whatsapp_template", edited(&change.whatsapp_template, template)),
        ("enabled", change.state.map(|state| json!(state == AgentState::Enabled))),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn edited<T>(edit: &Edit<T>, json: impl FnOnce(&T) -> Value) -> Option<Value> {
    match edit {
        Edit::Keep => None,
        Edit::Set(value) => Some(json(value)),
        Edit::Clear => Some(Value::Null),
    }
}

/// Names with their values, and `null` for those that are removed.
fn pairs<'v>(
    set: impl Iterator<Item = (impl Into<String>, &'v str)>,
    removed: &[String],
) -> Option<Value> {
    let removed = removed.iter().map(|name| (name.clone(), Value::Null));
    let set = set.map(|(name, value)| (name.into(), json!(value)));
    // A name that is both is replaced.
    let all: Map<String, Value> = removed.chain(set).collect();
    (!all.is_empty()).then_some(Value::Object(all))
}

fn message_target(target: &MessageTarget, key: Option<&Secret>) -> Value {
    let mut object = json!(TargetObject::of_message(target));
    if let Some(key) = key {
        object["key"] = json!(key.expose());
    }
    object
}

fn template(template: &WhatsAppTemplate) -> Value {
    let variables: BTreeMap<_, _> = template.variables.iter().collect();
    json!({ "content_sid": template.content.to_string(), "variables": variables })
}

/// The chat model of an agent, if it has one.
pub(super) fn chat_model(agent: &AgentObject) -> Option<ChatModel> {
    let Some(TargetObject::ChatModel { model, url, max_tokens, daily_limit }) =
        &agent.message_target
    else {
        return None;
    };
    let limit = |tokens: &u32| TokenLimits::parse(&tokens.to_string()).ok();
    let limits = TokenLimits { reply: limit(max_tokens)?, daily: limit(daily_limit)? };
    Some(ChatModel { model: Label::parse(model).ok()?, url: WebUrl::parse(url).ok()?, limits })
}

/// Names the parameters that a change removes by leaving them out, and refuses a change of parameters and attributes that the
/// use case refuses.
pub(super) fn settle(change: &mut AgentChange, stored: &AgentObject) -> Result<(), ManageError> {
    let before = AgentParameters::new(stored.parameters.clone());
    let before = before.map_err(ManageError::Parameter)?;
    let parameters = &mut change.parameters;
    if parameters.clear {
        let is_set = |name: &str| parameters.set.iter().any(|(set, _)| set == name);
        let names = before.iter().map(|(name, _)| name);
        parameters.removed = names.filter(|name| !is_set(name)).map(ToOwned::to_owned).collect();
        parameters.clear = false;
    }
    before.changed(&parameters.set, &parameters.removed).map_err(ManageError::Parameter)?;
    let before = RelayAttributes::new(stored.relay_attributes.clone());
    let before = before.map_err(ManageError::Relay)?;
    before.changed(&change.relay.set, &change.relay.removed).map_err(ManageError::Relay)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use switchboard_application_management::{AgentChange, Edit, ManageError, ParameterChange};
    use switchboard_domain::agent::{AgentParameters, AgentState, Label};

    use super::{AgentObject, body, settle};

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_body_names_what_changes_and_nulls_what_is_cleared() {
        assert!(body(&AgentChange::default(), None).is_empty());
        let change = AgentChange {
            external_id: Edit::Clear,
            voice: Edit::Set(Label::parse("alloy").unwrap()),
            parameters: ParameterChange {
                set: AgentParameters::new([pair("tier", "gold")]).unwrap(),
                removed: vec!["region".to_owned()],
                clear: false,
            },
            state: Some(AgentState::Disabled),
            ..AgentChange::default()
        };
        let expected = json!({
            "external_id": null, "voice": "alloy", "enabled": false,
            "parameters": { "region": null, "tier": "gold" },
        });
        assert_eq!(Value::Object(body(&change, None)), expected);
    }

    #[test]
    fn parameters_that_are_cleared_are_removed_by_name() {
        let stored = json!({
            "id": "agt_1", "external_id": null, "name": "Sales", "enabled": true, "voice": null, "model": null,
            "language": null, "parameters": { "region": "west", "tier": "gold" }, "voice_target": null,
            "message_target": null, "organization_id": "org_1", "created_at": "2026-11-28T17:00:00Z",
        });
        let stored: AgentObject = serde_json::from_value(stored).unwrap();
        let set = AgentParameters::new([pair("tier", "silver")]).unwrap();
        let parameters = ParameterChange { set, removed: Vec::new(), clear: true };
        let mut change = AgentChange { parameters, ..AgentChange::default() };
        settle(&mut change, &stored).unwrap();
        assert_eq!(change.parameters.removed, ["region"]);
        change.parameters.removed = vec!["color".to_owned()];
        assert!(matches!(settle(&mut change, &stored), Err(ManageError::Parameter(_))));
    }
}
