//! What we took over, and how it is given back.

use super::{Configuration, DriftReason, Field, FieldChange};
use crate::sid::{NumberSid, SenderSid, ServiceSid};

/// What was there before us, and what we wrote. It is kept before the first write, so that there is always a way
/// back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptedConfiguration {
    /// The number at the carrier.
    pub number: NumberSid,
    /// Its sender, where it had one.
    pub sender: Option<SenderSid>,
    /// The service whose pool it was in, where it was in one.
    pub service: Option<ServiceSid>,
    /// Everything that was there when we came.
    pub before: Configuration,
    /// What we want there, of the fields that we take care of.
    pub ours: Configuration,
}

/// A field that somebody else changed after us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which.
    pub field: Field,
    /// What it was before us.
    pub before: String,
    /// What we wrote.
    pub ours: String,
    /// What it is now.
    pub now: String,
}

/// How to give back what we took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// What is to be written.
    pub changes: Vec<FieldChange>,
    /// What somebody else changed since: it is not written unless that is asked for.
    pub conflicts: Vec<Conflict>,
}

impl AdoptedConfiguration {
    /// Whether everything that is wanted is what we wrote already, and nothing else: then there is nothing to
    /// ask the carrier.
    pub fn covers(&self, wanted: &Configuration) -> bool {
        let is_written = |(field, value)| self.ours.get(field) == Some(value);
        let is_wanted = |(field, _): (Field, &str)| {
            // What was cleared to let our URLs count is part of what is wanted.
            wanted.get(field).is_some() || field.overrides()
        };
        wanted.iter().all(is_written) && self.ours.iter().all(is_wanted)
    }

    /// What both know together: of what is ours already, what was there when we first came stands; what we want is
    /// what `later` says.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let is_ours = |(field, _): &(Field, &str)| self.ours.get(*field).is_some();
        let first: Configuration = self.before.iter().filter(is_ours).collect();
        Self { before: first.or(&later.before), ..later }
    }

    /// How to come back to what was there before, from what is there now.
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
    /// Overwrites also what somebody else changed.
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
