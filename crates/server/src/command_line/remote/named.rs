//! The objects that arguments name, looked up through the API. The rules and the errors are those of the use cases.

use serde::de::DeserializeOwned;
use switchboard_admin::objects::{
    AccountObject, AgentObject, ApiKeyObject, CallObject, MessageObject, OrganizationObject,
    PlanObject, SubscriptionObject,
};
use switchboard_application_management::routing_plans::PlanError;
use switchboard_application_management::{AccountRef, IdOrName, ManageError, NameError, nearest};
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::{AgentId, ApiKeyId, OrganizationId, PlanId, SubscriptionId};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::Entity;
use switchboard_domain::sid::AccountSid;

use super::client::Client;
use super::error::RemoteError;
use super::resource::Resource;
use crate::command_line::input::{account, id_or_name, looking_up, parse};
use crate::command_line::named_objects::unknown_subscription;
use crate::failure::{Doing as _, Failure};

const ORGANIZATION: &str = "--organization";
/// Agents that are compared with an unknown word at most.
const COMPARED: usize = 500;

/// An object that was found, and the organization that owns it.
pub(in crate::command_line) struct Found {
    pub(in crate::command_line) id: String,
    pub(in crate::command_line) organization: String,
}

/// The SID of an account. A given SID is not looked up.
pub(in crate::command_line) async fn account_sid(
    client: &Client,
    word: &AccountRef,
    doing: &str,
) -> Result<AccountSid, Failure> {
    let name = match word {
        AccountRef::Sid(sid) => return Ok(*sid),
        AccountRef::Name(name) => name,
    };
    let all: Vec<AccountObject> = client.all(&Resource::of(&["accounts"])).await.doing(doing)?;
    let named = all.iter().filter(|account| account.name == name.as_str());
    let sids: Vec<_> = named.filter_map(|account| AccountSid::parse(&account.sid).ok()).collect();
    let name = name.clone();
    match sids.as_slice() {
        [sid] => Ok(*sid),
        [] => {
            let near = nearest(name.as_str(), all.into_iter().map(|account| account.name));
            Err(ManageError::AccountNameUnknown { name, near }).doing(doing)
        }
        _ => Err(ManageError::AccountAmbiguous { name, sids }).doing(doing),
    }
}

/// The agent with this id, external id or name, in this order.
pub(in crate::command_line) async fn agent(
    client: &Client,
    word: &str,
    doing: &str,
) -> Result<Found, Failure> {
    agent_or(client, word, doing).await?.doing(doing)
}

/// The same, with an unknown or ambiguous agent as an error of its own.
async fn agent_or(
    client: &Client,
    word: &str,
    doing: &str,
) -> Result<Result<Found, ManageError>, Failure> {
    let word = word.trim();
    let unknown = |near| Err(ManageError::AgentUnknown { word: word.to_owned(), near });
    let found = |agent: AgentObject| Found { id: agent.id, organization: agent.organization_id };
    if let Ok(id) = AgentId::parse(word) {
        let agent = Resource::of(&["agents", id.as_str()]);
        let agent = client.find(&agent, "agent_not_found").await.doing(doing)?;
        return Ok(agent.map_or_else(|| unknown(Vec::new()), |agent| Ok(found(agent))));
    }
    let Ok(label) = Label::parse(word) else { return Ok(unknown(Vec::new())) };
    let all: Vec<AgentObject> = client.all(&Resource::of(&["agents"])).await.doing(doing)?;
    let is_id = |agent: &&AgentObject| agent.external_id.as_deref() == Some(label.as_str());
    let mut named: Vec<_> = all.iter().filter(is_id).collect();
    if named.is_empty() {
        named = all.iter().filter(|agent| agent.name == label.as_str()).collect();
    }
    match named.as_slice() {
        [agent] => Ok(Ok(found((*agent).clone()))),
        [] => {
            let compared = all.into_iter().take(COMPARED);
            let words = compared.flat_map(|agent| [Some(agent.name), agent.external_id]);
            Ok(unknown(nearest(word, words.flatten())))
        }
        several => {
            let ids = several.iter().filter_map(|agent| AgentId::parse(&agent.id).ok()).collect();
            Ok(Err(ManageError::AgentAmbiguous { word: word.to_owned(), ids }))
        }
    }
}

