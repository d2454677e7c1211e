//! Creates accounts from a seed.

use serde_json::Map;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::account::{Account, ApiKey};
use super::application::Application;
use super::connect::ConnectApp;
use super::number::IncomingPhoneNumber;
use super::paged_store::PagedStore;
use super::seed::{AccountSeed, NumberSeed, Seed, SeedError, SenderSeed, ServiceSeed};
use super::sender::ChannelSender;
use super::service::{MessagingService, PoolMember};
use super::short_code::ShortCode;
use super::sid::{IdGenerator, Sid};
use super::state::State;

/// The region used if a seed or request names none.
pub(crate) const DEFAULT_REGION: &str = "us1";

/// Adds the accounts of a seed. If the seed contains an error, what precedes it has been added.
pub(crate) fn add_seed(state: &mut State, seed: Seed, now: Timestamp) -> Result<(), SeedError> {
    state.phones.extend(seed.phones.into_iter().map(|phone| (phone.address.clone(), phone)));
    seed.accounts.into_iter().try_for_each(|account| add_account_seed(state, account, now))
}

fn add_account_seed(state: &mut State, seed: AccountSeed, now: Timestamp) -> Result<(), SeedError> {
    let name = seed.name.clone();
    let parsed = |text: &String| {
        AccountSid::parse(text)
            .map_err(|source| SeedError::AccountSid { name: name.clone(), source })
    };
    let sid = seed.sid.as_ref().map(parsed).transpose()?;
    let sid = sid.unwrap_or_else(|| state.ids.account());
    if state.accounts.get(sid).is_some() {
        return Err(SeedError::DuplicateAccount { sid: sid.to_string() });
    }
    let owner = seed.parent.as_ref().map(parsed).transpose()?.unwrap_or(sid);
    if owner != sid && !state.accounts.get(owner).is_some_and(Account::is_main) {
        return Err(SeedError::Parent { name });
    }
    let mut account = Account::new(sid, owner, state.ids.token(), now);
    account.friendly_name = seed.name;
    account.status = seed.status;
    account.kind = seed.kind;
    if let Some(token) = seed.auth_token {
        account.tokens.primary = token;
    }
    account.tokens.secondary = seed.secondary_auth_token;
    for key in seed.keys {
        account.keys.push(ApiKey {
            sid: key.sid.unwrap_or_else(|| state.ids.sid(*b"SK")),
            secret: key.secret.unwrap_or_else(|| state.ids.token()),
            kind: key.kind,
        });
    }
    account.authorized_app = seed.authorized_app;
    for app in seed.connect_apps {
        let app_sid = app.sid.unwrap_or_else(|| state.ids.sid(*b"CN"));
        let app = ConnectApp {
            sid: app_sid,
            owner: sid,
            authorize_redirect_url: app.authorize_redirect_url,
            deauthorize_callback_url: app.deauthorize_callback_url,
        };
        state.connect_apps.insert(app_sid, app);
    }
    for application in seed.applications {
        account.applications.put(Application {
            sid: application.sid.unwrap_or_else(|| state.ids.sid(*b"AP")),
            friendly_name: application.friendly_name,
            settings: application.settings,
            created: now,
            updated: now,
        });
    }
    for code in seed.short_codes {
        account.short_codes.put(ShortCode {
            sid: code.sid.unwrap_or_else(|| state.ids.sid(*b"SC")),
            friendly_name: code.short_code.clone(),
            short_code: code.short_code,
            settings: code.settings,
            created: now,
            updated: now,
        });
    }
    for sender in seed.senders {
        account.senders.put(sender_of(sender, &mut state.ids, now));
    }
    state.add_account(account);
    for number in seed.numbers {
        let number = number_of(number, &mut state.ids, now)
            .map_err(|source| SeedError::PhoneNumber { name: name.clone(), source })?;
        if state.find_number(number.phone_number).is_some() {
            return Err(SeedError::DuplicateNumber { name });
        }
        state.add_number(sid, number);
    }
    for service in seed.services {
        add_service_seed(state, sid, service, now)
            .map_err(|service| SeedError::Pool { name: name.clone(), service })?;
    }
    Ok(())
}

