//! The laws of [`ImportStore`](switchboard_domain::ports::ImportStore).

use switchboard_domain::ports::ImportCounts;

use crate::concurrent::at_once;
use crate::expect_error::{assert_exists, assert_missing};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// Everything that an import can change, of all organizations.
#[derive(Debug, PartialEq)]
struct Kept {
    accounts: Vec<Account>,
    agents: Vec<Agent>,
    numbers: Vec<Number>,
}

async fn kept(fixture: &Fixture) -> Kept {
    let everything = Scope::Operator;
    let numbers =
        async |page| fixture.numbers().list(&everything, &NumberFilter::default(), &page).await;
    Kept {
        accounts: fixture.accounts().list(&everything, &Page::first(1_000)).await.unwrap(),
        agents: fixture.agents().list(&everything, &Page::first(1_000)).await.unwrap(),
        numbers: pages::all(1_000, |number| number.sender, numbers).await,
    }
}

/// An import without any object.
fn empty(fixture: &Fixture) -> Import {
    Import {
        organization: fixture.ours.clone(),
        accounts: Vec::new(),
        agents: Vec::new(),
        numbers: Vec::new(),
        at: samples::at(500),
    }
}

/// A number of an import.
fn imported(n: u32, account: u32, agent: Option<u32>) -> ImportedNumber {
    ImportedNumber {
        sender: samples::sender(n),
        account: samples::account_sid(account),
        agent: agent.map(|agent| samples::label(&format!("external {agent}"))),
        channels: Channels::VOICE_AND_SMS,
    }
}

/// An import of accounts 1 and 2, agents 1 and 2, and numbers 1 to 3.
fn usual(fixture: &Fixture) -> Import {
    Import {
        accounts: [1, 2].map(|n| samples::account(n, &fixture.ours)).to_vec(),
        agents: [1, 2].map(|n| samples::agent(n, &fixture.ours)).to_vec(),
        numbers: vec![imported(1, 1, Some(1)), imported(2, 2, Some(2)), imported(3, 1, None)],
        ..empty(fixture)
    }
}

/// The stored objects after the usual import into an empty store.
fn expected(fixture: &Fixture) -> Kept {
    let import = usual(fixture);
    let number = |number: &ImportedNumber, agent: Option<usize>| Number {
        sender: number.sender,
        organization: fixture.ours.clone(),
        account: number.account,
        assignment: agent.map(|agent| samples::assignment(&import.agents[agent])),
        created_at: import.at,
    };
    let numbers = vec![
        number(&import.numbers[0], Some(0)),
        number(&import.numbers[1], Some(1)),
        number(&import.numbers[2], None),
    ];
    Kept { accounts: import.accounts, agents: import.agents, numbers }
}

/// Runs an import that must be refused, and checks that nothing has changed.
async fn refuse(fixture: &Fixture, import: &Import) -> Result<ImportCounts, StoreError> {
    let before = kept(fixture).await;
    let result = fixture.imports().import(&fixture.operator, import).await;
    assert_eq!(kept(fixture).await, before, "a refused import left something behind");
    result
}

#[laws(imports::import_laws)]
pub mod laws {
    use super::*;

    /// Accounts, agents and numbers are stored as given, each number with the agent of its external
    /// id.
    pub async fn an_import_brings_accounts_agents_and_numbers(fixture: &Fixture) {
        let counts = fixture.imports().import(&fixture.operator, &usual(fixture)).await.unwrap();
        assert_eq!(counts, ImportCounts { accounts: 2, agents: 2, numbers: 3 });
        assert_eq!(kept(fixture).await, expected(fixture));
    }

    /// Targets, states, long prompts and channels are stored as exactly by an import as when they
    /// are added.
    pub async fn everything_about_an_agent_survives_an_import(fixture: &Fixture) {
        let mut agents = Vec::new();
        let targets = samples::voice_targets().into_iter().zip(samples::message_targets());
        for (n, (voice_target, message_target)) in (1..).zip(targets) {
            let mut agent =
                Agent { prompt: samples::long_prompt(), ..samples::agent(n, &fixture.ours) };
            agent.profile.voice_target = Some(voice_target);
            agent.profile.message_target = Some(message_target);
            agents.push(agent);
        }
        let mut bare = Agent { prompt: Prompt::default(), ..samples::agent(9, &fixture.ours) };
        let external_id = bare.profile.external_id.take();
        bare.profile =
            switchboard_domain::agent::Profile { external_id, ..samples::bare_profile() };
        agents.push(bare);
        let channels = Channels::parse("whatsapp,rcs").unwrap();
        let import = Import {
            agents: agents.clone(),
            numbers: vec![ImportedNumber { channels, ..imported(1, 1, Some(9)) }],
            accounts: vec![samples::account(1, &fixture.ours)],
            ..empty(fixture)
        };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        let kept = kept(fixture).await;
        assert_eq!(kept.agents, agents);
        let assignment = Assignment { agent: samples::agent_id(9), channels };
        assert_eq!(kept.numbers[0].assignment, Some(assignment));
    }

