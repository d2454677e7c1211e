//! The laws of [`ImportStore`](switchboard_domain::ports::ImportStore).

use std::sync::Arc;

use switchboard_domain::account::{Account, SealedApiKey, SealedTokens};
use switchboard_domain::agent::{Agent, Prompt};
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    Entity, Import, ImportCounts, ImportedNumber, NumberFilter, Page, StoreError,
};

use crate::crowd::at_once;
use crate::{World, pages, refused, samples};

/// Everything that an import can change, of every organization.
#[derive(Debug, PartialEq)]
struct Kept {
    accounts: Vec<Account>,
    agents: Vec<Agent>,
    numbers: Vec<Number>,
}

async fn kept(world: &World) -> Kept {
    let everything = Scope::Operator;
    let numbers =
        async |page| world.numbers.list(&everything, &NumberFilter::default(), &page).await;
    Kept {
        accounts: world.accounts.list(&everything, &Page::first(1_000)).await.unwrap(),
        agents: world.agents.list(&everything, &Page::first(1_000)).await.unwrap(),
        numbers: pages::all(1_000, |number| number.phone_number, numbers).await,
    }
}

/// An import of nothing.
fn empty(world: &World) -> Import {
    Import {
        organization: world.ours.clone(),
        accounts: Vec::new(),
        agents: Vec::new(),
        numbers: Vec::new(),
        at: samples::at(500),
    }
}

/// A number of an import.
fn imported(n: u32, account: u32, agent: Option<u32>) -> ImportedNumber {
    ImportedNumber {
        phone_number: samples::phone(n),
        account: samples::account_sid(account),
        agent: agent.map(|agent| samples::label(&format!("external {agent}"))),
        channels: Channels::VOICE_AND_SMS,
    }
}

/// An import of accounts 1 and 2, agents 1 and 2 and numbers 1 to 3.
fn usual(world: &World) -> Import {
    Import {
        accounts: [1, 2].map(|n| samples::account(n, &world.ours)).to_vec(),
        agents: [1, 2].map(|n| samples::agent(n, &world.ours)).to_vec(),
        numbers: vec![imported(1, 1, Some(1)), imported(2, 2, Some(2)), imported(3, 1, None)],
        ..empty(world)
    }
}

