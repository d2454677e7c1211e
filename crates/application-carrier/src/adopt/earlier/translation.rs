//! Rows of the earlier system become accounts, agents and numbers.

use std::collections::{BTreeMap, HashMap, HashSet};

use switchboard_domain::account::Account;
use switchboard_domain::agent::{Agent, Label, Prompt, TextError};
use switchboard_domain::number::{Channels, Number};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    EarlierChatbot, EarlierDirectory, EarlierNumber, EarlierSubaccount, ImportedNumber,
};
use switchboard_domain::sid::AccountSid;

use super::Remark;
use switchboard_application_management::AuthToken;

/// What is kept here already, which stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Here {
    pub(super) accounts: HashMap<AccountSid, Account>,
    /// Agents that have an external id, by it.
    pub(super) agents: HashMap<Label, Agent>,
    pub(super) numbers: HashMap<PhoneNumber, Number>,
}

/// An agent that is new here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewAgent {
    pub(super) external_id: Label,
    pub(super) name: Label,
    pub(super) prompt: Prompt,
    pub(super) voice: Option<Label>,
    pub(super) model: Option<Label>,
}

/// What is new of the earlier system, and what is to be said about the rest.
#[derive(Debug, Default)]
pub(super) struct Translation {
    /// Subaccounts that are new here, with their tokens.
    pub(super) subaccounts: BTreeMap<AccountSid, AuthToken>,
    pub(super) agents: Vec<NewAgent>,
    /// Numbers that are new here, or that nobody answers here.
    pub(super) numbers: Vec<ImportedNumber>,
    /// How many of them are new.
    pub(super) new_numbers: usize,
    /// How many of them get an agent.
    pub(super) assigned: usize,
    /// Agents that were here.
    pub(super) known_agents: usize,
    /// Numbers that were here.
    pub(super) known_numbers: usize,
    /// Whether a number belongs to the main account.
    pub(super) needs_main: bool,
    /// What is odd, and what is done about it.
    pub(super) notes: Vec<Remark>,
    /// What cannot be taken over.
    pub(super) mistakes: Vec<Remark>,
}

/// Translates everything. `main` owns the numbers that name no subaccount.
pub(super) fn translate(
    directory: &EarlierDirectory,
    here: &Here,
    main: Option<AccountSid>,
) -> Translation {
    let mut translating = Translating {
        here,
        main,
        result: Translation::default(),
        chatbots: HashSet::new(),
        numbers: HashSet::new(),
        tokens: HashMap::new(),
    };
    for chatbot in &directory.chatbots {
        translating.chatbot(chatbot);
    }
    for number in &directory.numbers {
        translating.number(number);
    }
    translating.result
}

struct Translating<'a> {
    here: &'a Here,
    main: Option<AccountSid>,
    result: Translation,
    /// The chatbots so far, by their ids.
    chatbots: HashSet<Label>,
    /// The numbers so far.
    numbers: HashSet<PhoneNumber>,
    /// The tokens of subaccounts so far.
    tokens: HashMap<AccountSid, AuthToken>,
}

