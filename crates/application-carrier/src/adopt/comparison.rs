//! What is at the carrier is compared with what is kept here.

use std::collections::HashSet;

use switchboard_domain::address::Channel;
use switchboard_domain::number::Channels;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::{
    AccountFinding, AccountStanding, Contents, FoundAccount, FoundNumber, Kept, NumberFinding,
    NumberStanding, Proposal, Reach, UrlOwner,
};

/// How the accounts that `owner` has at the carrier, and their numbers, stand to what is kept here; accounts in the
/// order of their SIDs, numbers in the order of their text, what is gone among them.
pub fn compare(owner: AccountSid, found: Vec<FoundAccount>, kept: &Kept) -> Vec<AccountFinding> {
    let there: HashSet<AccountSid> = found.iter().map(|found| found.account.sid).collect();
    let elsewhere: HashSet<PhoneNumber> = found.iter().flat_map(numbers_of).collect();
    let mut findings: Vec<_> =
        found.into_iter().map(|found| account(found, kept, &elsewhere)).collect();
    let is_gone = |sid: &AccountSid, parent| !there.contains(sid) && parent == Some(owner);
    let gone = kept.accounts.values().filter(|kept| is_gone(&kept.sid, kept.parent));
    findings.extend(gone.map(|kept| AccountFinding {
        sid: kept.sid,
        name: kept.name.as_str().to_owned(),
        parent: kept.parent,
        status: None,
        token: None,
        standing: AccountStanding::Gone,
        contents: Reach::Inactive,
    }));
    findings.sort_by_key(|finding| finding.sid);
    findings
}

fn numbers_of(found: &FoundAccount) -> Vec<PhoneNumber> {
    match &found.contents {
        Reach::Reached(contents) => {
            contents.numbers.iter().map(|number| number.phone_number).collect()
        }
        Reach::Inactive | Reach::Unreachable(_) => Vec::new(),
    }
}

fn account(found: FoundAccount, kept: &Kept, elsewhere: &HashSet<PhoneNumber>) -> AccountFinding {
    let FoundAccount { account, contents } = found;
    let known = kept.accounts.get(&account.sid);
    let contents = match contents {
        Reach::Inactive => Reach::Inactive,
        Reach::Unreachable(why) => Reach::Unreachable(why),
        Reach::Reached(Contents { numbers, services, senders }) => {
            let numbers = self::numbers(account.sid, numbers, kept, elsewhere);
            Reach::Reached(Contents { numbers, services, senders })
        }
    };
    AccountFinding {
        sid: account.sid,
        parent: account.parent(),
        name: account.name,
        status: Some(account.status),
        token: account.token,
        standing: known.map_or(AccountStanding::New, |known| AccountStanding::Known(known.status)),
        contents,
    }
}

fn numbers(
    account: AccountSid,
    found: Vec<FoundNumber>,
    kept: &Kept,
    elsewhere: &HashSet<PhoneNumber>,
) -> Vec<NumberFinding> {
    let mut findings: Vec<_> =
        found.into_iter().map(|found| number(account, found, kept)).collect();
    // What another account of the family has is told there, as moved.
    let is_gone = |number: &PhoneNumber| !elsewhere.contains(number);
    let own = kept.numbers.values().filter(|kept| kept.account == account);
    findings.extend(own.filter(|kept| is_gone(&kept.phone_number)).map(|kept| NumberFinding {
        phone_number: kept.phone_number,
        standing: NumberStanding::Gone,
        voice: UrlOwner::Nowhere,
        messages: UrlOwner::Nowhere,
        whatsapp: None,
        rcs: None,
        proposal: Proposal::Nobody,
    }));
    findings.sort_by_key(|finding| finding.phone_number);
    findings
}

fn number(account: AccountSid, found: FoundNumber, kept: &Kept) -> NumberFinding {
    let known = kept.numbers.get(&found.phone_number);
    let standing = match known {
        None => NumberStanding::New,
        Some(known) if known.account == account => NumberStanding::Known,
        Some(known) => NumberStanding::Moved(known.account),
    };
    let proposal = match known {
        Some(known) if known.assignment.is_some() => Proposal::Answered,
        _ => proposal(&found, kept),
    };
    NumberFinding {
        phone_number: found.phone_number,
        standing,
        proposal,
        voice: found.voice,
        messages: found.messages,
        whatsapp: found.whatsapp,
        rcs: found.rcs,
    }
}

/// The one agent that all old URLs of a number name. Several are nobody: which of them it should be is not guessed.
fn proposal(found: &FoundNumber, kept: &Kept) -> Proposal {
    let named = |url_owner: &UrlOwner| url_owner.agent().map(ToOwned::to_owned);
    let mut ids: Vec<String> =
        channels(found).iter().filter_map(|(_, url_owner, _)| named(url_owner)).collect();
    ids.sort_unstable();
    ids.dedup();
    let [id] = &ids[..] else {
        return if ids.is_empty() { Proposal::Nobody } else { Proposal::Several(ids) };
    };
    let Some(agent) = kept.agents.get(id) else { return Proposal::Unknown(id.clone()) };
    let answered = channels(found)
        .into_iter()
        .filter(|(_, url_owner, can_carry)| *can_carry && url_owner.agent().is_some())
        .map(|(channel, ..)| channel);
    match Channels::of(answered) {
        Some(channels) => Proposal::Agent(agent.clone(), channels),
        None => Proposal::Unfit,
    }
}

/// Each channel with where it goes, and whether the number can carry it.
fn channels(found: &FoundNumber) -> Vec<(Channel, &UrlOwner, bool)> {
    let can = found.capabilities;
    let own = [
        (Channel::Voice, &found.voice, can.voice),
        (Channel::Sms, &found.messages, can.sms || can.mms),
    ];
    let senders = [(Channel::WhatsApp, &found.whatsapp), (Channel::Rcs, &found.rcs)];
    let senders = senders
        .into_iter()
        .filter_map(|(channel, sender)| sender.as_ref().map(|to| (channel, to, true)));
    own.into_iter().chain(senders).collect()
}

#[cfg(test)]
mod tests;
