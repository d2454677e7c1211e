//! Rows of numbers: each with its account and its agent.

use switchboard_domain::agent::Label;
use switchboard_domain::number::{Channels, Number, RepairPolicy};
use switchboard_domain::ports::{ImportedNumber, NumberRow};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::row::CurrentRow;
use super::{Validation, account_sid, column, label};
use crate::AuthToken;

impl Validation<'_> {
    pub(super) fn number(
        &mut self,
        at: &mut CurrentRow<'_, NumberRow>,
        row: &NumberRow,
    ) -> Option<ImportedNumber> {
        let sender = at.read("phone_number", Sender::parse_typed(&row.phone_number));
        let account = self.owner(at, row);
        let agent = self.agent_of(at, row);
        let channels = at.read(
            "channels",
            column(row.channels.as_ref(), |text| {
                match sender.filter(|sender| sender.as_number().is_none()) {
                    Some(sender) => Channels::parse_assigned(text, &sender),
                    None => Channels::parse(text),
                }
            }),
        );
        let policy = at.read(
            "repair",
            column(row.repair.as_ref(), |text| {
                RepairPolicy::parse(text).ok_or("is neither manual nor automatic")
            }),
        );
        if let Some(sender) = sender
            && !at.unique("phone_number", &mut self.numbers, sender)
        {
            return None;
        }
        let (sender, account, agent) = (sender?, account?, agent?);
        let (channels, policy) = (channels?.flatten(), policy?.flatten());
        self.policies.extend(policy.map(|policy| (sender, policy)));
        let stored = self.known.numbers.get(&sender);
        self.summary.known_numbers += usize::from(stored.is_some());
        self.summary.numbers += usize::from(stored.is_none());
        if self.adds_only() {
            if let Some(stored) = stored
                && (stored.account != account || stored.assignment.is_some())
            {
                self.remark_on_stored(at, stored, account, agent.as_ref());
                return None;
            }
            if agent.is_none() && !row.agent_external_id.trim().is_empty() {
                at.remark(
                    &["agent_external_id"],
                    "names an agent that does not exist; the number has no agent until one is assigned",
                );
            }
            if agent.is_none() && stored.is_some() {
                return None;
            }
        }
        self.summary.assigned += usize::from(agent.is_some());
        let assignment = stored.and_then(|stored| stored.assignment.as_ref());
        let stored_channels = assignment.map(|assignment| assignment.channels);
        let channels = channels.or(stored_channels).unwrap_or(sender.default_channels());
        Some(ImportedNumber { sender, account, agent, channels })
    }

    /// The account of a number. If it is neither stored nor in the import, it is added, provided
    /// that the row has its token.
    fn owner(&mut self, at: &mut CurrentRow<'_, NumberRow>, row: &NumberRow) -> Option<AccountSid> {
        let main = self.main().map(|main| main.sid);
        let Some(text) = &row.account_sid else {
            self.needs_main_account = true;
            if main.is_none() {
                at.wrong(
                    "account_sid",
                    "is empty, so the main account owns the number; name that account",
                );
            }
            return main;
        };
        let sid = at.read("account_sid", account_sid(text))?;
        if main == Some(sid) {
            self.needs_main_account = true;
            return main;
        }
        // The stored token may be newer than that of the row.
        if self.accounts.contains_key(&sid) || self.known.accounts.contains_key(&sid) {
            return Some(sid);
        }
        let Some(token) = &row.account_token else {
            at.wrong("", format!("account {sid} is neither in the files nor known here"));
            return None;
        };
        let token = at.read("account_token", AuthToken::parse(token.expose()))?;
        match self.owners.iter().find(|(owner, _)| *owner == sid) {
            None => self.owners.push((sid, token)),
            Some((_, first)) if first.secret().expose() == token.secret().expose() => {}
            Some(_) => {
                let what =
                    format!("differs from the token that another number of account {sid} has");
                at.wrong("account_token", what);
                return None;
            }
        }
        Some(sid)
    }

    /// The agent of a number: one of the import, or a stored one. `None` if the row has a mistake.
    #[expect(clippy::option_option, reason = "a mistake differs from a number without an agent")]
    fn agent_of(
        &self,
        at: &mut CurrentRow<'_, NumberRow>,
        row: &NumberRow,
    ) -> Option<Option<Label>> {
        let exists = |label: &Label| {
            self.agents.contains_key(label) || self.known.agents.contains_key(label)
        };
        if self.adds_only() {
            return Some(Label::parse(&row.agent_external_id).ok().filter(exists));
        }
        let agent = at.read("agent_external_id", label(&row.agent_external_id))?;
        if let Some(label) = &agent
            && !exists(label)
        {
            let id = label.as_str();
            at.wrong(
                "",
                format!("no agent has the external id {id:?}, neither in the files nor here"),
            );
        }
        Some(agent)
    }

    /// How a stored number, which stays unchanged, differs from its row.
    fn remark_on_stored(
        &self,
        at: &mut CurrentRow<'_, NumberRow>,
        stored: &Number,
        account: AccountSid,
        agent: Option<&Label>,
    ) {
        if stored.account != account {
            let what = format!(
                "is account {account}; the stored number belongs to {} and stays there",
                stored.account
            );
            return at.remark(&["account_sid"], what);
        }
        let agent = agent.and_then(|label| self.known.agents.get(label)).map(|agent| &agent.id);
        if let Some(assigned) = stored.assignment.as_ref().map(|assignment| &assignment.agent)
            && agent != Some(assigned)
        {
            let what = format!("differs: the number stays assigned to agent {assigned}");
            at.remark(&["agent_external_id"], what);
        }
    }
}
