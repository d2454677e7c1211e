//! Parses all rows and collects every mistake.

mod row;
mod targets;

use std::collections::HashMap;
use std::str::FromStr as _;

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::agent::{
    AgentParameters, AgentState, Label, Prompt, RelayAttributes, TextError, WhatsAppTemplate,
};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::number::{Channels, Number, RepairPolicy};
use switchboard_domain::ports::{
    AccountRow, AgentRow, ImportRows, ImportTable, ImportedNumber, NumberRow, RowKey,
};
use switchboard_domain::sealing::SecretVersion;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::agent::ImportedAgent;
use super::known::Known;
use super::{ImportMode, ImportSummary, LegacyMainAccount, Problems, Remark};
use crate::{AuthToken, ManageError, TokenSealer, open_primary};
use row::{CurrentRow, Output};
use targets::{limits, message_target, voice_target};

/// The parsed rows, and the problems of the others.
#[derive(Debug)]
pub(super) struct Validated {
    pub(super) accounts: Vec<ImportedAccount>,
    pub(super) agents: Vec<ImportedAgent>,
    pub(super) numbers: Vec<ImportedNumber>,
    /// Whether the server may repair these numbers.
    pub(super) policies: Vec<(Sender, RepairPolicy)>,
    pub(super) summary: ImportSummary,
    /// Whether a number belongs to the main account.
    pub(super) needs_main_account: bool,
    pub(super) remarks: Vec<Remark>,
    pub(super) problems: Problems,
}

/// An account of the import.
#[derive(Debug)]
pub(super) struct ImportedAccount {
    pub(super) sid: AccountSid,
    name: Label,
    parent: Option<AccountSid>,
    /// `None` keeps the token of a stored account.
    token: Option<AuthToken>,
    /// `None` keeps the region of a stored account.
    region: Option<Region>,
}

impl ImportedAccount {
    /// A new account. `name` must be a short text.
    pub(super) fn new(
        sid: AccountSid,
        name: &str,
        parent: Option<AccountSid>,
        token: AuthToken,
    ) -> Self {
        let name = match Label::parse(name) {
            Ok(name) => name,
            Err(error) => unreachable!("a word and a SID are short texts: {error}"),
        };
        Self { sid, name, parent, token: Some(token), region: None }
    }

    /// Rows have no next tokens, API keys or statuses, so the stored ones stay. Returns `None` if a stored account equals
    /// its row: its tokens are not written again, because they may be rotated at the same time.
    pub(super) fn complete(
        self,
        organization: &OrganizationId,
        sealer: &TokenSealer,
        before: Option<Account>,
        at: Timestamp,
    ) -> Result<Option<Account>, ManageError> {
        let is_same = before.as_ref().is_some_and(|before| {
            before.name == self.name
                && before.parent == self.parent
                && self.region.is_none_or(|region| region == before.region)
                && self.token.as_ref().is_none_or(|token| {
                    // A token that cannot be decrypted is replaced.
                    let stored = open_primary(&sealer.keyring, before);
                    stored.is_ok_and(|stored| stored.expose() == token.secret().expose())
                })
        });
        let primary = match (&self.token, &before) {
            _ if is_same => return Ok(None),
            (Some(token), Some(_)) => sealer.primary(self.sid, sealer.replacement(), token)?,
            (Some(token), None) => sealer.primary(self.sid, SecretVersion::FIRST, token)?,
            (None, Some(before)) => before.tokens.primary.clone(),
            // Validation rejects an unknown account without a token.
            (None, None) => return Ok(None),
        };
        let stored_region = before.as_ref().map(|before| before.region);
        let next = before.and_then(|before| before.tokens.next);
        Ok(Some(Account {
            sid: self.sid,
            organization: organization.clone(),
            name: self.name,
            parent: self.parent,
            tokens: SealedTokens { primary, next },
            api_key: None,
            region: self.region.or(stored_region).unwrap_or_default(),
            status: AccountStatus::default(),
            created_at: at,
        }))
    }
}

/// Parses every row and collects the mistakes.
pub(super) struct Validation<'a> {
    known: &'a Known,
    mode: &'a ImportMode,
    output: Output,
    summary: ImportSummary,
    needs_main_account: bool,
    /// Keys of the import, with the rows in which they occur first.
    accounts: HashMap<AccountSid, RowKey>,
    agents: HashMap<Label, RowKey>,
    numbers: HashMap<Sender, RowKey>,
    policies: Vec<(Sender, RepairPolicy)>,
    /// Accounts that only rows of numbers name, in order, with their tokens.
    owners: Vec<(AccountSid, AuthToken)>,
}

impl<'a> Validation<'a> {
    pub(super) fn new(known: &'a Known, mode: &'a ImportMode, problems: Problems) -> Self {
        Self {
            known,
            mode,
            output: Output { problems, remarks: Vec::new() },
            summary: ImportSummary::default(),
            needs_main_account: false,
            accounts: HashMap::new(),
            agents: HashMap::new(),
            numbers: HashMap::new(),
            policies: Vec::new(),
            owners: Vec::new(),
        }
    }

    pub(super) fn check(mut self, rows: &ImportRows) -> Validated {
        let mut accounts = self.table(&rows.accounts, Self::account);
        let agents = self.table(&rows.agents, Self::agent);
        let numbers = self.table(&rows.numbers, Self::number);
        let parent = self.main().map(|main| main.sid);
        accounts.extend(self.owners.into_iter().map(|(sid, token)| {
            self.summary.accounts += 1;
            ImportedAccount::new(sid, sid.as_str(), parent, token)
        }));
        Validated {
            accounts,
            agents,
            numbers,
            policies: self.policies,
            summary: self.summary,
            needs_main_account: self.needs_main_account,
            remarks: self.output.remarks,
            problems: self.output.problems,
        }
    }

