//! The resources that a carrier contains while the laws run.

use switchboard_domain::carrier::ParentToken;

use super::samples;
use crate::prelude::*;

/// All accounts with their resources.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// Each account with its resources. A main account precedes the accounts that it owns.
    pub holdings: Vec<Holding>,
}

/// An account and its resources.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The properties of the account.
    pub account: CarrierAccount,
    /// Its primary auth token.
    pub token: Secret,
    /// Its API key, which gives no access to accounts and tokens.
    pub api_key: ApiKey,
    /// The account that owns the Connect app that this account has authorized, if it has authorized one.
    pub app_owner: Option<AccountSid>,
    /// Its numbers, unordered.
    pub numbers: Vec<CarrierNumber>,
    /// Its short codes, unordered.
    pub short_codes: Vec<CarrierNumber>,
    /// The regions that process the calls of some numbers. The calls of the others are processed in
    /// Virginia.
    pub regions: Vec<(PhoneNumber, Region)>,
    /// Its applications, unordered.
    pub applications: Vec<CarrierApplication>,
    /// Its Messaging Services, unordered.
    pub services: Vec<PooledService>,
    /// Its WhatsApp and RCS senders, unordered.
    pub senders: Vec<CarrierSender>,
    /// The files of its messages, unordered.
    pub media: Vec<(MessageSid, MediaSid, MediaFile)>,
}

/// A Messaging Service and its sender pool.
#[derive(Clone, Debug)]
pub struct PooledService {
    /// The properties of the service.
    pub service: MessagingService,
    /// The numbers in its pool, unordered.
    pub pool: Vec<NumberSid>,
}

impl Inventory {
    /// A main account with more resources of each kind than fit on a page, a subaccount with a few,
    /// a suspended and a closed account with one number each, and some accounts without resources.
    /// One number of the main account is a prefix of another one. One of the accounts without resources has authorized a Connect app
    /// of the subaccount.
    pub fn sample() -> Self {
        let main = samples::account(1);
        let mut holdings = vec![Self::main(main), Self::subaccount(main)];
        for (n, status) in [(3, AccountStatus::Suspended), (4, AccountStatus::Closed)] {
            let mut holding = Holding::empty(n, main, status);
            holding.numbers.push(samples::number(n * 1_000, holding.account.sid));
            holdings.push(holding);
        }
        holdings.extend((5..17).map(|n| Holding::empty(n, main, AccountStatus::Active)));
        let owner = holdings[1].account.sid;
        holdings[5].app_owner = Some(owner);
        Self { holdings }
    }

    fn main(main: AccountSid) -> Holding {
        let mut holding = Holding::empty(1, main, AccountStatus::Active);
        holding.numbers = (0..60).rev().map(|n| samples::number(5_550_100 + n, main)).collect();
        let beginning = PhoneNumber::parse("+1415555010").unwrap();
        holding
            .numbers
            .push(CarrierNumber { sender: beginning.into(), ..samples::number(77, main) });
        holding.short_codes = (0..60).rev().map(|n| samples::short_code(n, main)).collect();
        holding.regions = vec![
            (samples::phone(5_550_101), Region::Ie1),
            (samples::phone(5_550_102), Region::Au1),
        ];
        holding.applications = (0..20).map(samples::application).collect();
        let pool = |numbers: std::ops::Range<u32>| {
            numbers.map(|n| samples::number_sid(5_550_100 + n)).collect()
        };
        let pooled_service = |n: u32| PooledService {
            service: samples::service(n),
            pool: match n {
                0 => pool(0..30),
                1 => pool(30..31),
                2 => vec![
                    samples::sender_sid(50).into(),
                    samples::short_code(3, main).sid,
                    samples::number_sid(5_550_131),
                    samples::sender_sid(3).into(),
                ],
                _ => Vec::new(),
            },
        };
        holding.services = (0..20).map(pooled_service).collect();
        let whatsapp =
            (0..20).map(|n| samples::sender(n, &format!("whatsapp:+1415{:07}", 5_550_100 + n)));
        holding.senders = whatsapp.chain([samples::sender(50, "rcs:brand_agent")]).collect();
        holding.media = vec![samples::media(1), samples::media(2)];
        holding
    }

    fn subaccount(main: AccountSid) -> Holding {
        let mut holding = Holding::empty(2, main, AccountStatus::Active);
        holding.numbers = (1..4).map(|n| samples::number(2_000 + n, holding.account.sid)).collect();
        holding.short_codes = vec![samples::short_code(100, holding.account.sid)];
        holding.applications = vec![samples::application(100)];
        let pool = vec![samples::number_sid(2_001)];
        holding.services = vec![PooledService { service: samples::service(100), pool }];
        holding.senders = vec![samples::sender(100, "whatsapp:+14150002001")];
        holding.media = vec![samples::media(100)];
        holding
    }
}

impl Holding {
    fn empty(n: u32, owner: AccountSid, status: AccountStatus) -> Self {
        let (sid, token) = (samples::account(n), samples::token(n));
        let name = format!("Account {n}");
        Self {
            account: CarrierAccount { sid, name, owner, status, token: Some(token.clone()) },
            token,
            api_key: samples::api_key(n),
            app_owner: None,
            numbers: Vec::new(),
            short_codes: Vec::new(),
            regions: Vec::new(),
            applications: Vec::new(),
            services: Vec::new(),
            senders: Vec::new(),
            media: Vec::new(),
        }
    }

    /// Access with the account's own token.
    pub fn access(&self) -> CarrierAccess {
        CarrierAccess {
            account: self.account.sid,
            region: Region::Us1,
            token: self.token.clone(),
            next_token: None,
            api_key: None,
            parent: None,
        }
    }

    /// Access with an invalid token.
    pub(super) fn wrong(&self) -> CarrierAccess {
        CarrierAccess { token: Secret::new("f".repeat(32)), ..self.access() }
    }

    /// Access with the account's token as the next one, and an invalid first token.
    pub(super) fn by_next(&self) -> CarrierAccess {
        CarrierAccess { next_token: Some(self.token.clone()), ..self.wrong() }
    }

    /// Access with the token of the owner of a Connect app.
    pub(super) fn by_app_owner(&self, owner: &Self) -> CarrierAccess {
        CarrierAccess { token: owner.token.clone(), ..self.access() }
    }

    /// Access with an API key and an invalid token.
    pub(super) fn by_key(&self) -> CarrierAccess {
        CarrierAccess { api_key: Some(self.api_key.clone()), ..self.wrong() }
    }

    /// Access with the token of the owner, and an invalid token of the account itself.
    pub(super) fn by_parent(&self, parent: &Self) -> CarrierAccess {
        let parent = ParentToken { account: parent.account.sid, token: parent.token.clone() };
        CarrierAccess { parent: Some(parent), ..self.wrong() }
    }
}
