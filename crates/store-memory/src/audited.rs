//! Records changes of the configuration in the audit log.

use switchboard_domain::account::Account;
use switchboard_domain::account_validation::AccountValidation;
use switchboard_domain::agent::{Agent, Label, MessageTarget, VoiceTarget, WhatsAppTemplate};
use switchboard_domain::api_key::ApiKey;
use switchboard_domain::audit::{Action, Author, ObjectKind, ObjectRef, Snapshot, difference};
use switchboard_domain::identifier::{AgentId, ApiKeyId, OrganizationId, PlanId, SubscriptionId};
use switchboard_domain::number::Number;
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::{PlanPlace, SavedPlan};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::subscription::{Subscription, SubscriptionState};
use switchboard_domain::web_address::WebUrl;

use crate::state::State;

/// A change of an object that is recorded when it is made.
pub(crate) struct Audited {
    object: ObjectRef,
    before: Option<Snapshot>,
}

impl Audited {
    /// Reads the object before the change.
    pub(crate) fn begin(state: &State, object: ObjectRef) -> Self {
        let before = snapshot(state, &object);
        Self { object, before }
    }

    /// Records what the change made of the object, if it made a difference.
    pub(crate) fn end(self, state: &mut State, author: &Author, action: Action) {
        let after = snapshot(state, &self.object);
        let owner = match self.object.kind {
            ObjectKind::Organization => Some(self.object.id.clone()),
            _ => [&after, &self.before]
                .into_iter()
                .flatten()
                .find_map(|object| object.text_of("organization_id").map(str::to_owned)),
        };
        let owner = owner.and_then(|id| OrganizationId::parse(&id).ok());
        let (before, after) = (self.before.as_ref(), after.as_ref());
        record(state, author, owner, (action, self.object), (before, after));
    }
}

/// Records what a change made of an object, if it made a difference.
pub(crate) fn record(
    state: &mut State,
    author: &Author,
    owner: Option<OrganizationId>,
    what: (Action, ObjectRef),
    (before, after): (Option<&Snapshot>, Option<&Snapshot>),
) {
    if let Some(difference) = difference(before, after) {
        state.audit.append(author, owner, what, difference);
    }
}

/// The object as it is now, with the columns of the databases. What is identified by its name in an organization is recorded by its
/// own store.
fn snapshot(state: &State, object: &ObjectRef) -> Option<Snapshot> {
    let id = &object.id;
    match object.kind {
        ObjectKind::Organization => {
            organization(state, state.organizations.get(&OrganizationId::parse(id).ok()?)?)
        }
        ObjectKind::Account => account(state, state.accounts.get(&AccountSid::parse(id).ok()?)?),
        ObjectKind::Agent => agent(state, state.agents.get(&AgentId::parse(id).ok()?)?),
        ObjectKind::Number => number(state, state.numbers.get(&Sender::parse(id).ok()?)?),
        ObjectKind::ApiKey => api_key(state.api_keys.get(&ApiKeyId::parse(id).ok()?)?),
        ObjectKind::Plan => plan(state.plans.get(&PlanId::parse(id).ok()?)?.last()?),
        ObjectKind::Subscription => {
            subscription(state.subscriptions.get(&SubscriptionId::parse(id).ok()?)?)
        }
        ObjectKind::Installation | ObjectKind::Calendar | ObjectKind::List => return None,
    }
    .into()
}

fn plan_of(state: &State, place: &PlanPlace) -> Option<String> {
    state.plan_places.get(place).map(ToString::to_string)
}

fn organization(state: &State, organization: &Organization) -> Snapshot {
    let plan = plan_of(state, &PlanPlace::Organization(organization.id.clone()));
    Snapshot::default()
        .text("id", Some(organization.id.as_str()))
        .text("name", Some(organization.name.as_str()))
        .text("plan_id", plan.as_deref())
}

fn account(state: &State, account: &Account) -> Snapshot {
    let bytes = Sealed::as_bytes;
    let parent = account.parent.map(|parent| parent.to_string());
    let key = account.api_key.as_ref();
    let key_sid = key.map(|key| key.sid.to_string());
    let connection = account.connection.as_ref();
    let app = connection.map(|connection| connection.app.sid.to_string());
    let owner = connection.map(|connection| connection.app.owner.to_string());
    Snapshot::default()
        .text("sid", Some(account.sid.as_str()))
        .text("organization_id", Some(account.organization.as_str()))
        .text("name", Some(account.name.as_str()))
        .text("parent_sid", parent.as_deref())
        .text("region", Some(account.region.as_str()))
        .text("status", Some(account.status.as_str()))
        .text("validation", account.validation.map(AccountValidation::as_str))
        .text("connect_app_sid", app.as_deref())
        .text("connect_owner_sid", owner.as_deref())
        .instant("disconnected_at", connection.and_then(|connection| connection.disconnected_at))
        .text("plan_id", plan_of(state, &PlanPlace::Account(account.sid)).as_deref())
        .text("api_key_sid", key_sid.as_deref())
        .secret("sealed_token", Some(bytes(&account.tokens.primary)))
        .secret("sealed_next_token", account.tokens.next.as_ref().map(bytes))
        .secret("sealed_api_key_secret", key.map(|key| bytes(&key.secret)))
}

