//! Rows become domain values, and everything that is wrong with them is found.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::agent::{
    Agent, AgentState, Label, MessageTarget, Profile, Prompt, Reply, TextError, VoiceTarget,
};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::number::Channels;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::ImportedNumber;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::StreamUrl;

use super::known::Known;
use super::{AccountRow, AgentRow, NumberRow, Problems, Sheet, Sheets};
use crate::{AuthToken, ManageError, TokenSealer};

/// Rows without a mistake.
pub(super) struct Validated {
    pub(super) accounts: Vec<ImportedAccount>,
    pub(super) agents: Vec<ImportedAgent>,
    pub(super) numbers: Vec<ImportedNumber>,
}

/// An account of the files.
pub(super) struct ImportedAccount {
    pub(super) sid: AccountSid,
    name: Label,
    parent: Option<AccountSid>,
    /// None keeps the one of an account that is there.
    token: Option<AuthToken>,
}

impl ImportedAccount {
    /// The files do not speak of next tokens, so the one that is there stays; nor of keys, regions and statuses, which
    /// the store keeps. Nothing comes of an account that is there already, just as the files say: its tokens are not
    /// even written again, as somebody may be rotating them.
    pub(super) fn complete(
        self,
        organization: &OrganizationId,
        sealer: &TokenSealer,
        before: Option<Account>,
        at: Timestamp,
    ) -> Result<Option<Account>, ManageError> {
        let primary = match (&self.token, &before) {
            (Some(token), _) => sealer.primary(self.sid, token)?,
            (None, Some(before)) if before.name != self.name || before.parent != self.parent => {
                before.tokens.primary.clone()
            }
            // Without a token, validation lets none pass that is not there.
            (None, _) => return Ok(None),
        };
        let next = before.and_then(|before| before.tokens.next);
        Ok(Some(Account {
            sid: self.sid,
            organization: organization.clone(),
            name: self.name,
            parent: self.parent,
            tokens: SealedTokens { primary, next },
            api_key: None,
            region: Region::default(),
            status: AccountStatus::default(),
            created_at: at,
        }))
    }
}

/// An agent of the files.
pub(super) struct ImportedAgent {
    pub(super) external_id: Label,
    name: Label,
    prompt: Prompt,
    voice: Option<Label>,
    model: Option<Label>,
    language: Option<Label>,
    stream: Option<StreamUrl>,
    reply: Option<Reply>,
}

impl ImportedAgent {
    /// The files speak of streams and replies only: without one, a target of another kind stays, as does
    /// the state of an agent that is there.
    pub(super) fn complete(
        self,
        organization: &OrganizationId,
        before: Option<(AgentId, Profile)>,
        new_id: impl FnOnce() -> AgentId,
        at: Timestamp,
    ) -> Agent {
        let (id, before) = match before {
            Some((id, profile)) => (id, Some(profile)),
            None => (new_id(), None),
        };
        let state = before.as_ref().map_or(AgentState::Enabled, |profile| profile.state);
        let (voice_target, message_target) =
            before.map_or((None, None), |profile| (profile.voice_target, profile.message_target));
        let other_voice = voice_target.filter(|target| !matches!(target, VoiceTarget::Stream(_)));
        let other_message =
            message_target.filter(|target| !matches!(target, MessageTarget::Reply(_)));
        let profile = Profile {
            name: self.name,
            external_id: Some(self.external_id),
            voice: self.voice,
            model: self.model,
            language: self.language,
            voice_target: self.stream.map(VoiceTarget::Stream).or(other_voice),
            message_target: self.reply.map(MessageTarget::Reply).or(other_message),
            state,
        };
        Agent {
            id,
            organization: organization.clone(),
            profile,
            prompt: self.prompt,
            created_at: at,
        }
    }
}

/// Looks at every row and collects what is wrong.
pub(super) struct Validation<'a> {
    known: &'a Known,
    problems: Problems,
    /// Keys of the files, with the lines where they stand first.
    accounts: HashMap<AccountSid, u64>,
    agents: HashMap<Label, u64>,
    numbers: HashMap<PhoneNumber, u64>,
}

