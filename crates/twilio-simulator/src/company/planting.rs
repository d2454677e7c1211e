//! A seed becomes accounts.

use serde_json::Map;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::account::{Account, ApiKey};
use super::application::Application;
use super::books::Books;
use super::number::IncomingPhoneNumber;
use super::seed::{AccountSeed, NumberSeed, Seed, SeedError, SenderSeed, ServiceSeed};
use super::sender::ChannelSender;
use super::service::{MessagingService, PoolMember};
use super::shelf::Shelf;
use super::sid::{Mint, Sid};

/// Where calls are processed unless something else is said.
pub(crate) const DEFAULT_REGION: &str = "us1";

/// Adds everything in the seed. What comes before a mistake is there afterwards.
pub(crate) fn plant(books: &mut Books, seed: Seed, now: Timestamp) -> Result<(), SeedError> {
    seed.accounts.into_iter().try_for_each(|account| plant_account(books, account, now))
}

fn plant_account(books: &mut Books, seed: AccountSeed, now: Timestamp) -> Result<(), SeedError> {
    let name = seed.name.clone();
    let parsed = |text: &String| {
        AccountSid::parse(text)
            .map_err(|source| SeedError::AccountSid { name: name.clone(), source })
    };
    let sid = seed.sid.as_ref().map(parsed).transpose()?;
    let sid = sid.unwrap_or_else(|| books.mint.account());
    if books.accounts.get(sid).is_some() {
        return Err(SeedError::AccountTwice { sid: sid.to_string() });
    }
    let owner = seed.parent.as_ref().map(parsed).transpose()?.unwrap_or(sid);
    if owner != sid && !books.accounts.get(owner).is_some_and(Account::is_main) {
        return Err(SeedError::Parent { name });
    }
    let mut account = Account::new(sid, owner, books.mint.token(), now);
    account.friendly_name = seed.name;
    account.status = seed.status;
    account.kind = seed.kind;
    if let Some(token) = seed.auth_token {
        account.tokens.primary = token;
    }
    account.tokens.secondary = seed.secondary_auth_token;
    for key in seed.keys {
        account.keys.push(ApiKey {
            sid: key.sid.unwrap_or_else(|| books.mint.sid(*b"SK")),
            secret: key.secret.unwrap_or_else(|| books.mint.token()),
            kind: key.kind,
        });
    }
    for application in seed.applications {
        account.applications.put(Application {
            sid: application.sid.unwrap_or_else(|| books.mint.sid(*b"AP")),
            friendly_name: application.friendly_name,
            settings: application.settings,
            created: now,
            updated: now,
        });
    }
    for sender in seed.senders {
        account.senders.put(sender_of(sender, &mut books.mint, now));
    }
    books.open_account(account);
    for number in seed.numbers {
        let number = number_of(number, &mut books.mint, now)
            .map_err(|source| SeedError::PhoneNumber { name: name.clone(), source })?;
        if books.line(number.phone_number).is_some() {
            return Err(SeedError::NumberTwice { name });
        }
        books.connect(sid, number);
    }
    for service in seed.services {
        plant_service(books, sid, service, now)
            .map_err(|service| SeedError::Pool { name: name.clone(), service })?;
    }
    Ok(())
}

fn number_of(
    seed: NumberSeed,
    mint: &mut Mint,
    now: Timestamp,
) -> Result<IncomingPhoneNumber, switchboard_domain::phone_number::PhoneNumberError> {
    Ok(IncomingPhoneNumber {
        sid: seed.sid.unwrap_or_else(|| mint.sid(*b"PN")),
        phone_number: PhoneNumber::parse(&seed.phone_number)?,
        friendly_name: seed.friendly_name.unwrap_or(seed.phone_number),
        capabilities: seed.capabilities,
        settings: seed.settings,
        voice_region: seed.voice_region.unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        created: now,
        updated: now,
    })
}

fn sender_of(seed: SenderSeed, mint: &mut Mint, now: Timestamp) -> ChannelSender {
    ChannelSender {
        sid: seed.sid.unwrap_or_else(|| mint.sid(*b"XE")),
        sender_id: seed.sender_id,
        status: seed.status.unwrap_or_else(|| "ONLINE".to_owned()),
        webhook: seed.webhook,
        configuration: Map::new(),
        profile: Map::new(),
        created: now,
        updated: now,
    }
}