fn number_of(
    seed: NumberSeed,
    ids: &mut IdGenerator,
    now: Timestamp,
) -> Result<IncomingPhoneNumber, switchboard_domain::phone_number::PhoneNumberError> {
    Ok(IncomingPhoneNumber {
        sid: seed.sid.unwrap_or_else(|| ids.sid(*b"PN")),
        phone_number: PhoneNumber::parse(&seed.phone_number)?,
        friendly_name: seed.friendly_name.unwrap_or(seed.phone_number),
        capabilities: seed.capabilities,
        settings: seed.settings,
        voice_region: seed.voice_region.unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        created: now,
        updated: now,
    })
}

fn sender_of(seed: SenderSeed, ids: &mut IdGenerator, now: Timestamp) -> ChannelSender {
    ChannelSender {
        sid: seed.sid.unwrap_or_else(|| ids.sid(*b"XE")),
        sender_id: seed.sender_id,
        status: seed.status.unwrap_or_else(|| "ONLINE".to_owned()),
        webhook: seed.webhook,
        configuration: Map::new(),
        profile: Map::new(),
        created: now,
        updated: now,
    }
}

/// Adds a Messaging Service. If its pool refers to a sender that the account does not own, the error is the service's
/// name.
fn add_service_seed(
    state: &mut State,
    account: AccountSid,
    seed: ServiceSeed,
    now: Timestamp,
) -> Result<(), String> {
    let name = seed.friendly_name;
    let pool = |members: Vec<(Sid, String)>| {
        let mut pool = PagedStore::default();
        for (sid, sender) in members {
            pool.put(PoolMember { sid, sender, added: now });
        }
        pool
    };
    let number = |text: String| {
        let (owner, number) = state.find_number(PhoneNumber::parse(&text).ok()?)?;
        (owner.sid == account).then_some((number.sid, text))
    };
    let numbers: Option<Vec<_>> = seed.phone_numbers.into_iter().map(number).collect();
    let sender = |text: String| {
        let mut owned = state.accounts.get(account)?.senders.newest_first();
        Some((owned.find(|sender| sender.sender_id == text)?.sid, text))
    };
    let senders: Option<Vec<_>> = seed.channel_senders.into_iter().map(sender).collect();
    let (Some(numbers), Some(senders)) = (numbers, senders) else { return Err(name) };
    let owned = |code: &String| {
        let mut owned = state.accounts.get(account)?.short_codes.newest_first();
        Some(owned.find(|owned| owned.short_code == *code)?.sid)
    };
    let owned: Vec<_> = seed.short_codes.iter().map(owned).collect();
    let short_codes = owned.into_iter().zip(seed.short_codes);
    let short_codes = short_codes
        .map(|(sid, code)| (sid.unwrap_or_else(|| state.ids.sid(*b"SC")), code))
        .collect();
    let coined = |sender| (state.ids.sid(*b"AI"), sender);
    let alpha_senders = seed.alpha_senders.into_iter().map(coined).collect();
    let sid = seed.sid.unwrap_or_else(|| state.ids.sid(*b"MG"));
    if let Some(owner) = state.accounts.get_mut(account) {
        owner.services.put(MessagingService {
            sid,
            friendly_name: name,
            settings: seed.settings,
            phone_numbers: pool(numbers),
            channel_senders: pool(senders),
            short_codes: pool(short_codes),
            alpha_senders: pool(alpha_senders),
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

    use super::add_seed;
    use crate::simulator::seed::{AccountSeed, NumberSeed, Seed, SeedError};
    use crate::simulator::state::State;

    fn seeded_state(json: &str) -> Result<State, SeedError> {
        let mut state = State::default();
        let seed: Seed = serde_json::from_str(json).unwrap();
        add_seed(&mut state, seed, Timestamp::from_seconds(0))?;
        Ok(state)
    }

    #[test]
    fn omitted_values_are_generated() {
        let state = seeded_state(
            r#"{"accounts": [{"name": "Main", "keys": [{}], "numbers": [{"phone_number": "+14155550100"}],
                "senders": [{"sender_id": "whatsapp:+14155550100"}],
                "services": [{"friendly_name": "All", "phone_numbers": ["+14155550100"],
                    "channel_senders": ["whatsapp:+14155550100"], "short_codes": ["12345"], "alpha_senders": ["Us"]}]}]}"#,
        )
        .unwrap();
        let (account, number) =
            state.find_number(PhoneNumber::parse("+14155550100").unwrap()).unwrap();
        assert!(account.is_main() && state.is_active(account));
        assert_eq!(account.tokens.primary.expose().len(), 32);
        assert_eq!(number.voice_region, "us1");
        assert_eq!(state.account_of_key(account.keys[0].sid).unwrap().sid, account.sid);
        let service = account.services.newest_first().next().unwrap();
        assert!(service.phone_numbers.get(number.sid).is_some());
        assert_eq!(service.short_codes.newest_first().next().unwrap().sid.prefix(), "SC");
    }

    #[test]
    fn debug_output_shows_no_number_and_no_token() {
        let state = seeded_state(
            r#"{"accounts": [{"name": "Main", "auth_token": "to-be-redacted", "numbers": [{"phone_number": "+14155550100"}],
                "senders": [{"sender_id": "whatsapp:+14155550100"}],
                "services": [{"friendly_name": "All", "phone_numbers": ["+14155550100"]}]}]}"#,
        );
        let shown = format!("{:?}", state.unwrap());
        assert!(!shown.contains("4155550100") && !shown.contains("to-be-redacted"), "{shown}");
    }

    #[test]
    fn an_invalid_seed_is_rejected_with_a_reason() {
        let number = r#"{"phone_number": "+14155550100"}"#;
        let cases = [
            (r#"[{"name": "Main", "sid": "AC1"}]"#.to_owned(), "account Main has an invalid SID"),
            (
                r#"[{"name": "Sub", "parent": "AC00000000000000000000000000000001"}]"#.to_owned(),
                "the parent of account Sub is not a main account that precedes it",
            ),
            (
                format!(r#"[{{"name": "Main", "numbers": [{number}, {number}]}}]"#),
                "account Main has a phone number that is already in use",
            ),
            (
                r#"[{"name": "Main", "numbers": [{"phone_number": "0800"}]}]"#.to_owned(),
                "account Main has an invalid phone number",
            ),
            (
                r#"[{"name": "Main", "services": [{"friendly_name": "All", "phone_numbers": ["+14155550100"]}]}]"#
                    .to_owned(),
                "the pool of service All has a sender that account Main does not own",
            ),
        ];
        for (accounts, expected) in cases {
            let error = seeded_state(&format!(r#"{{"accounts": {accounts}}}"#)).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        assert!(serde_json::from_str::<Seed>(r#"{"account": []}"#).is_err());
    }

    #[test]
    fn ten_thousand_numbers_in_a_hundred_accounts_can_be_seeded() {
        let accounts = (0..100).map(|account| AccountSeed {
            name: format!("Account {account}"),
            numbers: (0..100)
                .map(|number| NumberSeed::new(format!("+1415{account:03}{number:04}")))
                .collect(),
            ..AccountSeed::default()
        });
        let mut state = State::default();
        let seed = Seed { accounts: accounts.collect(), ..Seed::default() };
        add_seed(&mut state, seed, Timestamp::from_seconds(0)).unwrap();
        let numbers =
            state.accounts.newest_first().map(|account| account.numbers.newest_first().count());
        assert_eq!(numbers.sum::<usize>(), 10_000);
    }
}