    fn table<R, T>(
        &mut self,
        table: &ImportTable<R>,
        check: impl Fn(&mut Self, &mut CurrentRow<'_, R>, &R) -> Option<T>,
    ) -> Vec<T> {
        let mut values = Vec::with_capacity(table.rows.len());
        // Rows borrow the output while the validation borrows the keys found so far.
        let mut output = std::mem::take(&mut self.output);
        for row in &table.rows {
            let mut current = CurrentRow { table, key: &row.key, output: &mut output };
            values.extend(check(self, &mut current, &row.value));
        }
        self.output = output;
        values
    }

    const fn main(&self) -> Option<&LegacyMainAccount> {
        match self.mode {
            ImportMode::AddOnly { main: Some(main) } => Some(main),
            ImportMode::AddOnly { main: None } | ImportMode::Update => None,
        }
    }

    const fn adds_only(&self) -> bool {
        matches!(self.mode, ImportMode::AddOnly { .. })
    }

    fn account(
        &mut self,
        at: &mut CurrentRow<'_, AccountRow>,
        row: &AccountRow,
    ) -> Option<ImportedAccount> {
        let sid = at.read("sid", account_sid(&row.sid));
        let name = at.read("name", Label::parse(&row.name));
        let token = at.read("auth_token", given(row.auth_token.expose(), AuthToken::parse));
        let parent = at.read("parent_sid", given(&row.parent_sid, account_sid));
        let region = at.read("region", column(row.region.as_ref(), Region::from_str));
        if let Some(sid) = sid {
            at.unique("sid", &mut self.accounts, sid);
            if matches!(token, Some(None)) && !self.known.accounts.contains_key(&sid) {
                at.wrong(
                    "auth_token",
                    "is empty, and the account is not known here; only a known account keeps the token that it has",
                );
            }
            if parent == Some(Some(sid)) {
                at.wrong(
                    "parent_sid",
                    "is the account itself; name the account that owns it, or none",
                );
            }
        }
        let account = ImportedAccount {
            sid: sid?,
            name: name?,
            parent: parent?,
            token: token?,
            region: region?.flatten(),
        };
        let is_known = self.known.accounts.contains_key(&account.sid);
        self.summary.accounts += usize::from(!is_known);
        // The stored token may be newer than that of the row.
        (!is_known || !self.adds_only()).then_some(account)
    }

    fn agent(
        &mut self,
        at: &mut CurrentRow<'_, AgentRow>,
        row: &AgentRow,
    ) -> Option<ImportedAgent> {
        let external_id = at.read("external_id", Label::parse(&row.external_id));
        let mut unnamed = None;
        let name = match (Label::parse(&row.name), &external_id) {
            (Err(error), Some(external_id)) if self.adds_only() => {
                unnamed = Some(format!("{error}; the id is used instead"));
                Some(external_id.clone())
            }
            (name, _) => at.read("name", name),
        };
        let prompt = at.read("prompt", Prompt::parse(&row.prompt));
        let voice = at.read("voice", label(&row.voice));
        let model = at.read("model", label(&row.model));
        let language = at.read("language", label(&row.language));
        let parameters = given(&row.parameters, AgentParameters::parse);
        let parameters = at.read("parameters", parameters);
        let (voice_target, message_target) = (voice_target(at, row), message_target(at, row));
        let more = &row.more;
        let relay = more.relay_attributes.as_deref().map(RelayAttributes::parse).transpose();
        let relay = at.read("relay_attributes", relay);
        let template = column(more.whatsapp_template.as_ref(), WhatsAppTemplate::parse);
        let template = at.read("whatsapp_template", template);
        let state = at.read(
            "state",
            column(more.state.as_ref(), |text| {
                AgentState::parse(text).ok_or("is neither enabled nor disabled")
            }),
        );
        let limits = limits(at, more);
        if let Some(external_id) = &external_id
            && !at.unique("external_id", &mut self.agents, external_id.clone())
        {
            return None;
        }
        let agent = ImportedAgent {
            key: at.key.clone(),
            external_id: external_id?,
            name: name?,
            prompt: prompt?,
            voice: voice?,
            model: model?,
            language: language?,
            parameters: parameters?,
            voice_target: voice_target?,
            message_target: message_target?,
            whatsapp_template: template?,
            relay: relay?,
            state: state?.flatten(),
            limits: limits?,
        };
        let Some(stored) = self.known.agents.get(&agent.external_id) else {
            self.summary.agents += 1;
            if let Some(what) = unnamed {
                at.remark(&["name"], what);
            }
            return Some(agent);
        };
        self.summary.known_agents += 1;
        if !self.adds_only() {
            return Some(agent);
        }
        let differences = agent.differences(stored);
        if !differences.is_empty() {
            at.remark(&differences, "differs from the stored agent, which stays as it is");
        }
        None
    }

    fn number(
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

/// Returns `None` for an empty text.
fn given<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// Returns `None` for a column that the source does not have, and `Some(None)` for an empty cell.
#[expect(clippy::option_option, reason = "an absent column keeps a value, an empty cell clears it")]
fn column<T, E>(
    text: Option<&String>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<Option<T>>, E> {
    text.map(|text| given(text, parse)).transpose()
}

/// The error is the end of a sentence that begins with the column.
fn account_sid(text: &str) -> Result<AccountSid, String> {
    AccountSid::parse(text.trim()).map_err(|error| format!("is not an account SID: {error}"))
}

fn label(text: &str) -> Result<Option<Label>, TextError> {
    given(text, Label::parse)
}
