//! Whatever is stored, its export imported elsewhere makes the same export.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use switchboard_domain::agent::{
    Agent, AgentParameters, AgentState, ChatModel, Label, MessageTarget, Profile, Prompt,
    RelayAttributes, Reply, TemplateVariables, TokenLimits, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Assignment, RepairPolicy};
use switchboard_domain::ports::{AgentLimits, AgentStore, CatalogueStore, ConfigurationStore};
use switchboard_domain::sid::ContentSid;
use switchboard_domain::web_address::{StreamUrl, WebUrl};

use super::Exported;
use super::tests::{export, import};
use crate::test_prelude::*;

/// An agent and its limits. The external id is left to the test, because it is unique.
#[derive(Clone, Debug)]
struct Drawn {
    profile: Profile,
    prompt: Prompt,
    limits: AgentLimits,
    has_external_id: bool,
}

/// A text as people write it, with what CSV, forms and XML give a meaning to.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Zäß東 ,;\"'&=%+<>{}#@-]{1,20}".prop_filter("blank", |text| !text.trim().is_empty())
}

fn some_label() -> impl Strategy<Value = Label> {
    text().prop_map(|text| label(&text))
}

fn voice_target() -> impl Strategy<Value = VoiceTarget> {
    let stream = || StreamUrl::parse("wss://voice.example.com/s").unwrap();
    let web = WebUrl::parse("https://example.com/twiml?x=1&y=%20").unwrap();
    prop_oneof![
        Just(VoiceTarget::Stream(stream())),
        Just(VoiceTarget::ConversationRelay(stream())),
        Just(VoiceTarget::Redirect(web.clone())),
        Just(VoiceTarget::Twilio(web)),
        Just(VoiceTarget::Dial(number("+14155550199").as_number().unwrap())),
    ]
}

fn message_target() -> impl Strategy<Value = MessageTarget> {
    let web = WebUrl::parse("https://example.com/sms").unwrap();
    prop_oneof![
        text().prop_map(|text| MessageTarget::Reply(Reply::parse_message(&text).unwrap())),
        Just(MessageTarget::Redirect(web.clone())),
        Just(MessageTarget::Webhook(web.clone())),
        Just(MessageTarget::Twilio(web.clone())),
        (some_label(), 1..9_000_u32).prop_map(move |(model, tokens)| {
            let limits = TokenLimits {
                reply: TokenLimits::parse(&tokens.to_string()).unwrap(),
                ..TokenLimits::default()
            };
            MessageTarget::ChatModel(ChatModel { url: web.clone(), model, limits })
        }),
    ]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let parameters = vec(("[a-z]{1,8}", text()), 0..4).prop_map(|pairs| {
        let unique: std::collections::BTreeMap<_, _> = pairs.into_iter().collect();
        AgentParameters::new(unique.into_iter().map(|(name, value)| (format!("p-{name}"), value)))
            .unwrap()
    });
    let relay_names = ["welcomeGreeting", "language.es-ES.voice", "language.multi.hints"];
    let relay = btree_map(proptest::sample::select(relay_names.to_vec()), text(), 0..3).prop_map(
        |attributes| {
            RelayAttributes::new(
                attributes.into_iter().map(|(name, value)| (name.to_owned(), value)),
            )
            .unwrap()
        },
    );
    let limits = (option::of(1..50_u32), option::of(text()), any::<bool>()).prop_map(
        |(capacity, hours, has_health)| AgentLimits {
            capacity,
            hours: hours.map(Into::into),
            health_url: has_health
                .then(|| WebUrl::parse("https://voice.example.com/health").unwrap()),
        },
    );
    let texts = (
        some_label(),
        option::of(some_label()),
        option::of(some_label()),
        option::of(some_label()),
    );
    let relay = (relay, option::of(text()));
    let more = (parameters, relay, limits, "[ -~\r\n]{0,40}", any::<bool>(), any::<bool>());
    (texts, option::of(voice_target()), option::of(message_target()), more).prop_map(
        |((name, voice, model, language), voice_target, message_target, more)| {
            let (parameters, (relay, variable), limits, prompt, is_enabled, has_external_id) = more;
            let whatsapp_template = variable.map(|value| WhatsAppTemplate {
                content: ContentSid::parse(&format!("HX{}", "0".repeat(32))).unwrap(),
                variables: TemplateVariables::new([("1".to_owned(), value)]).unwrap(),
            });
            let state = if is_enabled { AgentState::Enabled } else { AgentState::Disabled };
            let profile = Profile {
                name,
                external_id: None,
                voice,
                model,
                language,
                parameters,
                relay,
                voice_target,
                message_target,
                whatsapp_template,
                state,
            };
            let prompt = Prompt::parse(&prompt).unwrap();
            Drawn { profile, prompt, limits, has_external_id }
        },
    )
}