    /// An empty import succeeds.
    pub async fn an_import_of_nothing_brings_nothing(fixture: &Fixture) {
        assert_eq!(
            fixture.imports().import(&fixture.operator, &empty(fixture)).await.unwrap(),
            ImportCounts::default()
        );
        assert_eq!(
            kept(fixture).await,
            Kept { accounts: Vec::new(), agents: Vec::new(), numbers: Vec::new() }
        );
    }

    /// A number may refer to an account and an agent that are stored already.
    pub async fn a_number_of_an_import_can_name_what_is_kept_already(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let import = Import { numbers: vec![imported(1, 1, Some(1))], ..empty(fixture) };
        let counts = fixture.imports().import(&fixture.operator, &import).await.unwrap();
        assert_eq!(counts, ImportCounts { numbers: 1, ..ImportCounts::default() });
        let created =
            Number { created_at: import.at, ..samples::number(1, &account, Some(&agent)) };
        assert_eq!(kept(fixture).await.numbers, [created]);
    }

    /// Repeating an import changes nothing.
    pub async fn an_import_that_is_repeated_changes_nothing(fixture: &Fixture) {
        for second in [0, 1_000] {
            let import = usual(fixture);
            let at = import.at.plus_seconds(second);
            fixture.imports().import(&fixture.operator, &Import { at, ..import }).await.unwrap();
            assert_eq!(kept(fixture).await, expected(fixture));
        }
    }

    /// Existing objects get the imported names, tokens, prompts and assignments, and keep their id
    /// and creation time.
    pub async fn an_import_changes_what_is_there_and_keeps_ids_and_times(fixture: &Fixture) {
        let before = usual(fixture);
        fixture.imports().import(&fixture.operator, &before).await.unwrap();
        let (one, two) = (&before.agents[0], &before.agents[1]);
        let account = Account {
            name: samples::label("renamed"),
            parent: None,
            tokens: samples::account(77, &fixture.ours).tokens,
            created_at: samples::at(900),
            ..before.accounts[0].clone()
        };
        // The agent is identified by its external id. Its id was newly generated for this import.
        let mut agent =
            Agent { id: samples::agent_id(901), created_at: samples::at(901), ..one.clone() };
        agent.profile.name = samples::label("renamed");
        agent.profile.voice_target = None;
        agent.prompt = samples::long_prompt();
        let again = Import {
            accounts: vec![account.clone()],
            agents: vec![agent.clone()],
            numbers: vec![imported(1, 2, Some(2)), imported(2, 2, None), imported(3, 1, Some(1))],
            at: samples::at(902),
            ..empty(fixture)
        };
        let counts = fixture.imports().import(&fixture.operator, &again).await.unwrap();
        assert_eq!(counts, ImportCounts { accounts: 1, agents: 1, numbers: 3 });
        let mut wanted = expected(fixture);
        wanted.accounts[0] = Account { created_at: wanted.accounts[0].created_at, ..account };
        wanted.agents[0] = Agent { id: one.id.clone(), created_at: one.created_at, ..agent };
        wanted.numbers[0].account = before.accounts[1].sid;
        wanted.numbers[0].assignment = Some(samples::assignment(two));
        wanted.numbers[1].assignment = None;
        wanted.numbers[2].assignment = Some(samples::assignment(one));
        assert_eq!(kept(fixture).await, wanted);
    }

    /// An import without a next token, such as one from a file of accounts, does not end a rotation
    /// in progress.
    pub async fn an_import_without_a_next_token_keeps_the_one_that_is_there(fixture: &Fixture) {
        let kept = fixture.account(1, &fixture.ours).await;
        let mut account = samples::account(1, &fixture.ours);
        account.tokens = SealedTokens { primary: samples::sealed(77), next: None };
        let import = Import { accounts: vec![account], ..empty(fixture) };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        let tokens = SealedTokens { primary: samples::sealed(77), ..kept.tokens.clone() };
        let found = fixture.accounts().find(&fixture.us, kept.sid).await.unwrap();
        assert_eq!(found, Some(Account { tokens, ..kept }));
    }

