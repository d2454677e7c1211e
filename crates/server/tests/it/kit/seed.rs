//! The seed of most tests: three accounts, four agents, seven numbers.

use std::path::Path;

/// An account, with the token that signs for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) sid: &'static str,
    pub(crate) token: &'static str,
}

/// A main account.
pub(crate) const MAIN: Account = Account {
    sid: "AC00000000000000000000000000000a01",
    token: "5f0c9c1b7a6e4d3281706f5e4d3c2b1a",
};
/// A subaccount of it.
pub(crate) const SUB: Account = Account {
    sid: "AC00000000000000000000000000000a02",
    token: "91b2c3d4e5f60718293a4b5c6d7e8f90",
};
/// An account of another customer.
pub(crate) const OTHER: Account = Account {
    sid: "AC00000000000000000000000000000b03",
    token: "c0ffee00d15ea5edfacefeedbadc0de5",
};

/// The SIDs and tokens by themselves.
pub(crate) const MAIN_SID: &str = MAIN.sid;
pub(crate) const MAIN_TOKEN: &str = MAIN.token;
pub(crate) const SUB_SID: &str = SUB.sid;
pub(crate) const SUB_TOKEN: &str = SUB.token;
pub(crate) const OTHER_SID: &str = OTHER.sid;

/// Assigned to the agent `sales`, and owned by the main account like the next three.
pub(crate) const SALES: &str = "+14155550100";
/// Assigned to the agent `hours`, which has a reply and no voice server.
pub(crate) const SILENT: &str = "+14155550101";
/// Assigned to an agent that is disabled.
pub(crate) const DISABLED: &str = "+14155550102";
/// Not assigned.
pub(crate) const UNASSIGNED: &str = "+14155550103";
/// The subaccount's, assigned to `sales`.
pub(crate) const SUBS: &str = "+14155550110";
/// The other customer's, assigned to `support`.
pub(crate) const OTHERS: &str = "+442079460958";
/// A number that is not stored.
pub(crate) const UNKNOWN: &str = "+14155550199";

/// How long the prompt of `sales` is.
pub(crate) const PROMPT_BYTES: usize = 20 * 1024;

/// A SID: its prefix, and a number in 32 hexadecimal digits.
pub(crate) fn sid(prefix: &str, number: u128) -> String {
    format!("{prefix}{number:032x}")
}

/// Writes the files for `import csv`.
pub(crate) fn write(folder: &Path) {
    // It ends with full stops, so that it is as long as it should be whatever a sentence takes.
    let sentence = "You sell \"blue\" & <green> caf\u{e9}s; be brief.\n";
    let prompt = sentence.repeat(PROMPT_BYTES / sentence.len());
    let prompt = format!("{prompt}{}", ".".repeat(PROMPT_BYTES - prompt.len()));
    let prompt = prompt.replace('"', "\"\"");
    let accounts = format!(
        "sid,name,auth_token,parent_sid\n{},Main,{},\n{},Sub,{},{}\n{},Other,{},\n",
        MAIN.sid, MAIN.token, SUB.sid, SUB.token, MAIN.sid, OTHER.sid, OTHER.token
    );
    let agents = format!(
        "external_id,name,prompt,voice,model,language,stream_url,reply\n\
        sales,\"Sales & \"\"Co\"\" <1>\",\"{prompt}\",alloy,gpt-4o,en-US,wss://voice.example.com/sales,\"Hello & <welcome> \u{1f44b}\"\n\
        hours,Hours,,,,,,We are open from 9 to 5.\n\
        holiday,Holiday,Away,,,,wss://voice.example.com/holiday,Away\n\
        support,Support,Help,echo,,de-DE,wss://voice.example.com/support,\n"
    );
    let numbers = format!(
        "phone_number,account_sid,agent_external_id\n{SALES},{main},sales\n{SILENT},{main},hours\n\
        {DISABLED},{main},holiday\n{UNASSIGNED},{main},\n{SUBS},{},sales\n{OTHERS},{},support\n",
        SUB.sid,
        OTHER.sid,
        main = MAIN.sid,
    );
    for (name, text) in
        [("accounts.csv", accounts), ("agents.csv", agents), ("numbers.csv", numbers)]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
}