/// The plan with this id or name.
pub(in crate::command_line) async fn plan(
    client: &Client,
    word: &str,
    doing: &str,
) -> Result<Found, Failure> {
    plan_or(client, word, doing).await?.doing(doing)
}

/// The same, with an unknown plan as an error of its own.
async fn plan_or(
    client: &Client,
    word: &str,
    doing: &str,
) -> Result<Result<Found, PlanError>, Failure> {
    let word = word.trim();
    let unknown = |near| Err(PlanError::Unknown { word: word.to_owned(), near });
    let Ok(label) = Label::parse(word) else { return Ok(unknown(Vec::new())) };
    let plan = Resource::of(&["plans", label.as_str()]);
    let found: Option<PlanObject> = client.find(&plan, "plan_not_found").await.doing(doing)?;
    if let Some(PlanObject { id: Some(id), organization_id: organization, .. }) = found {
        return Ok(Ok(Found { id, organization }));
    }
    let all: Vec<PlanObject> = client.all(&Resource::of(&["plans"])).await.doing(doing)?;
    let names = all.into_iter().take(COMPARED).map(|plan| plan.name);
    Ok(unknown(nearest(word, names)))
}

/// The id of an organization. A given id is not looked up.
pub(in crate::command_line) async fn organization(
    client: &Client,
    word: IdOrName<OrganizationId>,
    doing: &str,
) -> Result<OrganizationId, Failure> {
    let name = match word {
        IdOrName::Id(id) => return Ok(id),
        IdOrName::Name(name) => name,
    };
    let list = Resource::of(&["organizations"]);
    let all: Vec<OrganizationObject> = client.all(&list).await.doing(doing)?;
    let all = all.into_iter().map(|one| (one.id, one.name)).collect();
    let id = only(Entity::Organization, name, all).doing(doing)?;
    OrganizationId::parse(&id).doing(doing)
}

/// The client for the objects of the organization that `--organization` names, or else the same client.
pub(in crate::command_line) async fn selected(
    client: &Client,
    named: Option<&str>,
) -> Result<Client, Failure> {
    let Some(text) = named else { return Ok(client.clone()) };
    let word = id_or_name(ORGANIZATION, text, "org_", OrganizationId::parse)?;
    let id = organization(client, word, &looking_up(ORGANIZATION)).await?;
    client.of_organization(&id)
}

/// The organization for what names none: that of the key, or the default one for an operator key.
pub(in crate::command_line) async fn own_organization(
    client: &Client,
    doing: &str,
) -> Result<OrganizationId, Failure> {
    let list = Resource::of(&["organizations"]);
    let all: Vec<OrganizationObject> = client.all(&list).await.doing(doing)?;
    match all.as_slice() {
        // The key of an organization reads no other one.
        [only] => OrganizationId::parse(&only.id).doing(doing),
        _ => Ok(default_organization()),
    }
}

/// The id of an API key. A given id is not looked up, and the names of revoked keys are free again.
pub(in crate::command_line) async fn api_key(
    client: &Client,
    word: IdOrName<ApiKeyId>,
    doing: &str,
) -> Result<ApiKeyId, Failure> {
    let name = match word {
        IdOrName::Id(id) => return Ok(id),
        IdOrName::Name(name) => name,
    };
    let all: Vec<ApiKeyObject> = client.all(&Resource::of(&["keys"])).await.doing(doing)?;
    let valid = all.into_iter().filter(|key| key.revoked_at.is_none());
    let all = valid.map(|key| (key.id, key.name)).collect();
    let id = only(Entity::ApiKey, name, all).doing(doing)?;
    ApiKeyId::parse(&id).doing(doing)
}