impl<'a> Validation<'a> {
    pub(super) fn new(known: &'a Known, problems: Problems) -> Self {
        Self {
            known,
            problems,
            accounts: HashMap::new(),
            agents: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// All rows as values, or all problems.
    pub(super) fn check(mut self, sheets: Sheets) -> Result<Validated, Problems> {
        let accounts = self.rows(sheets.accounts, Self::account);
        let agents = self.rows(sheets.agents, Self::agent);
        let numbers = self.rows(sheets.numbers, Self::number);
        if self.problems.count() == 0 {
            Ok(Validated { accounts, agents, numbers })
        } else {
            Err(self.problems)
        }
    }

    fn rows<R, T>(
        &mut self,
        sheet: Sheet<R>,
        check: impl Fn(&mut Self, &mut At<'_>, &R) -> Option<T>,
    ) -> Vec<T> {
        let mut values = Vec::with_capacity(sheet.rows.len());
        // The problems are lent to each row in turn, as the rows also look at the keys seen so far.
        let mut problems = std::mem::take(&mut self.problems);
        for row in sheet.rows {
            let mut at = At { file: &sheet.file, line: row.line, problems: &mut problems };
            values.extend(check(self, &mut at, &row.value));
        }
        self.problems = problems;
        values
    }

    fn account(&mut self, at: &mut At<'_>, row: &AccountRow) -> Option<ImportedAccount> {
        let sid = at.read("sid", account_sid(&row.sid));
        let name = at.read("name", Label::parse(&row.name));
        let token = at.read("auth_token", given(row.auth_token.expose(), AuthToken::parse));
        let parent = at.read("parent_sid", given(&row.parent_sid, account_sid));
        if let Some(sid) = sid {
            at.first("sid", &mut self.accounts, sid);
            if matches!(token, Some(None)) && !self.known.accounts.contains_key(&sid) {
                at.wrong(
                    "auth_token is empty, and the account is not known here; only a known account keeps the token that it has",
                );
            }
            if parent == Some(Some(sid)) {
                at.wrong(
                    "parent_sid is the account itself; name the account that owns it, or none",
                );
            }
        }
        Some(ImportedAccount { sid: sid?, name: name?, parent: parent?, token: token? })
    }

    fn agent(&mut self, at: &mut At<'_>, row: &AgentRow) -> Option<ImportedAgent> {
        let external_id = at.read("external_id", Label::parse(&row.external_id));
        let name = at.read("name", Label::parse(&row.name));
        let prompt = at.read("prompt", Prompt::parse(&row.prompt));
        let voice = at.read("voice", label(&row.voice));
        let model = at.read("model", label(&row.model));
        let language = at.read("language", label(&row.language));
        let stream = at.read("stream_url", given(&row.stream_url, StreamUrl::parse));
        // A reply is sent as it stands, white space and all.
        let reply = Some(&row.reply).filter(|reply| !reply.is_empty());
        let reply = at.read("reply", reply.map(|reply| Reply::parse(reply)).transpose());
        if let Some(external_id) = &external_id {
            at.first("external_id", &mut self.agents, external_id.clone());
        }
        Some(ImportedAgent {
            external_id: external_id?,
            name: name?,
            prompt: prompt?,
            voice: voice?,
            model: model?,
            language: language?,
            stream: stream?,
            reply: reply?,
        })
    }

    fn number(&mut self, at: &mut At<'_>, row: &NumberRow) -> Option<ImportedNumber> {
        let phone_number = at.read("phone_number", PhoneNumber::parse_typed(&row.phone_number));
        let account = at.read("account_sid", account_sid(&row.account_sid));
        let agent = at.read("agent_external_id", label(&row.agent_external_id));
        if let Some(phone_number) = phone_number {
            at.first("phone_number", &mut self.numbers, phone_number);
        }
        if let Some(sid) = account
            && !self.accounts.contains_key(&sid)
            && !self.known.accounts.contains_key(&sid)
        {
            at.wrong(&format!("account {sid} is neither in the files nor known here"));
        }
        if let Some(Some(label)) = &agent
            && !self.agents.contains_key(label)
            && !self.known.agents.contains_key(label)
        {
            at.wrong(&format!(
                "no agent has the external id {:?}, neither in the files nor here",
                label.as_str()
            ));
        }
        let phone_number = phone_number?;
        let channels =
            self.known.channels.get(&phone_number).copied().unwrap_or(Channels::VOICE_AND_SMS);
        Some(ImportedNumber { phone_number, account: account?, agent: agent?, channels })
    }
}

/// The row that is looked at.
struct At<'a> {
    file: &'a Arc<str>,
    line: u64,
    problems: &'a mut Problems,
}

impl At<'_> {
    fn wrong(&mut self, what: &str) {
        self.problems.push(self.file, Some(self.line), what);
    }

    /// The value, or none with the problem written down.
    fn read<T, E: Display>(&mut self, column: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.wrong(&format!("{column} {error}"))).ok()
    }

    /// Tells of a key that stands on an earlier line too.
    fn first<K: Eq + Hash>(&mut self, column: &str, seen: &mut HashMap<K, u64>, key: K) {
        let line = self.line;
        let first = *seen.entry(key).or_insert(line);
        if first != line {
            self.wrong(&format!("{column} is the same as on line {first}; keep one of them"));
        }
    }
}

/// An empty text is none.
fn given<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// What is wrong with a SID reads as a sentence behind the column's name.
fn account_sid(text: &str) -> Result<AccountSid, String> {
    AccountSid::parse(text.trim()).map_err(|error| format!("is not an account SID: {error}"))
}

fn label(text: &str) -> Result<Option<Label>, TextError> {
    given(text, Label::parse)
}
