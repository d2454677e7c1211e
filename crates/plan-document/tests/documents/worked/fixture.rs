//! The agents, calendars and lists of the example plans, as the page defines them.

use std::sync::Arc;

use switchboard_domain::agent::{Label, Profile};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Catalogue, DateRange, KnownAgent};
use switchboard_domain::ports::{MaterialCodec, PlanCodec};
use switchboard_domain::time::Timestamp;
use switchboard_plan_document::PlanDocuments;

use super::page::Page;

/// A catalogue of everything that the page defines.
pub(super) struct Fixture {
    agents: Vec<KnownAgent>,
    calendars: Vec<(String, Vec<DateRange>)>,
    lists: Vec<(String, Vec<PhoneNumber>)>,
}

impl Fixture {
    pub(super) fn of(page: &Page) -> Self {
        let of_kind = |wanted: &'static str| {
            page.blocks
                .iter()
                .filter(move |(kind, ..)| kind == wanted)
                .map(|(_, name, text)| (name.clone(), text.as_str()))
        };
        let agent = |(index, cells): (usize, &Vec<String>)| {
            let [name, capacity, hours] = cells.as_slice() else { panic!("{cells:?}") };
            let hours = (hours != "always").then(|| {
                let (_, text) = of_kind("hours").find(|(known, _)| known == name).unwrap();
                Ok(PlanDocuments.hours(&text.into()).unwrap())
            });
            KnownAgent {
                id: AgentId::new(Timestamp::from_seconds(0), [u8::try_from(index).unwrap(); 10]),
                profile: Arc::new(Profile::named(Label::parse(name).unwrap())),
                capacity: (capacity != "any").then(|| capacity.parse().unwrap()),
                hours,
            }
        };
        let calendar = |(name, text): (String, &str)| (name, PlanDocuments.calendar(text).unwrap());
        let list = |(name, text): (String, &str)| (name, PlanDocuments.numbers(text).unwrap());
        Self {
            agents: page.agents.iter().enumerate().map(agent).collect(),
            calendars: of_kind("calendar").map(calendar).collect(),
            lists: of_kind("list").map(list).collect(),
        }
    }

    /// The id of the agent of that name.
    pub(super) fn id(&self, name: &str) -> &AgentId {
        let named = |agent: &&KnownAgent| agent.profile.name.as_str() == name;
        &self.agents.iter().find(named).unwrap_or_else(|| panic!("no agent {name}")).id
    }
}

impl Catalogue for Fixture {
    fn agents(&self, word: &Label) -> Vec<KnownAgent> {
        self.agents.iter().filter(|agent| agent.profile.name == *word).cloned().collect()
    }

    fn calendar(&self, name: &Label) -> Option<Vec<DateRange>> {
        let known = self.calendars.iter().find(|(known, _)| known == name.as_str());
        known.map(|(_, days)| days.clone())
    }

    fn list(&self, name: &Label) -> Option<Vec<PhoneNumber>> {
        let known = self.lists.iter().find(|(known, _)| known == name.as_str());
        known.map(|(_, numbers)| numbers.clone())
    }
}