impl Translating<'_> {
    fn chatbot(&mut self, chatbot: &EarlierChatbot) {
        let external_id = match Label::parse(&chatbot.id) {
            Ok(external_id) => external_id,
            Err(error) => return self.wrong_chatbot(chatbot, "id", error.to_string()),
        };
        if !self.chatbots.insert(external_id.clone()) {
            return self.wrong_chatbot(chatbot, "id", "is there twice, but for white space");
        }
        let mut notes = Vec::new();
        let name = match Label::parse(chatbot.name.as_deref().unwrap_or_default()) {
            Ok(name) => name,
            Err(error) => {
                let what = format!("{error}; the id stands in for it");
                notes.push(Remark::of_chatbot(&chatbot.id, "name", what));
                external_id.clone()
            }
        };
        let prompt = Prompt::parse(chatbot.prompt.as_deref().unwrap_or_default());
        let prompt = self.read(chatbot, "prompt", prompt);
        let voice = self.read(chatbot, "voice", label(chatbot.voice.as_deref()));
        let model = self.read(chatbot, "model", label(chatbot.model.as_deref()));
        let (Some(prompt), Some(voice), Some(model)) = (prompt, voice, model) else { return };
        let agent = NewAgent { external_id, name, prompt, voice, model };
        match self.here.agents.get(&agent.external_id) {
            None => {
                self.result.agents.push(agent);
                self.result.notes.extend(notes);
            }
            Some(known) => {
                self.result.known_agents += 1;
                self.result.notes.extend(differing(&agent, known));
            }
        }
    }

    fn read<T>(
        &mut self,
        chatbot: &EarlierChatbot,
        field: &str,
        parsed: Result<T, TextError>,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong_chatbot(chatbot, field, error.to_string());
                None
            }
        }
    }

    fn number(&mut self, row: &EarlierNumber) {
        let phone_number = match PhoneNumber::parse_typed(&row.phone_number) {
            Ok(phone_number) => Some(phone_number),
            Err(error) => {
                self.wrong_number(row, "phoneNumber", error.to_string());
                None
            }
        };
        let account = self.account(row);
        let (Some(phone_number), Some(account)) = (phone_number, account) else { return };
        if !self.numbers.insert(phone_number) {
            return self.wrong_number(row, "phoneNumber", "is there twice, written differently");
        }
        let agent = self.agent(row);
        let known = self.here.numbers.get(&phone_number);
        self.result.known_numbers += usize::from(known.is_some());
        self.result.new_numbers += usize::from(known.is_none());
        if let Some(known) = known
            && (known.account != account || known.assignment.is_some())
        {
            let named = agent.and_then(|label| self.here.agents.get(&label));
            self.result.notes.extend(staying(row, known, account, named));
            return;
        }
        if agent.is_none() && row.chatbot.is_some() {
            let what =
                "names a chatbot that is not there; nobody answers the number until it is assigned";
            self.result.notes.push(Remark::of_number(&row.phone_number, "chatbotId", what));
        }
        if agent.is_none() && known.is_some() {
            return;
        }
        self.result.assigned += usize::from(agent.is_some());
        let channels = Channels::VOICE_AND_SMS;
        self.result.numbers.push(ImportedNumber { phone_number, account, agent, channels });
    }

    /// The account that owns a number: its subaccount, or the main account.
    fn account(&mut self, row: &EarlierNumber) -> Option<AccountSid> {
        match (&row.subaccount, self.main) {
            (Some(subaccount), _) => self.subaccount(row, subaccount),
            (None, Some(main)) => {
                self.result.needs_main = true;
                Some(main)
            }
            (None, None) => {
                let what =
                    "is empty, so the main account owns the number, but no main account is given";
                self.wrong_number(row, "subaccountSid", what);
                None
            }
        }
    }

    fn subaccount(
        &mut self,
        row: &EarlierNumber,
        subaccount: &EarlierSubaccount,
    ) -> Option<AccountSid> {
        let sid = match AccountSid::parse(subaccount.sid.trim()) {
            Ok(sid) => sid,
            Err(error) => {
                self.wrong_number(row, "subaccountSid", format!("is not an account SID: {error}"));
                return None;
            }
        };
        if self.main == Some(sid) {
            self.result.needs_main = true;
            return Some(sid);
        }
        // The token that is kept here may be a newer one.
        if self.here.accounts.contains_key(&sid) {
            return Some(sid);
        }
        let token = match AuthToken::parse(subaccount.token.expose()) {
            Ok(token) => token,
            Err(error) => {
                self.wrong_number(row, "subaccountAuthToken", error.to_string());
                return None;
            }
        };
        let first = self.tokens.entry(sid).or_insert_with(|| token.clone());
        if first.secret().expose() != token.secret().expose() {
            let what = format!("is not the one that another number of account {sid} has");
            self.wrong_number(row, "subaccountAuthToken", what);
            return None;
        }
        self.result.subaccounts.insert(sid, token);
        Some(sid)
    }

    /// Who answers a number: one of the chatbots, or an agent that is known here.
    fn agent(&self, row: &EarlierNumber) -> Option<Label> {
        let label = Label::parse(row.chatbot.as_deref()?).ok()?;
        let is_known = self.chatbots.contains(&label) || self.here.agents.contains_key(&label);
        is_known.then_some(label)
    }

    fn wrong_chatbot(&mut self, row: &EarlierChatbot, field: &str, what: impl Into<String>) {
        self.result.mistakes.push(Remark::of_chatbot(&row.id, field, what));
    }

    fn wrong_number(&mut self, row: &EarlierNumber, field: &str, what: impl Into<String>) {
        self.result.mistakes.push(Remark::of_number(&row.phone_number, field, what));
    }
}

/// An empty text is none.
fn label(text: Option<&str>) -> Result<Option<Label>, TextError> {
    text.filter(|text| !text.trim().is_empty()).map(Label::parse).transpose()
}

/// That an agent which is known here differs from its chatbot.
fn differing(agent: &NewAgent, known: &Agent) -> Option<Remark> {
    let profile = &known.profile;
    let fields = [
        ("name", agent.name == profile.name),
        ("prompt", agent.prompt == known.prompt),
        ("voice", agent.voice == profile.voice),
        ("model", agent.model == profile.model),
    ];
    let differ: Vec<_> =
        fields.into_iter().filter(|(_, is_same)| !is_same).map(|(field, _)| field).collect();
    let id = agent.external_id.as_str();
    let what = "differs from the agent here, which stays as it is";
    (!differ.is_empty()).then(|| Remark::of_chatbot(id, &differ.join(", "), what))
}

/// How a number that is known here, and stays as it is, differs from what the earlier system has.
fn staying(
    row: &EarlierNumber,
    known: &Number,
    account: AccountSid,
    named: Option<&Agent>,
) -> Option<Remark> {
    if known.account != account {
        let what = format!(
            "belongs to account {account} there and to {} here, where it stays",
            known.account
        );
        return Some(Remark::of_number(&row.phone_number, "subaccountSid", what));
    }
    let answered = known.assignment.as_ref().map(|assignment| &assignment.agent)?;
    (named.map(|agent| &agent.id) != Some(answered)).then(|| {
        let what = format!("agent {answered} answers the number here, and goes on to");
        Remark::of_number(&row.phone_number, "chatbotId", what)
    })
}
