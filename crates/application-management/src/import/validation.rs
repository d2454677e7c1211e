//! Parses all rows and collects every mistake.

mod account;
mod number;
mod row;
mod targets;

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use switchboard_domain::agent::{
    AgentParameters, AgentState, Label, Prompt, RelayAttributes, TextError, WhatsAppTemplate,
};
use switchboard_domain::carrier::Region;
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::ports::{
    AccountRow, AgentRow, ImportRows, ImportTable, ImportedNumber, RowKey,
};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::agent::ImportedAgent;
use super::known::Known;
use super::{ImportMode, ImportSummary, LegacyMainAccount, Problems, Remark};
use crate::AuthToken;
pub(super) use account::ImportedAccount;
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

/// Parses every row and collects the mistakes.
pub(super) struct Validation<'a> {
    known: &'a Known,
    mode: &'a ImportMode,
    output: Output,
    summary: ImportSummary,
    needs_main_account: bool,
    /// Keys of the import, with the rows in which they occur first.
    accounts: HashMap<AccountSid, RowKey>,
    /// The parents of accounts after the import, where it changes them.
    parents: HashMap<AccountSid, Option<AccountSid>>,
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
            parents: HashMap::new(),
            agents: HashMap::new(),
            numbers: HashMap::new(),
            policies: Vec::new(),
            owners: Vec::new(),
        }
    }

    pub(super) fn check(mut self, rows: &ImportRows) -> Validated {
        self.parents = parents(&rows.accounts);
        if self.adds_only() {
            self.parents.retain(|sid, _| !self.known.accounts.contains_key(sid));
        }
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

    /// Whether an account is another one or above it, once the rows are written.
    fn is_above(&self, account: AccountSid, other: AccountSid) -> bool {
        let mut seen = HashSet::new();
        let mut above = Some(other);
        while let Some(parent) = above.filter(|parent| seen.insert(*parent)) {
            if parent == account {
                return true;
            }
            let stored = || self.known.accounts.get(&parent).and_then(|known| known.parent);
            above = self.parents.get(&parent).copied().unwrap_or_else(stored);
        }
        false
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
            if let Some(Some(parent)) = parent
                && self.is_above(sid, parent)
            {
                at.wrong(
                    "parent_sid",
                    "is the account itself or one below it; name the account that owns it, or none",
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
}

/// The parents that readable rows give their accounts.
fn parents(table: &ImportTable<AccountRow>) -> HashMap<AccountSid, Option<AccountSid>> {
    let of_row = |row: &AccountRow| {
        let parent = given(&row.parent_sid, account_sid).ok()?;
        Some((account_sid(&row.sid).ok()?, parent))
    };
    table.rows.iter().filter_map(|row| of_row(&row.value)).collect()
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