/// What is kept once the usual import came to an empty store.
fn expected(world: &World) -> Kept {
    let import = usual(world);
    let number = |number: &ImportedNumber, agent: Option<usize>| Number {
        phone_number: number.phone_number,
        organization: world.ours.clone(),
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

/// Tries an import that must be refused, and finds everything as it was before.
async fn refuse(world: &World, import: &Import) -> Result<ImportCounts, StoreError> {
    let before = kept(world).await;
    let result = world.imports.import(import).await;
    assert_eq!(kept(world).await, before, "a refused import left something behind");
    result
}

laws! {
    $
    /// Stamps the laws of `ImportStore` on a harness.
    import_laws in imports;

    /// Accounts, agents and numbers come as they are named, each number with the agent of its external id.
    async fn an_import_brings_accounts_agents_and_numbers(world: &World) {
        let counts = world.imports.import(&usual(world)).await.unwrap();
        assert_eq!(counts, ImportCounts { accounts: 2, agents: 2, numbers: 3 });
        assert_eq!(kept(world).await, expected(world));
    }

    /// Targets, states, long prompts and channels survive an import as they survive being added.
    async fn everything_about_an_agent_survives_an_import(world: &World) {
        let mut agents = Vec::new();
        let targets = samples::voice_targets().into_iter().zip(samples::message_targets());
        for (n, (voice_target, message_target)) in (1..).zip(targets) {
            let mut agent =
                Agent { prompt: samples::long_prompt(), ..samples::agent(n, &world.ours) };
            agent.profile.voice_target = Some(voice_target);
            agent.profile.message_target = Some(message_target);
            agents.push(agent);
        }
        let mut bare = Agent { prompt: Prompt::default(), ..samples::agent(9, &world.ours) };
        let external_id = bare.profile.external_id.take();
        bare.profile =
            switchboard_domain::agent::Profile { external_id, ..samples::bare_profile() };
        agents.push(bare);
        let channels = Channels::parse("whatsapp,rcs").unwrap();
        let import = Import {
            agents: agents.clone(),
            numbers: vec![ImportedNumber { channels, ..imported(1, 1, Some(9)) }],
            accounts: vec![samples::account(1, &world.ours)],
            ..empty(world)
        };
        world.imports.import(&import).await.unwrap();
        let kept = kept(world).await;
        assert_eq!(kept.agents, agents);
        let assignment = Assignment { agent: samples::agent_id(9), channels };
        assert_eq!(kept.numbers[0].assignment, Some(assignment));
    }

    /// Nothing to bring is nothing to fail about.
    async fn an_import_of_nothing_brings_nothing(world: &World) {
        assert_eq!(world.imports.import(&empty(world)).await.unwrap(), ImportCounts::default());
        assert_eq!(
            kept(world).await,
            Kept { accounts: Vec::new(), agents: Vec::new(), numbers: Vec::new() }
        );
    }

    /// A number may name an account and an agent that are kept already.
    async fn a_number_of_an_import_can_name_what_is_kept_already(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        let import = Import { numbers: vec![imported(1, 1, Some(1))], ..empty(world) };
        let counts = world.imports.import(&import).await.unwrap();
        assert_eq!(counts, ImportCounts { numbers: 1, ..ImportCounts::default() });
        let created =
            Number { created_at: import.at, ..samples::number(1, &account, Some(&agent)) };
        assert_eq!(kept(world).await.numbers, [created]);
    }

    /// The same import again changes nothing.
    async fn an_import_that_is_repeated_changes_nothing(world: &World) {
        for second in [0, 1_000] {
            let import = usual(world);
            let at = import.at.plus_seconds(second);
            world.imports.import(&Import { at, ..import }).await.unwrap();
            assert_eq!(kept(world).await, expected(world));
        }
    }

    /// What is there takes names, tokens, prompts and assignments, and keeps its id and its time of creation.
    async fn an_import_changes_what_is_there_and_keeps_ids_and_times(world: &World) {
        let before = usual(world);
        world.imports.import(&before).await.unwrap();
        let (one, two) = (&before.agents[0], &before.agents[1]);
        let account = Account {
            name: samples::label("renamed"),
            parent: None,
            tokens: samples::account(77, &world.ours).tokens,
            created_at: samples::at(900),
            ..before.accounts[0].clone()
        };
        // The platform knows the agent by its external id; ours was made anew for this import.
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
            ..empty(world)
        };
        let counts = world.imports.import(&again).await.unwrap();
        assert_eq!(counts, ImportCounts { accounts: 1, agents: 1, numbers: 3 });
        let mut wanted = expected(world);
        wanted.accounts[0] = Account { created_at: wanted.accounts[0].created_at, ..account };
        wanted.agents[0] = Agent { id: one.id.clone(), created_at: one.created_at, ..agent };
        wanted.numbers[0].account = before.accounts[1].sid;
        wanted.numbers[0].assignment = Some(samples::assignment(two));
        wanted.numbers[1].assignment = None;
        wanted.numbers[2].assignment = Some(samples::assignment(one));
        assert_eq!(kept(world).await, wanted);
    }

    /// An import that speaks of no next token, as a file of accounts does, ends no rotation of tokens that is
    /// under way.
    async fn an_import_without_a_next_token_keeps_the_one_that_is_there(world: &World) {
        let kept = world.account(1, &world.ours).await;
        let mut account = samples::account(1, &world.ours);
        account.tokens = SealedTokens { primary: samples::sealed(77), next: None };
        let import = Import { accounts: vec![account], ..empty(world) };
        world.imports.import(&import).await.unwrap();
        let tokens = SealedTokens { primary: samples::sealed(77), ..kept.tokens.clone() };
        let found = world.accounts.find(&world.us, kept.sid).await.unwrap();
        assert_eq!(found, Some(Account { tokens, ..kept }));
    }

    /// What an import does not speak of stays as it was, whatever the accounts of the import say of it; an
    /// account that is new comes as it is.
    async fn an_import_keeps_api_key_region_and_status_of_what_is_there(world: &World) {
        let kept = world.account(1, &world.ours).await;
        let silent = |n| Account {
            api_key: None,
            region: Region::default(),
            status: AccountStatus::default(),
            ..samples::account(n, &world.ours)
        };
        let import = Import { accounts: vec![silent(1), silent(2)], ..empty(world) };
        world.imports.import(&import).await.unwrap();
        let other = AccountStatus::Closed;
        let key = SealedApiKey { sid: samples::api_key_sid(9), secret: samples::sealed(9) };
        let loud = Account { api_key: Some(key), status: other, ..silent(1) };
        world.imports.import(&Import { accounts: vec![loud], ..empty(world) }).await.unwrap();
        let found = world.accounts.list(&world.us, &Page::first(10)).await.unwrap();
        assert_eq!(found, [kept, silent(2)]);
    }

    /// An agent of another organization that has the same external id is somebody else.
    async fn an_import_leaves_agents_of_another_organization_alone(world: &World) {
        let mut theirs = samples::agent(100, &world.theirs);
        theirs.profile.external_id = samples::agent(1, &world.ours).profile.external_id;
        world.agents.add(&world.them, &theirs).await.unwrap();
        world.imports.import(&usual(world)).await.unwrap();
        let mut wanted = expected(world);
        wanted.agents.push(theirs);
        assert_eq!(kept(world).await, wanted);
    }

    /// All or nothing: one number of an agent that nobody knows, and no account, agent or number comes.
    async fn an_import_with_an_unknown_agent_leaves_nothing_behind(world: &World) {
        let mut import = usual(world);
        import.numbers.push(imported(4, 1, Some(404)));
        refused::missing(refuse(world, &import).await, Entity::Agent);
    }

    /// All or nothing: one number of an account that nobody knows, and no account, agent or number comes.
    async fn an_import_with_an_unknown_account_leaves_nothing_behind(world: &World) {
        let mut import = usual(world);
        import.numbers.push(imported(4, 404, None));
        refused::missing(refuse(world, &import).await, Entity::Account);
    }

    /// All or nothing holds for what is there as well: a refused import changes none of it.
    async fn a_refused_import_changes_nothing_that_is_there(world: &World) {
        world.imports.import(&usual(world)).await.unwrap();
        let mut import = usual(world);
        import.accounts[0].name = samples::label("renamed");
        import.agents[0].profile.name = samples::label("renamed");
        import.numbers[0].agent = None;
        import.numbers.push(imported(4, 1, Some(404)));
        refused::missing(refuse(world, &import).await, Entity::Agent);
    }

    /// An agent or an account of another organization is unknown here.
    async fn a_number_of_an_import_cannot_name_what_others_have(world: &World) {
        world.account(50, &world.theirs).await;
        world.agent(50, &world.theirs).await;
        let by_account = Import { numbers: vec![imported(1, 50, None)], ..usual(world) };
        refused::missing(refuse(world, &by_account).await, Entity::Account);
        let by_agent = Import { numbers: vec![imported(1, 1, Some(50))], ..usual(world) };
        refused::missing(refuse(world, &by_agent).await, Entity::Agent);
    }

    /// An agent is named by its external id and not by its name or its key.
    async fn a_number_of_an_import_names_its_agent_by_the_external_id_only(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        world.account(1, &world.ours).await;
        for word in [agent.profile.name.as_str(), agent.id.as_str()] {
            let number =
                ImportedNumber { agent: Some(samples::label(word)), ..imported(1, 1, None) };
            let import = Import { numbers: vec![number], ..empty(world) };
            refused::missing(refuse(world, &import).await, Entity::Agent);
        }
    }

    /// An account of another organization is not taken over, and nothing of the import comes.
    async fn an_import_cannot_take_an_account_of_another_organization(world: &World) {
        world.account(2, &world.theirs).await;
        refused::exists(refuse(world, &usual(world)).await, Entity::Account);
    }

    /// A number of another organization is not taken over, and nothing of the import comes.
    async fn an_import_cannot_take_a_number_of_another_organization(world: &World) {
        let account = world.account(50, &world.theirs).await;
        world.number(2, &account, None).await;
        refused::exists(refuse(world, &usual(world)).await, Entity::Number);
    }

    /// An import needs a tenant that is there.
    async fn an_import_needs_an_organization_that_is_there(world: &World) {
        let nowhere = samples::organization(404);
        let import = Import {
            organization: nowhere.clone(),
            accounts: vec![samples::account(1, &nowhere)],
            ..empty(world)
        };
        refused::missing(refuse(world, &import).await, Entity::Organization);
    }

    /// The same import by many at once is as if one of them had made it.
    async fn the_same_import_by_many_at_once_ends_as_one(world: &World) {
        let results = at_once(|n| {
            let (imports, mut import) = (Arc::clone(&world.imports), usual(world));
            // Each of them made its own keys for agents that it took to be new.
            for (place, agent) in (0..).zip(&mut import.agents) {
                agent.id = samples::agent_id(100 * n + place);
            }
            async move { imports.import(&import).await }
        });
        for result in results.await {
            result.unwrap();
        }
        let mut kept = kept(world).await;
        assert_eq!(kept.agents.len(), 2);
        kept.agents.sort_by(|one, two| one.profile.external_id.cmp(&two.profile.external_id));
        let wanted = expected(world);
        for (place, agent) in kept.agents.iter_mut().enumerate() {
            let number = &mut kept.numbers[place];
            assert_eq!(number.assignment, Some(samples::assignment(agent)));
            agent.id = wanted.agents[place].id.clone();
            number.assignment = Some(samples::assignment(agent));
        }
        assert_eq!(kept, wanted);
    }

    /// Five thousand numbers come in one import, and change in another one.
    async fn an_import_of_five_thousand_numbers_comes_whole(world: &World) {
        let agents: Vec<_> = (1..=50).map(|n| samples::agent(n, &world.ours)).collect();
        for turn in 0..2 {
            let agent = |n| (n + turn) % 50;
            let import = Import {
                accounts: vec![samples::account(1, &world.ours)],
                agents: agents.clone(),
                numbers: (0..5_000).map(|n| imported(n, 1, Some(1 + agent(n)))).collect(),
                ..empty(world)
            };
            let counts = world.imports.import(&import).await.unwrap();
            assert_eq!(counts, ImportCounts { accounts: 1, agents: 50, numbers: 5_000 });
            let number = |n| Number {
                created_at: import.at,
                ..samples::number(n, &import.accounts[0], Some(&agents[agent(n) as usize]))
            };
            let numbers: Vec<_> = (0..5_000).map(number).collect();
            let kept = kept(world).await;
            assert!(
                kept.numbers == numbers,
                "some of {} numbers are not as imported",
                kept.numbers.len()
            );
            assert_eq!(kept.agents, agents);
        }
    }
}
