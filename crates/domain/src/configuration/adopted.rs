//! The previous configuration of a number, and how it is restored.

use std::fmt;

use super::{Configuration, DriftReason, Field, FieldChange};
use crate::sid::{NumberSid, SenderSid, ServiceSid};

/// The configuration of a number before switchboard changed it, and the one that switchboard wrote. It is stored before
/// the first write, so that the previous configuration can always be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptedConfiguration {
    /// The number at the carrier.
    pub number: NumberSid,
    /// The sender of the number; `None` if it had none.
    pub sender: Option<SenderSid>,
    /// The service whose pool contained the number; `None` if none did.
    pub service: Option<ServiceSid>,
    /// The complete configuration before the first change.
    pub before: Configuration,
    /// The desired values of the fields that switchboard sets.
    pub ours: Configuration,
}

/// A field that was changed at Twilio after switchboard had written it.
#[derive(Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The field of the number at Twilio.
    pub field: Field,
    /// The value before switchboard wrote the field.
    pub before: String,
    /// The value that switchboard wrote.
    pub ours: String,
    /// The current value.
    pub now: String,
}

/// Shows no values, because a URL may hold a secret.
impl fmt::Debug for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conflict").field("field", &self.field).finish_non_exhaustive()
    }
}

/// How to restore the previous configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// The changes to write.
    pub changes: Vec<FieldChange>,
    /// Fields that were changed at Twilio since then. They are overwritten only on request.
    pub conflicts: Vec<Conflict>,
}

impl AdoptedConfiguration {
    /// Whether switchboard has already written exactly the wanted configuration, so that no request to the carrier is
    /// needed.
    pub fn covers(&self, wanted: &Configuration) -> bool {
        let is_written = |(field, value)| self.ours.get(field) == Some(value);
        let is_wanted = |(field, _): (Field, &str)| {
            // Overrides that were cleared, so that the URLs take effect, are part of the wanted configuration.
            wanted.get(field).is_some() || field.overrides()
        };
        wanted.iter().all(is_written) && self.ours.iter().all(is_wanted)
    }

    /// Combines two adoptions. For fields that were already adopted, the first previous value is kept; the desired values
    /// are those of `later`.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let is_ours = |(field, _): &(Field, &str)| self.ours.get(*field).is_some();
        let first: Configuration = self.before.iter().filter(is_ours).collect();
        Self { before: first.or(&later.before), ..later }
    }

    /// How to restore the previous configuration from the current one.
    pub fn restoration(&self, now: &Configuration) -> Restoration {
        let mut restoration = Restoration::default();
        for (field, ours) in self.ours.iter() {
            let (Some(now), Some(before)) = (now.get(field), self.before.get(field)) else {
                continue;
            };
            if now == before {
                continue;
            }
            if now == ours {
                restoration.changes.push(FieldChange {
                    field,
                    from: now.to_owned(),
                    to: before.to_owned(),
                    reason: DriftReason::ChannelOff,
                });
            } else {
                restoration.conflicts.push(Conflict {
                    field,
                    before: before.to_owned(),
                    ours: ours.to_owned(),
                    now: now.to_owned(),
                });
            }
        }
        restoration
    }
}

impl Restoration {
    /// Also overwrites the fields that were changed at Twilio.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.changes.extend(self.conflicts.drain(..).map(|conflict| FieldChange {
            field: conflict.field,
            from: conflict.now,
            to: conflict.before,
            reason: DriftReason::ChannelOff,
        }));
        self.changes.sort_by_key(|change| change.field);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AdoptedConfiguration, Conflict};
    use crate::configuration::{Configuration, Field};
    use crate::sid::NumberSid;

    fn adopted(before: Configuration, ours: Configuration) -> AdoptedConfiguration {
        let number = NumberSid::parse(&format!("PN{}", "0".repeat(32))).unwrap();
        AdoptedConfiguration { number, sender: None, service: None, before, ours }
    }

    fn urls(voice: &str, sms: &str) -> Configuration {
        Configuration::new().with(Field::VoiceUrl, voice).with(Field::SmsUrl, sms)
    }

    #[test]
    fn what_is_still_ours_goes_back_and_what_is_not_is_a_conflict() {
        let adopted = adopted(urls("https://old", ""), urls("https://ours", "https://ours"));
        let restoration = adopted.restoration(&urls("https://theirs", "https://ours"));
        assert_eq!(restoration.changes.len(), 1);
        assert_eq!(
            (restoration.changes[0].field, &*restoration.changes[0].to),
            (Field::SmsUrl, "")
        );
        let conflict = Conflict {
            field: Field::VoiceUrl,
            before: "https://old".to_owned(),
            ours: "https://ours".to_owned(),
            now: "https://theirs".to_owned(),
        };
        assert_eq!(restoration.conflicts, [conflict]);
        let forced = restoration.forced();
        assert!(forced.conflicts.is_empty());
        let voice = &forced.changes[0];
        assert_eq!((&*voice.from, &*voice.to), ("https://theirs", "https://old"));
    }

    #[test]
    fn what_was_there_first_is_what_comes_back() {
        let first = adopted(urls("https://old", "https://old"), urls("https://a", "https://a"));
        let again = adopted(urls("https://a", "https://a"), urls("https://b", "https://b"));
        let both = first.then(again);
        assert_eq!(both.before, urls("https://old", "https://old"));
        assert_eq!(both.ours, urls("https://b", "https://b"));
    }

    #[test]
    fn what_was_given_back_is_saved_anew() {
        let first = adopted(urls("https://old", "https://old"), urls("https://a", "https://a"));
        let voice_only = Configuration::new().with(Field::VoiceUrl, "https://a");
        let given_back = first.then(adopted(urls("https://a", "https://a"), voice_only));
        let again = adopted(urls("https://a", "https://new"), urls("https://a", "https://a"));
        assert_eq!(given_back.then(again).before, urls("https://old", "https://new"));
    }

    #[test]
    fn nothing_is_asked_while_all_that_is_wanted_was_written() {
        let wanted = urls("https://ours", "https://ours");
        let mut adopted = adopted(urls("", ""), wanted.clone());
        assert!(adopted.covers(&wanted));
        assert!(!adopted.covers(&Configuration::new().with(Field::VoiceUrl, "https://ours")));
        adopted.ours.extend([(Field::TrunkSid, "")]);
        assert!(adopted.covers(&wanted));
        assert!(!adopted.covers(&urls("https://new", "https://ours")));
    }

    proptest! {
        #[test]
        fn giving_back_what_was_just_taken_restores_it_exactly(values in prop::collection::vec("[ab]{0,1}", Field::ALL.len() * 2)) {
            let (before, ours) = values.split_at(Field::ALL.len());
            let all = |values: &[String]| -> Configuration {
                Field::ALL.into_iter().zip(values.iter().cloned()).collect()
            };
            let (before, ours) = (all(before), all(ours));
            let restoration = adopted(before.clone(), ours.clone()).restoration(&ours);
            prop_assert!(restoration.conflicts.is_empty());
            let mut now = ours;
            for change in restoration.changes {
                prop_assert_eq!(now.get(change.field), Some(&*change.from));
                now.extend([(change.field, change.to)]);
            }
            prop_assert_eq!(now, before);
        }
    }
}