/// Accounts 1 and 2, these agents, and numbers that are assigned to them for some channels.
async fn filled(
    agents: &[Drawn],
    numbers: &[(usize, bool, bool)],
    is_in_ireland: bool,
) -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    let scope = operator();
    add_account(&store, '1').await;
    add_account(&store, '2').await;
    if is_in_ireland {
        let region = Some("ie1".parse::<Region>().unwrap());
        let change =
            AccountChange { parent: Edit::Set(sid('1')), region, ..AccountChange::default() };
        accounts(&store).change(&scope, sid('2'), change).await.unwrap();
    }
    let mut ids = Vec::new();
    for (index, drawn) in agents.iter().enumerate() {
        let external_id = drawn.has_external_id.then(|| label(&format!("agent {index}")));
        let agent = Agent {
            id: AgentId::parse(&format!("agt_{index:026}")).unwrap(),
            organization: default_organization(),
            profile: Profile { external_id, ..drawn.profile.clone() },
            prompt: drawn.prompt.clone(),
            created_at: Timestamp::from_seconds(1_795_000_000),
        };
        AgentStore::add(store.as_ref(), &scope, &agent).await.unwrap();
        store.set_limits(&scope, &agent.id, &drawn.limits).await.unwrap();
        ids.push(agent.id);
    }
    for (index, (agent, is_voice_only, is_automatic)) in numbers.iter().enumerate() {
        let text = format!("+1415555{index:04}");
        add_number(&store, &text, '2').await;
        let number = number(&text);
        if let Some(agent) = ids.get(*agent) {
            let channels = if *is_voice_only { "voice" } else { "sms,voice,whatsapp" };
            let channels = Channels::parse(channels).unwrap();
            let assignment = Assignment { agent: agent.clone(), channels };
            NumberStore::assign(store.as_ref(), &scope, number, Some(assignment)).await.unwrap();
        }
        if *is_automatic {
            store.set_policy(&scope, number, RepairPolicy::Automatic).await.unwrap();
        }
    }
    store
}

/// The rows as text, without tokens.
fn shown(exported: &Exported) -> String {
    let numbers: Vec<_> = exported
        .numbers
        .iter()
        .map(|row| {
            (
                &row.phone_number,
                &row.account_sid,
                &row.agent_external_id,
                &row.channels,
                &row.repair,
            )
        })
        .collect();
    let agents: Vec<_> = exported
        .agents
        .iter()
        .map(|row| {
            let more = &row.more;
            let targets = (
                (&more.relay_url, &more.voice_redirect_url, &more.dial, &more.voice_twilio),
                (&more.message_redirect_url, &more.message_webhook, &more.message_twilio),
                (&more.chat_model, &more.chat_url, &more.chat_max_tokens, &more.chat_daily_limit),
            );
            (
                row,
                targets,
                (&more.relay_attributes, &more.whatsapp_template),
                &more.state,
                &more.capacity,
                &more.hours,
                &more.health_url,
            )
        })
        .collect();
    let accounts: Vec<_> = exported
        .accounts
        .iter()
        .map(|row| (&row.sid, &row.name, &row.parent_sid, &row.region))
        .collect();
    format!("{accounts:#?}\n{agents:#?}\n{numbers:#?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_export_imported_elsewhere_makes_the_same_export(
        agents in vec(drawn(), 0..5),
        numbers in vec((0..6_usize, any::<bool>(), any::<bool>()), 0..6),
        is_in_ireland in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let store = filled(&agents, &numbers, is_in_ireland).await;
            let first = export(&store).await;
            let text = shown(&first);
            // Importing it where it comes from changes nothing.
            import(&store, export(&store).await).await.unwrap();
            assert_eq!(shown(&export(&store).await), text);
            let elsewhere = Arc::new(MemoryStore::new());
            let mut rows = first;
            for account in &mut rows.accounts {
                account.auth_token = Secret::new("0123456789abcdef0123456789abcdef".to_owned());
            }
            import(&elsewhere, rows).await.unwrap();
            assert_eq!(shown(&export(&elsewhere).await), text);
        });
    }
}