/// Adds a Messaging Service. The error is its name, if its pool names what the account does not have.
fn plant_service(
    books: &mut Books,
    account: AccountSid,
    seed: ServiceSeed,
    now: Timestamp,
) -> Result<(), String> {
    let name = seed.friendly_name;
    let pool = |members: Vec<(Sid, String)>| {
        let mut pool = Shelf::default();
        for (sid, sender) in members {
            pool.put(PoolMember { sid, sender, added: now });
        }
        pool
    };
    let number = |text: String| {
        let (owner, number) = books.line(PhoneNumber::parse(&text).ok()?)?;
        (owner.sid == account).then_some((number.sid, text))
    };
    let numbers: Option<Vec<_>> = seed.phone_numbers.into_iter().map(number).collect();
    let sender = |text: String| {
        let mut owned = books.accounts.get(account)?.senders.newest_first();
        Some((owned.find(|sender| sender.sender_id == text)?.sid, text))
    };
    let senders: Option<Vec<_>> = seed.channel_senders.into_iter().map(sender).collect();
    let (Some(numbers), Some(senders)) = (numbers, senders) else { return Err(name) };
    let mut coined = |prefix: [u8; 2], senders: Vec<String>| {
        pool(senders.into_iter().map(|sender| (books.mint.sid(prefix), sender)).collect())
    };
    let (short_codes, alpha_senders) =
        (coined(*b"SC", seed.short_codes), coined(*b"AI", seed.alpha_senders));
    let sid = seed.sid.unwrap_or_else(|| books.mint.sid(*b"MG"));
    if let Some(owner) = books.accounts.get_mut(account) {
        owner.services.put(MessagingService {
            sid,
            friendly_name: name,
            settings: seed.settings,
            phone_numbers: pool(numbers),
            channel_senders: pool(senders),
            short_codes,
            alpha_senders,
            created: now,
            updated: now,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use switchboard_domain::phone_number::PhoneNumber;
    use switchboard_domain::time::Timestamp;

    use super::plant;
    use crate::company::books::Books;
    use crate::company::seed::{AccountSeed, NumberSeed, Seed, SeedError};

    fn planted(json: &str) -> Result<Books, SeedError> {
        let mut books = Books::default();
        let seed: Seed = serde_json::from_str(json).unwrap();
        plant(&mut books, seed, Timestamp::from_seconds(0))?;
        Ok(books)
    }

    #[test]
    fn what_a_file_leaves_out_is_made_up() {
        let books = planted(
            r#"{"accounts": [{"name": "Main", "keys": [{}], "numbers": [{"phone_number": "+14155550100"}],
                "senders": [{"sender_id": "whatsapp:+14155550100"}],
                "services": [{"friendly_name": "All", "phone_numbers": ["+14155550100"],
                    "channel_senders": ["whatsapp:+14155550100"], "short_codes": ["12345"], "alpha_senders": ["Us"]}]}]}"#,
        )
        .unwrap();
        let (account, number) = books.line(PhoneNumber::parse("+14155550100").unwrap()).unwrap();
        assert!(account.is_main() && books.is_active(account));
        assert_eq!(account.tokens.primary.expose().len(), 32);
        assert_eq!(number.voice_region, "us1");
        assert_eq!(books.key_holder(account.keys[0].sid).unwrap().sid, account.sid);
        let service = account.services.newest_first().next().unwrap();
        assert!(service.phone_numbers.get(number.sid).is_some());
        assert_eq!(service.short_codes.newest_first().next().unwrap().sid.prefix(), "SC");
    }

    #[test]
    fn debug_shows_no_number_and_no_token() {
        let books = planted(
            r#"{"accounts": [{"name": "Main", "auth_token": "to-be-kept", "numbers": [{"phone_number": "+14155550100"}],
                "senders": [{"sender_id": "whatsapp:+14155550100"}],
                "services": [{"friendly_name": "All", "phone_numbers": ["+14155550100"]}]}]}"#,
        );
        let shown = format!("{:?}", books.unwrap());
        assert!(!shown.contains("4155550100") && !shown.contains("to-be-kept"), "{shown}");
    }

    #[test]
    fn a_seed_that_makes_no_sense_says_why() {
        let number = r#"{"phone_number": "+14155550100"}"#;
        let cases = [
            (r#"[{"name": "Main", "sid": "AC1"}]"#.to_owned(), "account Main has a SID that is none"),
            (
                r#"[{"name": "Sub", "parent": "AC00000000000000000000000000000001"}]"#.to_owned(),
                "account Sub belongs to a main account that does not come before it",
            ),
            (
                format!(r#"[{{"name": "Main", "numbers": [{number}, {number}]}}]"#),
                "account Main has a phone number that is already taken",
            ),
            (
                r#"[{"name": "Main", "numbers": [{"phone_number": "0800"}]}]"#.to_owned(),
                "account Main has a phone number that is none",
            ),
            (
                r#"[{"name": "Main", "services": [{"friendly_name": "All", "phone_numbers": ["+14155550100"]}]}]"#
                    .to_owned(),
                "service All has a sender in its pool that account Main does not have",
            ),
        ];
        for (accounts, expected) in cases {
            let error = planted(&format!(r#"{{"accounts": {accounts}}}"#)).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        assert!(serde_json::from_str::<Seed>(r#"{"account": []}"#).is_err());
    }

    #[test]
    fn ten_thousand_numbers_in_a_hundred_accounts_are_planted() {
        let accounts = (0..100).map(|account| AccountSeed {
            name: format!("Account {account}"),
            numbers: (0..100)
                .map(|number| NumberSeed::new(format!("+1415{account:03}{number:04}")))
                .collect(),
            ..AccountSeed::default()
        });
        let mut books = Books::default();
        let seed = Seed { accounts: accounts.collect() };
        plant(&mut books, seed, Timestamp::from_seconds(0)).unwrap();
        let numbers =
            books.accounts.newest_first().map(|account| account.numbers.newest_first().count());
        assert_eq!(numbers.sum::<usize>(), 10_000);
    }
}
