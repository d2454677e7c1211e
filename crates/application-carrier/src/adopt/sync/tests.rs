use switchboard_domain::address::Address;
use switchboard_domain::carrier::{
    CarrierApplication, CarrierSender, InboundWebhook, MessagingService,
};
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{Entity, MockImportStore};
use switchboard_domain::sid::{ApplicationSid, SenderSid, ServiceSid};

use super::{Adopted, Discovery, SyncAccounts, SyncError};
use crate::OperationError;
use crate::adopt::{Inventory, NumberDiff, Proposal, UrlOwner};
use crate::configuration::OpenAccess;
use crate::test_prelude::*;
use switchboard_application_management::ManageError;

const OLD: &str = "https://old.example.com/api/twilio/voice?agentId=";

/// A stored main account, and subaccounts that are not stored.
struct Fixture {
    store: Arc<MemoryStore>,
    carrier: Arc<MemoryCarrier>,
}

impl Fixture {
    async fn new() -> Self {
        let fixture = Self { store: Arc::default(), carrier: Arc::new(MemoryCarrier::new()) };
        add_account(&fixture.store, '1').await;
        fixture.account('1', "first-token", AccountStatus::Active);
        fixture
    }

    fn account(&self, digit: char, token: &str, status: AccountStatus) {
        self.carrier.add_account(CarrierAccount {
            sid: sid(digit),
            name: format!("There {digit}"),
            owner: sid('1'),
            status,
            token: Some(Secret::new(token.to_owned())),
        });
    }

    fn number(&self, account: char, text: &str, set: &[(Field, &str)]) -> NumberSid {
        let digits = format!("{:0>32}", text.trim_start_matches('+'));
        let sid = NumberSid::parse(&format!("PN{digits}")).unwrap();
        let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Number);
        let mut configuration: Configuration = fields.map(|field| (field, "")).collect();
        for (field, value) in set {
            configuration.extend([(*field, *value)]);
        }
        self.carrier.add_number(CarrierNumber {
            sid,
            sender: number(text),
            account: switchboard_application_management::fixtures::sid(account),
            capabilities: Capabilities { voice: true, sms: true, mms: true },
            configuration,
        });
        sid
    }

    fn syncing(&self) -> SyncAccounts {
        let keyring = sealer().keyring;
        let public = PublicUrl::parse("https://voice.example.com").unwrap();
        SyncAccounts {
            access: OpenAccess { accounts: self.store.clone(), keyring },
            carrier: self.carrier.clone(),
            numbers: self.store.clone(),
            agents: self.store.clone(),
            imports: self.store.clone(),
            sealer: sealer(),
            urls: Arc::new(WebhookUrls::below(&public)),
            clock: clock(),
        }
    }

    async fn discover(&self) -> Discovery {
        self.syncing().discover(&operator(), sid('1')).await.unwrap()
    }

    async fn adopt(&self) -> Adopted {
        self.syncing().adopt(&operator(), &self.discover().await).await.unwrap()
    }

    async fn stored_number(&self, text: &str) -> Option<Number> {
        NumberStore::find(self.store.as_ref(), &operator(), number(text)).await.unwrap()
    }

    async fn stored_account(&self, digit: char) -> Option<Account> {
        AccountStore::find(self.store.as_ref(), &operator(), sid(digit)).await.unwrap()
    }
}

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let fixture = Fixture::new().await;
    fixture.account('2', "sub-token", AccountStatus::Active);
    let url = format!("{OLD}c1");
    fixture.number('1', "+14155550100", &[(Field::VoiceUrl, &url)]);
    fixture.number('2', "+14155550101", &[(Field::VoiceUrl, &url), (Field::SmsUrl, &url)]);
    fixture.number('2', "+14155550102", &[(Field::VoiceUrl, "https://foreign.example.com")]);
    fixture.number('2', "+14155550103", &[(Field::VoiceUrl, &format!("{OLD}c9"))]);
    let agent = add_agent(&fixture.store, 1, "Sales", Some("c1")).await;

    let discovery = fixture.discover().await;
    assert_eq!(discovery.unknown_agents(), ["c9"]);
    assert!(fixture.stored_account('2').await.is_none(), "the discovery changed something");

    let adopted = fixture.adopt().await;
    assert_eq!(adopted, Adopted { accounts: 1, numbers: 4, assigned: 2, ..Adopted::default() });
    let account = fixture.stored_account('2').await.unwrap();
    assert_eq!((account.name.as_str(), account.parent), ("There 2", Some(sid('1'))));
    assert_eq!(open_primary(&sealer().keyring, &account).unwrap().expose(), "sub-token");
    let assigned = fixture.stored_number("+14155550100").await.unwrap().assignment.unwrap();
    assert_eq!(
        (&assigned.agent, assigned.channels),
        (&agent.id, Channels::parse("voice").unwrap())
    );
    let assigned = fixture.stored_number("+14155550101").await.unwrap().assignment.unwrap();
    assert_eq!(assigned.channels, Channels::VOICE_AND_SMS);
    for unassigned in ["+14155550102", "+14155550103"] {
        let stored_number = fixture.stored_number(unassigned).await.unwrap();
        assert_eq!((stored_number.account, stored_number.assignment), (sid('2'), None));
    }
    assert!(fixture.carrier.writes().is_empty());
    assert_eq!(fixture.adopt().await, Adopted::default());
}