    /// An existing account keeps its API key, region and status, whatever the import contains. A
    /// new account is stored as given.
    pub async fn an_import_keeps_api_key_region_and_status_of_what_is_there(fixture: &Fixture) {
        let kept = fixture.account(1, &fixture.ours).await;
        let silent = |n| Account {
            api_key: None,
            region: Region::default(),
            status: AccountStatus::default(),
            validation: None,
            connection: None,
            ..samples::account(n, &fixture.ours)
        };
        let import = Import { accounts: vec![silent(1), silent(2)], ..empty(fixture) };
        fixture.imports().import(&fixture.operator, &import).await.unwrap();
        let other = AccountStatus::Closed;
        let key = SealedApiKey { sid: samples::api_key_sid(9), secret: samples::sealed(9) };
        let loud = Account { api_key: Some(key), status: other, ..silent(1) };
        fixture
            .imports()
            .import(&fixture.operator, &Import { accounts: vec![loud], ..empty(fixture) })
            .await
            .unwrap();
        let found = fixture.accounts().list(&fixture.us, &Page::first(10)).await.unwrap();
        assert_eq!(found, [kept, silent(2)]);
    }

    /// An agent of another organization with the same external id is not affected.
    pub async fn an_import_leaves_agents_of_another_organization_alone(fixture: &Fixture) {
        let mut theirs = samples::agent(100, &fixture.theirs);
        theirs.profile.external_id = samples::agent(1, &fixture.ours).profile.external_id;
        fixture.agents().add(&fixture.them, &theirs).await.unwrap();
        fixture.imports().import(&fixture.operator, &usual(fixture)).await.unwrap();
        let mut wanted = expected(fixture);
        wanted.agents.push(theirs);
        assert_eq!(kept(fixture).await, wanted);
    }

    /// If one number refers to an unknown agent, nothing is imported.
    pub async fn an_import_with_an_unknown_agent_leaves_nothing_behind(fixture: &Fixture) {
        let mut import = usual(fixture);
        import.numbers.push(imported(4, 1, Some(404)));
        assert_missing(refuse(fixture, &import).await, Entity::Agent);
    }

    /// If one number refers to an unknown account, nothing is imported.
    pub async fn an_import_with_an_unknown_account_leaves_nothing_behind(fixture: &Fixture) {
        let mut import = usual(fixture);
        import.numbers.push(imported(4, 404, None));
        assert_missing(refuse(fixture, &import).await, Entity::Account);
    }

    /// A refused import does not change existing objects either.
    pub async fn a_refused_import_changes_nothing_that_is_there(fixture: &Fixture) {
        fixture.imports().import(&fixture.operator, &usual(fixture)).await.unwrap();
        let mut import = usual(fixture);
        import.accounts[0].name = samples::label("renamed");
        import.agents[0].profile.name = samples::label("renamed");
        import.numbers[0].agent = None;
        import.numbers.push(imported(4, 1, Some(404)));
        assert_missing(refuse(fixture, &import).await, Entity::Agent);
    }

    /// An agent or an account of another organization is unknown.
    pub async fn a_number_of_an_import_cannot_name_what_others_have(fixture: &Fixture) {
        fixture.account(50, &fixture.theirs).await;
        fixture.agent(50, &fixture.theirs).await;
        let by_account = Import { numbers: vec![imported(1, 50, None)], ..usual(fixture) };
        assert_missing(refuse(fixture, &by_account).await, Entity::Account);
        let by_agent = Import { numbers: vec![imported(1, 1, Some(50))], ..usual(fixture) };
        assert_missing(refuse(fixture, &by_agent).await, Entity::Agent);
    }

    /// An agent is identified by its external id, not by its name or id.
    pub async fn a_number_of_an_import_names_its_agent_by_the_external_id_only(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        fixture.account(1, &fixture.ours).await;
        for word in [agent.profile.name.as_str(), agent.id.as_str()] {
            let number =
                ImportedNumber { agent: Some(samples::label(word)), ..imported(1, 1, None) };
            let import = Import { numbers: vec![number], ..empty(fixture) };
            assert_missing(refuse(fixture, &import).await, Entity::Agent);
        }
    }

