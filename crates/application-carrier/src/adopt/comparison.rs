//! Compares accounts and numbers at the carrier with the stored ones.

use std::collections::HashSet;

use switchboard_domain::address::Channel;
use switchboard_domain::number::Channels;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::{
    AccountDiff, AccountFinding, Contents, FoundAccount, FoundNumber, Inventory, NumberDiff,
    NumberFinding, Proposal, Stored, UrlOwner,
};

/// Compares the accounts that `owner` has at the carrier, and their numbers, with the stored ones. The result is sorted
/// and includes what exists only in the store.
pub fn compare(
    owner: AccountSid,
    found: Vec<FoundAccount>,
    stored: &Stored,
) -> Vec<AccountFinding> {
    let sids: HashSet<AccountSid> = found.iter().map(|found| found.account.sid).collect();
    let found_numbers: HashSet<Sender> = found.iter().flat_map(numbers_of).collect();
    let mut findings: Vec<_> =
        found.into_iter().map(|found| account(found, stored, &found_numbers)).collect();
    let is_gone = |sid: &AccountSid, parent| !sids.contains(sid) && parent == Some(owner);
    let gone = stored.accounts.values().filter(|stored| is_gone(&stored.sid, stored.parent));
    findings.extend(gone.map(|stored| AccountFinding {
        sid: stored.sid,
        name: stored.name.as_str().to_owned(),
        parent: stored.parent,
        status: None,
        token: None,
        diff: AccountDiff::Gone,
        inventory: Inventory::Inactive,
    }));
    findings.sort_by_key(|finding| finding.sid);
    findings
}

fn numbers_of(found: &FoundAccount) -> Vec<Sender> {
    match &found.inventory {
        Inventory::Listed(contents) => {
            contents.numbers.iter().map(|number| number.sender).collect()
        }
        Inventory::Inactive | Inventory::Unreachable(_) => Vec::new(),
    }
}

fn account(
    found: FoundAccount,
    stored: &Stored,
    found_numbers: &HashSet<Sender>,
) -> AccountFinding {
    let FoundAccount { account, inventory } = found;
    let known = stored.accounts.get(&account.sid);
    let inventory = match inventory {
        Inventory::Inactive => Inventory::Inactive,
        Inventory::Unreachable(error) => Inventory::Unreachable(error),
        Inventory::Listed(Contents { numbers, services, senders }) => {
            let numbers = self::numbers(account.sid, numbers, stored, found_numbers);
            Inventory::Listed(Contents { numbers, services, senders })
        }
    };
    AccountFinding {
        sid: account.sid,
        parent: account.parent(),
        name: account.name,
        status: Some(account.status),
        token: account.token,
        diff: known.map_or(AccountDiff::New, |known| AccountDiff::Known(known.status)),
        inventory,
    }
}

fn numbers(
    account: AccountSid,
    found: Vec<FoundNumber>,
    stored: &Stored,
    found_numbers: &HashSet<Sender>,
) -> Vec<NumberFinding> {
    let mut findings: Vec<_> =
        found.into_iter().map(|found| number(account, found, stored)).collect();
    // A number that another account owns now is reported there, as moved.
    let is_gone = |number: &Sender| !found_numbers.contains(number);
    let own = stored.numbers.values().filter(|stored| stored.account == account);
    findings.extend(own.filter(|stored| is_gone(&stored.sender)).map(|stored| NumberFinding {
        sender: stored.sender,
        diff: NumberDiff::Gone,
        voice: UrlOwner::Unset,
        messages: UrlOwner::Unset,
        whatsapp: None,
        rcs: None,
        proposal: Proposal::NoLegacyUrl,
    }));
    findings.sort_by_key(|finding| finding.sender);
    findings
}

fn number(account: AccountSid, found: FoundNumber, stored: &Stored) -> NumberFinding {
    let known = stored.numbers.get(&found.sender);
    let diff = match known {
        None => NumberDiff::New,
        Some(known) if known.account == account => NumberDiff::Known,
        Some(known) => NumberDiff::Moved(known.account),
    };
    let proposal = match known {
        Some(known) if known.assignment.is_some() => Proposal::Assigned,
        _ => proposal(&found, stored),
    };
    NumberFinding {
        sender: found.sender,
        diff,
        proposal,
        voice: found.voice,
        messages: found.messages,
        whatsapp: found.whatsapp,
        rcs: found.rcs,
    }
}

/// The agent that all legacy URLs of a number name. If they name several, none is guessed.
fn proposal(found: &FoundNumber, stored: &Stored) -> Proposal {
    let named = |url_owner: &UrlOwner| url_owner.agent().map(ToOwned::to_owned);
    let mut ids: Vec<String> =
        channels(found).iter().filter_map(|(_, url_owner, _)| named(url_owner)).collect();
    ids.sort_unstable();
    ids.dedup();
    let [id] = &ids[..] else {
        return if ids.is_empty() { Proposal::NoLegacyUrl } else { Proposal::Ambiguous(ids) };
    };
    let Some(agent) = stored.agents.get(id) else { return Proposal::Unknown(id.clone()) };
    let answered = channels(found)
        .into_iter()
        .filter(|(_, url_owner, can_carry)| *can_carry && url_owner.agent().is_some())
        .map(|(channel, ..)| channel);
    match Channels::of(answered) {
        Some(channels) => Proposal::Agent(agent.clone(), channels),
        None => Proposal::Unsupported,
    }
}

/// Each channel with the owner of its URL, and whether the number supports it.
fn channels(found: &FoundNumber) -> Vec<(Channel, &UrlOwner, bool)> {
    if found.sender.as_number().is_none() {
        let channels = found.sender.channels();
        return channels.iter().map(|channel| (channel, &found.messages, true)).collect();
    }
    let can = found.capabilities;
    let own = [
        (Channel::Voice, &found.voice, can.voice),
        (Channel::Sms, &found.messages, can.sms || can.mms),
    ];
    let whatsapp = found.whatsapp.as_ref().map(|to| (Channel::WhatsApp, to, true));
    own.into_iter().chain(whatsapp).collect()
}

#[cfg(test)]
mod tests;