#[tokio::test]
async fn an_agent_without_an_external_id_is_found_by_its_id() {
    let fixture = Fixture::new().await;
    let agent = add_agent(&fixture.store, 1, "Sales", None).await;
    fixture.number('1', "+14155550100", &[(Field::SmsUrl, &format!("{OLD}{}", agent.id))]);
    assert_eq!(fixture.adopt().await, Adopted { numbers: 1, assigned: 1, ..Adopted::default() });
    let assigned = fixture.stored_number("+14155550100").await.unwrap().assignment.unwrap();
    assert_eq!((assigned.agent, assigned.channels), (agent.id, Channels::parse("sms").unwrap()));
}

#[tokio::test]
async fn an_agent_that_is_added_later_gets_its_numbers() {
    let fixture = Fixture::new().await;
    fixture.number('1', "+14155550100", &[(Field::VoiceUrl, &format!("{OLD}c1"))]);
    assert_eq!(fixture.adopt().await, Adopted { numbers: 1, ..Adopted::default() });
    add_agent(&fixture.store, 1, "c1", Some("other")).await;
    assert_eq!(fixture.adopt().await, Adopted::default(), "a name is no id");
    add_agent(&fixture.store, 2, "Sales", Some("c1")).await;
    assert_eq!(fixture.adopt().await, Adopted { assigned: 1, ..Adopted::default() });
}

#[tokio::test]
async fn moved_and_gone_numbers_are_reported_and_stay_unchanged() {
    let fixture = Fixture::new().await;
    fixture.account('2', "sub-token", AccountStatus::Active);
    fixture.number('2', "+14155550100", &[]);
    add_number(&fixture.store, "+14155550100", '1').await;
    add_number(&fixture.store, "+14155550101", '1').await;
    let discovery = fixture.discover().await;
    let found: Vec<_> = discovery
        .numbers()
        .map(|(account, number)| (account.sid, number.sender, number.diff))
        .collect();
    let expected = [
        (sid('1'), number("+14155550101"), NumberDiff::Gone),
        (sid('2'), number("+14155550100"), NumberDiff::Moved(sid('1'))),
    ];
    assert_eq!(found, expected);
    assert_eq!(fixture.adopt().await, Adopted { accounts: 1, ..Adopted::default() });
    assert_eq!(fixture.stored_number("+14155550100").await.unwrap().account, sid('1'));
    assert!(fixture.stored_number("+14155550101").await.is_some());
}

#[tokio::test]
async fn suspended_accounts_are_added_and_closed_ones_are_not() {
    let fixture = Fixture::new().await;
    fixture.account('2', "sub-token", AccountStatus::Suspended);
    fixture.account('3', "sub-token", AccountStatus::Closed);
    assert_eq!(fixture.adopt().await, Adopted { accounts: 1, ..Adopted::default() });
    assert_eq!(fixture.stored_account('2').await.unwrap().status, AccountStatus::Suspended);
    assert!(fixture.stored_account('3').await.is_none());
    fixture.carrier.change_account(sid('2'), |account| account.status = AccountStatus::Active);
    assert_eq!(fixture.adopt().await, Adopted { statuses: 1, ..Adopted::default() });
    assert_eq!(fixture.stored_account('2').await.unwrap().status, AccountStatus::Active);
}

#[tokio::test]
async fn an_unreachable_account_does_not_prevent_the_import_of_others() {
    let fixture = Fixture::new().await;
    for digit in ['2', '3', '4'] {
        fixture.account(digit, "sub-token", AccountStatus::Active);
    }
    fixture.carrier.make_unreachable(sid('2'));
    fixture.carrier.change_account(sid('4'), |account| account.token = None);
    fixture.number('3', "+14155550100", &[]);
    let discovery = fixture.discover().await;
    let errors: Vec<_> = discovery
        .accounts
        .iter()
        .filter_map(|account| match &account.inventory {
            Inventory::Unreachable(error) => {
                Some((account.sid, Causes(error.as_ref()).to_string()))
            }
            Inventory::Listed(_) | Inventory::Inactive => None,
        })
        .collect();
    assert_eq!((errors[0].0, errors[1].0, errors.len()), (sid('2'), sid('4'), 2));
    assert!(errors[0].1.contains("cannot be reached"), "{errors:?}");
    assert!(errors[1].1.contains("does not return the auth token"), "{errors:?}");
    let adopted = fixture.syncing().adopt(&operator(), &discovery).await.unwrap();
    assert_eq!(adopted, Adopted { accounts: 2, numbers: 1, ..Adopted::default() });
    assert!(fixture.stored_account('4').await.is_none());
}