/// The only object with this name, of objects with their ids and names.
fn only(entity: Entity, name: Label, all: Vec<(String, String)>) -> Result<String, NameError> {
    let named = all.iter().filter(|(_, other)| other == name.as_str());
    let mut ids: Vec<_> = named.map(|(id, _)| id.clone()).collect();
    match (ids.pop(), ids.is_empty()) {
        (Some(id), true) => Ok(id),
        (Some(id), false) => {
            ids.push(id);
            Err(NameError::Ambiguous { entity, name, ids })
        }
        (None, _) => {
            let near = nearest(name.as_str(), all.into_iter().map(|(_, other)| other));
            Err(NameError::Unknown { entity, name, near })
        }
    }
}

/// The objects that the filters of one list name: each exists, or was removed and has records, and all belong to one
/// organization, or nothing could match.
pub(in crate::command_line) struct RemoteNames<'a> {
    client: &'a Client,
    /// Whether the list outlives what it names.
    is_of_records: bool,
    /// The options, with the organizations of what they name.
    owners: Vec<(&'static str, String)>,
}

impl<'a> RemoteNames<'a> {
    /// The objects of a list of stored objects.
    pub(in crate::command_line) const fn new(client: &'a Client) -> Self {
        Self { client, is_of_records: false, owners: Vec::new() }
    }

    /// The objects of a list of records, which outlive what they name.
    pub(in crate::command_line) const fn of_records(client: &'a Client) -> Self {
        Self { client, is_of_records: true, owners: Vec::new() }
    }

    /// `--account`: the SID of an account.
    pub(in crate::command_line) async fn account(
        &mut self,
        text: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        const ARGUMENT: &str = "--account";
        let Some(text) = text else { return Ok(None) };
        let word = account(ARGUMENT, text)?;
        let sid = account_sid(self.client, &word, &looking_up(ARGUMENT)).await?;
        let stored = Resource::of(&["accounts", sid.as_str()]);
        let stored = self.client.find::<AccountObject>(&stored, "account_not_found").await;
        let owner = match stored.doing(looking_up(ARGUMENT))? {
            Some(account) => Some(account.organization_id),
            None => self.recorded(ARGUMENT, "account_sid", sid.as_str()).await?,
        };
        let owner = owner.ok_or(ManageError::AccountUnknown { sid }).doing(looking_up(ARGUMENT))?;
        self.owners.push((ARGUMENT, owner));
        Ok(Some(sid.to_string()))
    }

    /// `--account` of requests that were refused, whose account may be unknown.
    pub(in crate::command_line) async fn refused_account(
        &self,
        text: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        const ARGUMENT: &str = "--account";
        let Some(text) = text else { return Ok(None) };
        let word = account(ARGUMENT, text)?;
        let sid = account_sid(self.client, &word, &looking_up(ARGUMENT)).await?;
        Ok(Some(sid.to_string()))
    }

    /// `--agent`: the id of an agent.
    pub(in crate::command_line) async fn agent(
        &mut self,
        word: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        const ARGUMENT: &str = "--agent";
        let Some(word) = word else { return Ok(None) };
        let found = agent_or(self.client, word, &looking_up(ARGUMENT)).await?;
        if let (Err(ManageError::AgentUnknown { .. }), Ok(id)) =
            (&found, AgentId::parse(word.trim()))
            && let Some(owner) = self.recorded(ARGUMENT, "agent_id", id.as_str()).await?
        {
            return Ok(Some(
                self.owned(ARGUMENT, Found { id: id.to_string(), organization: owner }),
            ));
        }
        let found = found.doing(looking_up(ARGUMENT))?;
        Ok(Some(self.owned(ARGUMENT, found)))
    }