fn number(state: &State, number: &Number) -> Snapshot {
    let kept = state.configurations.get(&number.sender);
    let assigned = number.assignment.as_ref();
    let channels = assigned.map(|to| to.channels.to_string()).unwrap_or_default();
    let adopted = kept.and_then(|kept| kept.adopted.as_ref()).map(|it| format!("{it:?}"));
    let policy = kept.map(|kept| kept.policy).unwrap_or_default();
    Snapshot::default()
        .text("phone_number", Some(number.sender.as_str()))
        .text("organization_id", Some(number.organization.as_str()))
        .text("account_sid", Some(number.account.as_str()))
        .text("agent_id", assigned.map(|to| to.agent.as_str()))
        .text("channels", Some(&channels))
        .text("repair_policy", Some(policy.as_str()))
        .text("plan_id", plan_of(state, &PlanPlace::Number(number.sender)).as_deref())
        .secret("adopted", adopted.as_deref().map(str::as_bytes))
}

fn api_key(key: &ApiKey) -> Snapshot {
    Snapshot::default()
        .text("id", Some(key.id.as_str()))
        .text("organization_id", key.organization.as_ref().map(OrganizationId::as_str))
        .text("name", Some(key.name.as_str()))
        .text("scopes", Some(&key.scopes.to_string()))
        .text("networks", Some(&key.networks.to_string()))
        .instant("expires_at", key.expires_at)
        .instant("revoked_at", key.revoked_at)
        .secret("digest", Some(key.id.as_str().as_bytes()))
}

fn plan(plan: &SavedPlan) -> Snapshot {
    Snapshot::default()
        .text("id", Some(plan.id.as_str()))
        .text("organization_id", Some(plan.organization.as_str()))
        .text("name", Some(plan.name.as_str()))
        .integer("version", Some(plan.version.into()))
}

fn subscription(one: &Subscription) -> Snapshot {
    let disabled = match one.state {
        SubscriptionState::Enabled => None,
        SubscriptionState::Disabled { reason, since } => Some((reason, since)),
    };
    Snapshot::default()
        .text("id", Some(one.id.as_str()))
        .text("organization_id", Some(one.organization.as_str()))
        .url("url", Some(one.url.as_str()))
        .text("types", Some(&format!("{:?}", one.types)))
        .text("disabled_reason", disabled.map(|(reason, _)| reason.as_str()))
        .instant("disabled_at", disabled.map(|(_, since)| since))
}

fn agent(state: &State, agent: &Agent) -> Snapshot {
    let profile = &agent.profile;
    let label = |label: &Option<Label>| label.as_ref().map(|label| label.as_str().to_owned());
    let voice = profile.voice_target.as_ref();
    let message = profile.message_target.as_ref();
    let gone = state.gone_targets.get(&agent.id).and_then(|(target, _)| target.as_ref());
    let limits = state.limits.get(&agent.id);
    let parameters = (!profile.parameters.is_empty())
        .then(|| format!("{:?}", profile.parameters.iter().collect::<Vec<_>>()));
    let template = profile.whatsapp_template.as_ref().map(WhatsAppTemplate::to_text);
    Snapshot::default()
        .text("id", Some(agent.id.as_str()))
        .text("organization_id", Some(agent.organization.as_str()))
        .text("external_id", label(&profile.external_id).as_deref())
        .text("name", Some(profile.name.as_str()))
        .text("prompt", Some(agent.prompt.as_str()))
        .text("voice", label(&profile.voice).as_deref())
        .text("model", label(&profile.model).as_deref())
        .text("language", label(&profile.language).as_deref())
        .text("voice_target_kind", voice.map(VoiceTarget::kind))
        .url("voice_target_value", voice.map(VoiceTarget::value))
        .text("message_target_kind", message.map(MessageTarget::kind))
        .url("message_target_value", message.map(MessageTarget::value))
        .text("state", Some(profile.state.as_str()))
        .secret("parameters", parameters.as_deref().map(str::as_bytes))
        .text("relay", Some(&format!("{:?}", profile.relay)))
        .text("whatsapp_template", template.as_deref())
        .url("gone_target", gone.map(MessageTarget::value))
        .integer("capacity", limits.and_then(|limits| limits.capacity).map(i64::from))
        .text("hours", limits.and_then(|limits| limits.hours.as_deref()))
        .url("health_url", limits.and_then(|limits| limits.health_url.as_ref()).map(WebUrl::as_str))
}