#[tokio::test]
async fn an_unreachable_main_account_is_an_error() {
    let fixture = Fixture::new().await;
    fixture.carrier.fail_next(1, Failure::Unauthorized);
    let error = fixture.syncing().discover(&operator(), sid('1')).await.unwrap_err();
    assert!(matches!(error, SyncError::Operation(OperationError::Carrier { .. })));
    let error = fixture.syncing().discover(&operator(), sid('7')).await.unwrap_err();
    let SyncError::Operation(OperationError::Manage(error)) = error else { panic!("{error:?}") };
    assert!(matches!(error, ManageError::AccountUnknown { .. }));
}

#[tokio::test]
async fn only_selected_accounts_and_numbers_are_imported() {
    let fixture = Fixture::new().await;
    for digit in ['2', '3', '4'] {
        fixture.account(digit, "sub-token", AccountStatus::Active);
    }
    fixture.number('2', "+14155550100", &[]);
    fixture.number('2', "+14155550101", &[]);
    fixture.number('3', "+14155550102", &[]);
    let mut discovery = fixture.discover().await;
    discovery.only(&[sid('3')], &[number("+14155550101")]);
    let adopted = fixture.syncing().adopt(&operator(), &discovery).await.unwrap();
    assert_eq!(adopted, Adopted { accounts: 2, numbers: 2, ..Adopted::default() });
    assert!(fixture.stored_number("+14155550100").await.is_none());
    assert!(fixture.stored_account('4').await.is_none());
}

#[tokio::test]
async fn applications_and_trunks_override_urls() {
    let fixture = Fixture::new().await;
    let digits = "0".repeat(32);
    let application = |last: char| format!("AP{}{last}", &digits[1..]);
    fixture.carrier.add_application(
        sid('1'),
        CarrierApplication {
            sid: ApplicationSid::parse(&application('1')).unwrap(),
            name: "Old".to_owned(),
            voice_url: format!("{OLD}c1"),
            sms_url: String::new(),
        },
    );
    let url = "https://voice.example.com/api/twilio/voice";
    fixture.number(
        '1',
        "+14155550100",
        &[(Field::VoiceUrl, url), (Field::VoiceApplicationSid, &application('1'))],
    );
    let gone = application('2');
    fixture.number(
        '1',
        "+14155550101",
        &[(Field::VoiceUrl, url), (Field::TrunkSid, "TK1"), (Field::SmsApplicationSid, &gone)],
    );
    fixture.number('1', "+14155550102", &[(Field::VoiceUrl, url)]);
    let discovery = fixture.discover().await;
    let found: Vec<_> =
        discovery.numbers().map(|(_, number)| (&number.voice, &number.messages)).collect();
    let legacy = UrlOwner::Legacy("c1".to_owned());
    let expected = [
        (&legacy, &UrlOwner::Unset),
        (&UrlOwner::Foreign, &UrlOwner::Foreign),
        (&UrlOwner::Ours, &UrlOwner::Unset),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn services_and_senders_are_counted_and_legacy_urls_of_senders_are_read() {
    let fixture = Fixture::new().await;
    add_agent(&fixture.store, 1, "Sales", Some("c1")).await;
    let pooled = fixture.number('1', "+14155550100", &[]);
    let digits = "0".repeat(32);
    let service = MessagingService {
        sid: ServiceSid::parse(&format!("MG{digits}")).unwrap(),
        name: "Service".to_owned(),
        inbound_webhook: InboundWebhook::Number,
        inbound_url: String::new(),
    };
    fixture.carrier.add_service(sid('1'), service, [pooled]);
    let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Sender);
    let configuration: Configuration = fields.map(|field| (field, "")).collect();
    let sender = CarrierSender {
        sid: SenderSid::parse(&format!("XE{digits}")).unwrap(),
        address: Address::parse("whatsapp:+14155550100").unwrap(),
        configuration: Configuration::new()
            .with(Field::SenderCallbackUrl, format!("{OLD}c1"))
            .or(&configuration),
    };
    fixture.carrier.add_sender(sid('1'), sender);
    let discovery = fixture.discover().await;
    let Inventory::Listed(contents) = &discovery.accounts[0].inventory else {
        panic!("{discovery:?}")
    };
    assert_eq!((contents.services, contents.senders), (1, 1));
    let whatsapp = Channels::parse("whatsapp").unwrap();
    let proposal = &contents.numbers[0].proposal;
    assert!(matches!(proposal, Proposal::Agent(_, channels) if *channels == whatsapp));
}

#[tokio::test]
async fn an_account_or_number_of_another_organization_is_refused() {
    let fixture = Fixture::new().await;
    fixture.number('1', "+14155550100", &[]);
    let discovery = fixture.discover().await;
    let mut imports = MockImportStore::new();
    imports.expect_import().returning(|_, _| Err(StoreError::Exists { entity: Entity::Number }));
    let syncing = SyncAccounts { imports: Arc::new(imports), ..fixture.syncing() };
    let error = syncing.adopt(&operator(), &discovery).await.unwrap_err();
    assert!(matches!(error, SyncError::OtherOrganization));
}
