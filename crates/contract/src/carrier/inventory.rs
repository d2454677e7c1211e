//! What a carrier keeps while it is held to the laws.

use switchboard_domain::carrier::ParentToken;

use super::samples;
use crate::prelude::*;

/// Everything that is kept.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// Each account with what it holds. A main account comes before those that it owns.
    pub holdings: Vec<Holding>,
}

/// An account and what it holds.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The account.
    pub account: CarrierAccount,
    /// Its primary auth token.
    pub token: Secret,
    /// Its API key, which does not open accounts and tokens.
    pub api_key: ApiKey,
    /// Its numbers, in no order.
    pub numbers: Vec<CarrierNumber>,
    /// Where calls to some of the numbers are processed; those to the others are in Virginia.
    pub regions: Vec<(PhoneNumber, Region)>,
    /// Its applications, in no order.
    pub applications: Vec<CarrierApplication>,
    /// Its Messaging Services, in no order.
    pub services: Vec<PooledService>,
    /// Its WhatsApp and RCS senders, in no order.
    pub senders: Vec<CarrierSender>,
}

/// A Messaging Service and its pool.
#[derive(Clone, Debug)]
pub struct PooledService {
    /// The service.
    pub service: MessagingService,
    /// The numbers in its pool, in no order.
    pub pool: Vec<NumberSid>,
}

impl Inventory {
    /// A main account with more of everything than fits on a page, a subaccount with a little, a suspended and a
    /// closed one with a number each, and some that hold nothing. The main account has a number that is the
    /// beginning of another one.
    pub fn sample() -> Self {
        let main = samples::account(1);
        let mut holdings = vec![Self::main(main), Self::subaccount(main)];
        for (n, status) in [(3, AccountStatus::Suspended), (4, AccountStatus::Closed)] {
            let mut holding = Holding::empty(n, main, status);
            holding.numbers.push(samples::number(n * 1_000, holding.account.sid));
            holdings.push(holding);
        }
        holdings.extend((5..17).map(|n| Holding::empty(n, main, AccountStatus::Active)));
        Self { holdings }
    }

    fn main(main: AccountSid) -> Holding {
        let mut holding = Holding::empty(1, main, AccountStatus::Active);
        holding.numbers = (0..60).rev().map(|n| samples::number(5_550_100 + n, main)).collect();
        let beginning = PhoneNumber::parse("+1415555010").unwrap();
        holding
            .numbers
            .push(CarrierNumber { phone_number: beginning, ..samples::number(77, main) });
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
                _ => Vec::new(),
            },
        };
        holding.services = (0..20).map(pooled_service).collect();
        let whatsapp =
            (0..20).map(|n| samples::sender(n, &format!("whatsapp:+1415{:07}", 5_550_100 + n)));
        holding.senders = whatsapp.chain([samples::sender(50, "rcs:brand_agent")]).collect();
        holding
    }

    fn subaccount(main: AccountSid) -> Holding {
        let mut holding = Holding::empty(2, main, AccountStatus::Active);
        holding.numbers = (1..4).map(|n| samples::number(2_000 + n, holding.account.sid)).collect();
        holding.applications = vec![samples::application(100)];
        let pool = vec![samples::number_sid(2_001)];
        holding.services = vec![PooledService { service: samples::service(100), pool }];
        holding.senders = vec![samples::sender(100, "whatsapp:+14150002001")];
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
            numbers: Vec::new(),
            regions: Vec::new(),
            applications: Vec::new(),
            services: Vec::new(),
            senders: Vec::new(),
        }
    }

    /// How the account is acted for by its own token.
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

    /// By a token that is nobody's.
    pub(super) fn wrong(&self) -> CarrierAccess {
        CarrierAccess { token: Secret::new("f".repeat(32)), ..self.access() }
    }

    /// By its token as the next one, and a first one that is nobody's.
    pub(super) fn by_next(&self) -> CarrierAccess {
        CarrierAccess { next_token: Some(self.token.clone()), ..self.wrong() }
    }

    /// By an API key, and a token that is nobody's.
    pub(super) fn by_key(&self) -> CarrierAccess {
        CarrierAccess { api_key: Some(self.api_key.clone()), ..self.wrong() }
    }

    /// By the token of the owner, and one of its own that is nobody's.
    pub(super) fn by_parent(&self, parent: &Self) -> CarrierAccess {
        let parent = ParentToken { account: parent.account.sid, token: parent.token.clone() };
        CarrierAccess { parent: Some(parent), ..self.wrong() }
    }
}