    /// `--plan`: the id of a plan.
    pub(in crate::command_line) async fn plan(
        &mut self,
        word: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        const ARGUMENT: &str = "--plan";
        let Some(word) = word else { return Ok(None) };
        let found = plan_or(self.client, word, &looking_up(ARGUMENT)).await?;
        if let (Err(PlanError::Unknown { .. }), Ok(id)) = (&found, PlanId::parse(word.trim()))
            && let Some(owner) = self.recorded(ARGUMENT, "plan_id", id.as_str()).await?
        {
            return Ok(Some(
                self.owned(ARGUMENT, Found { id: id.to_string(), organization: owner }),
            ));
        }
        let found = found.doing(looking_up(ARGUMENT))?;
        Ok(Some(self.owned(ARGUMENT, found)))
    }

    /// `--subscription`: the id of a subscription.
    pub(in crate::command_line) async fn subscription(
        &mut self,
        text: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        const ARGUMENT: &str = "--subscription";
        let Some(text) = text else { return Ok(None) };
        let id = parse(ARGUMENT, text.trim(), SubscriptionId::parse)?;
        let stored = Resource::of(&["subscriptions", id.as_str()]);
        let found = self.client.find(&stored, "subscription_not_found").await;
        let found: Option<SubscriptionObject> = found.doing(looking_up(ARGUMENT))?;
        let found = found.ok_or_else(|| unknown_subscription(&id))?;
        self.owners.push((ARGUMENT, found.organization));
        Ok(Some(id.to_string()))
    }

    /// Notes the owner of an object. Returns its id.
    fn owned(&mut self, argument: &'static str, found: Found) -> String {
        self.owners.push((argument, found.organization));
        found.id
    }

    /// The organization of the records of an object that is no longer stored; `None` if there are none.
    async fn recorded(
        &self,
        argument: &str,
        filter: &'static str,
        id: &str,
    ) -> Result<Option<String>, Failure> {
        if !self.is_of_records {
            return Ok(None);
        }
        let call: Option<CallObject> =
            self.newest("calls", filter, id).await.doing(looking_up(argument))?;
        if let Some(call) = call {
            return Ok(Some(call.organization));
        }
        let message = self.newest("messages", filter, id).await.doing(looking_up(argument))?;
        Ok(message.map(|message: MessageObject| message.organization))
    }

    /// The newest record of a list that a filter selects.
    async fn newest<T: DeserializeOwned>(
        &self,
        list: &str,
        filter: &'static str,
        id: &str,
    ) -> Result<Option<T>, RemoteError> {
        let list = Resource::of(&[list]).with(filter, id);
        Ok(self.client.page(&list, 1, None).await?.data.into_iter().next())
    }

    /// Refuses objects of different organizations.
    pub(in crate::command_line) fn of_one_organization(self) -> Result<(), Failure> {
        let Some((first, organization)) = self.owners.first() else { return Ok(()) };
        let foreign = self.owners.iter().find(|(_, owner)| owner != organization);
        foreign.map_or(Ok(()), |(other, _)| {
            Err(Failure::usage(format!(
                "{first} and {other} belong to different organizations, so nothing can match"
            )))
        })
    }
}

#[cfg(test)]
mod tests {
    use switchboard_application_management::NameError;
    use switchboard_domain::agent::Label;
    use switchboard_domain::ports::Entity;

    use super::only;

    fn found(name: &str) -> Result<String, NameError> {
        let all = [("1", "Acme"), ("2", "Ajax"), ("3", "Ajax")];
        let all = all.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        only(Entity::Organization, Label::parse(name).unwrap(), all)
    }

    #[test]
    fn a_name_means_one_object_and_an_ambiguous_one_none() {
        assert_eq!(found("Acme").unwrap(), "1");
        let error = found("Ajax").unwrap_err();
        assert!(
            matches!(&error, NameError::Ambiguous { ids, .. } if *ids == ["2", "3"]),
            "{error}"
        );
        let error = found("Acne").unwrap_err();
        assert!(matches!(&error, NameError::Unknown { near, .. } if *near == ["Acme"]), "{error}");
    }
}
