//! An entry of the audit log, as it is printed for people.

use switchboard_admin::objects::{AuditActorObject, AuditEntryObject};

use super::or_none;
use crate::command_line::output::View;

/// The kind and the name of an actor, for example `command_line:alice`; an API key is its id.
fn actor(AuditActorObject { kind, name }: &AuditActorObject) -> String {
    match (kind.as_ref(), name) {
        ("api_key" | "operator_key", Some(id)) => id.clone(),
        (kind, Some(name)) => format!("{kind}:{name}"),
        (kind, None) => kind.to_owned(),
    }
}

/// The names of the changed fields.
fn fields(entry: &AuditEntryObject) -> String {
    match (&entry.before, &entry.after) {
        (Some(_), Some(after)) => after.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        (None, _) | (_, None) => String::new(),
    }
}

impl View for AuditEntryObject {
    const COLUMNS: &'static [&'static str] =
        &["#", "AT", "ACTION", "OBJECT", "ACTOR", "SOURCE", "CHANGED"];

    const WHOLE: &'static [usize] = &[0, 1, 2];

    const OPTIONAL: &'static [usize] = &[5, 6];

    fn cells(&self) -> Vec<String> {
        let fields = fields(self);
        let changed = if fields.is_empty() { None } else { Some(fields.as_str()) };
        vec![
            self.sequence.to_string(),
            self.at.clone(),
            self.action.to_string(),
            self.object.id.clone(),
            actor(&self.actor),
            or_none(self.source.as_deref()).to_owned(),
            or_none(changed).to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use switchboard_admin::objects::AuditActorObject;
    use switchboard_domain::audit::Actor;

    use super::actor;

    #[test]
    fn an_actor_is_shown_as_the_filter_takes_it() {
        let key = "key_01kb7y8m6q0123456789abcdef";
        for (kind, name) in
            [("operator_key", Some(key)), ("command_line", Some("alice")), ("command_line", None)]
        {
            let stored = Actor::of(kind, name).unwrap();
            let object = AuditActorObject { kind: kind.into(), name: name.map(str::to_owned) };
            assert_eq!(actor(&object), stored.to_string());
        }
    }
}