    /// Numbers refer to an agent without an external id by its own id.
    pub async fn a_number_of_an_import_names_an_agent_without_external_id_by_its_own(
        fixture: &Fixture,
    ) {
        fixture.account(1, &fixture.ours).await;
        let mut agent = samples::agent(7, &fixture.ours);
        agent.profile.external_id = None;
        fixture.agents().add(&samples::operator(), &agent).await.unwrap();
        let label = Some(samples::label(agent.id.as_str()));
        let numbers = vec![ImportedNumber { agent: label, ..imported(1, 1, None) }];
        fixture
            .imports()
            .import(&fixture.operator, &Import { numbers, ..empty(fixture) })
            .await
            .unwrap();
        let kept = kept(fixture).await;
        assert_eq!(kept.numbers[0].assignment.as_ref().unwrap().agent, agent.id);
    }

    /// An account of another organization is not taken over, and nothing of the import comes.
    pub async fn an_import_cannot_take_an_account_of_another_organization(fixture: &Fixture) {
        fixture.account(2, &fixture.theirs).await;
        assert_exists(refuse(fixture, &usual(fixture)).await, Entity::Account);
    }

    /// A number of another organization is not changed, and nothing is imported.
    pub async fn an_import_cannot_take_a_number_of_another_organization(fixture: &Fixture) {
        let account = fixture.account(50, &fixture.theirs).await;
        fixture.number(2, &account, None).await;
        assert_exists(refuse(fixture, &usual(fixture)).await, Entity::Number);
    }

    /// An import requires an existing organization.
    pub async fn an_import_needs_an_organization_that_is_there(fixture: &Fixture) {
        let nowhere = samples::organization(404);
        let import = Import {
            organization: nowhere.clone(),
            accounts: vec![samples::account(1, &nowhere)],
            ..empty(fixture)
        };
        assert_missing(refuse(fixture, &import).await, Entity::Organization);
    }

    /// If many tasks run the same import at the same time, the result is that of one import.
    pub async fn the_same_import_by_many_at_once_ends_as_one(fixture: &Fixture) {
        let results = at_once(|n| {
            let (store, mut import) = (fixture.store(), usual(fixture));
            // Each task generates its own ids for the agents, which are new from its point of view.
            for (place, agent) in (0..).zip(&mut import.agents) {
                agent.id = samples::agent_id(100 * n + place);
            }
            async move { store.imports().import(&samples::operator(), &import).await }
        });
        for result in results.await {
            result.unwrap();
        }
        let mut kept = kept(fixture).await;
        assert_eq!(kept.agents.len(), 2);
        kept.agents.sort_by(|one, two| one.profile.external_id.cmp(&two.profile.external_id));
        let wanted = expected(fixture);
        for (place, agent) in kept.agents.iter_mut().enumerate() {
            let number = &mut kept.numbers[place];
            assert_eq!(number.assignment, Some(samples::assignment(agent)));
            agent.id = wanted.agents[place].id.clone();
            number.assignment = Some(samples::assignment(agent));
        }
        assert_eq!(kept, wanted);
    }

    /// An import can add 5,000 numbers, and another one can change all of them.
    pub async fn an_import_of_five_thousand_numbers_comes_whole(fixture: &Fixture) {
        let agents: Vec<_> = (1..=50).map(|n| samples::agent(n, &fixture.ours)).collect();
        for turn in 0..2 {
            let agent = |n| (n + turn) % 50;
            let import = Import {
                accounts: vec![samples::account(1, &fixture.ours)],
                agents: agents.clone(),
                numbers: (0..5_000).map(|n| imported(n, 1, Some(1 + agent(n)))).collect(),
                ..empty(fixture)
            };
            let counts = fixture.imports().import(&fixture.operator, &import).await.unwrap();
            assert_eq!(counts, ImportCounts { accounts: 1, agents: 50, numbers: 5_000 });
            let number = |n| Number {
                created_at: import.at,
                ..samples::number(n, &import.accounts[0], Some(&agents[agent(n) as usize]))
            };
            let numbers: Vec<_> = (0..5_000).map(number).collect();
            let kept = kept(fixture).await;
            assert!(
                kept.numbers == numbers,
                "some of {} numbers are not as imported",
                kept.numbers.len()
            );
            assert_eq!(kept.agents, agents);
        }
    }
}
