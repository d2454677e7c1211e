//! `switchboard route attach` and `detach` through the API

use serde_json::json;
use switchboard_admin::objects::{AttachedPlanObject, NumberObject, PlanObject, PlanPlaceObject};
use switchboard_application_management::ManageError;
use switchboard_application_management::routing_plans::PlanError;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::default_organization;
use switchboard_domain::sender::Sender;

use super::{
    ATTACHING, After, Attach, DETACHING, Detach, Place, PlaceOptions, READING_NUMBERS,
    READING_PLACES, attached_lines, print_detached,
};
use crate::command_line::input::{account, looking_up, parse_given};
use crate::command_line::remote::{
    self, Client, Known as _, RemoteError, Resource, account_sid, own_organization,
};
use crate::failure::{Doing as _, Failure};

impl PlaceOptions {
    async fn place_remotely(&self, client: &Client) -> Result<Place, Failure> {
        const ACCOUNT: &str = "--account";
        let number = parse_given("--number", self.number.as_deref(), Sender::parse_typed)?;
        if let Some(number) = number {
            return Ok(Place::Number(number));
        }
        let Some(text) = &self.account else { return Ok(Place::Organization) };
        let word = account(ACCOUNT, text)?;
        account_sid(client, &word, &looking_up(ACCOUNT)).await.map(Place::Account)
    }
}

impl Place {
    /// The plan of the place.
    fn plan(&self, organization: &str) -> Resource {
        match self {
            Self::Number(number) => Resource::of(&[list(*number), number.as_str(), "plan"]),
            Self::Account(account) => Resource::of(&["accounts", account.as_str(), "plan"]),
            Self::Organization => Resource::of(&["organizations", organization, "plan"]),
        }
    }

    /// The error of the use case for the code of a problem.
    fn problem(&self, code: &str) -> Option<PlanError> {
        let unknown = match self {
            Self::Number(number) if code == "number_not_found" => {
                ManageError::NumberUnknown { number: *number }
            }
            Self::Account(sid) if code == "account_not_found" => {
                ManageError::AccountUnknown { sid: *sid }
            }
            Self::Number(_) | Self::Account(_) | Self::Organization => return None,
        };
        Some(unknown.into())
    }
}

/// The list of a number or another sender.
fn list(sender: Sender) -> &'static str {
    if sender.as_number().is_some() { "numbers" } else { "senders" }
}

pub(in crate::command_line::route) async fn attach(
    client: &Client,
    attach: Attach,
) -> Result<(), Failure> {
    let target = attach.place.place_remotely(client).await?;
    let (word, organization) = match target {
        // The organization is that of the plan.
        Place::Organization => {
            let found = remote::plan(client, &attach.plan, ATTACHING).await?;
            (found.id, found.organization)
        }
        Place::Number(_) | Place::Account(_) => (attach.plan.trim().to_owned(), String::new()),
    };
    let plan = target.plan(&organization);
    let plan = plan.with_given("dry_run", attach.dry_run.then_some("true"));
    let attached = client.put::<AttachedPlanObject>(&plan, &json!({ "plan": word })).await;
    if is_unknown_plan(&attached) {
        // The error names similar plans.
        remote::plan(client, &word, ATTACHING).await?;
    }
    let view = attached.known(|code| target.problem(code)).doing(ATTACHING)?;
    attach.format.print(&view, || attached_lines(&view, &target))
}

fn is_unknown_plan<T>(answer: &Result<T, RemoteError>) -> bool {
    let problem = answer.as_ref().err().and_then(RemoteError::problem);
    problem.is_some_and(|problem| problem.code == "plan_not_found")
}

pub(in crate::command_line::route) async fn detach(
    client: &Client,
    detach: Detach,
) -> Result<(), Failure> {
    let target = detach.place.place_remotely(client).await?;
    let organization = match target {
        Place::Organization => own_organization(client, DETACHING).await?,
        // It is part of the place.
        Place::Number(_) | Place::Account(_) => default_organization(),
    };
    let impact = impact(client, &target, &organization).await?;
    if !detach.allows(impact, &target)? {
        return Ok(());
    }
    let detached = client.delete(&target.plan(organization.as_str())).await;
    detached.known(|code| target.problem(code)).doing(DETACHING)?;
    print_detached(&target.in_organization(organization), &target, detach.format)
}

/// What detaching changes; `None` if no plan is attached to the place.
async fn impact(
    client: &Client,
    target: &Place,
    organization: &OrganizationId,
) -> Result<Option<Vec<String>>, Failure> {
    let plans: Vec<PlanObject> =
        client.all(&Resource::of(&["plans"])).await.doing(READING_PLACES)?;
    let place = PlanPlaceObject::of(&target.in_organization(organization.clone()));
    let is_at_place = |plan: &&PlanObject| {
        let is_of_organization = plan.organization_id == organization.as_str();
        is_attached(plan, &place) && (place.organization.is_none() || is_of_organization)
    };
    let plan = plans.iter().find(is_at_place).and_then(|plan| plan.id.as_deref());
    let Some(plan) = plan else { return Ok(None) };
    let mut then = After::default();
    for number in decided(client, target, organization).await? {
        if has_farther_plan(&number, target, &plans) {
            then.plans += 1;
        } else if number.agent_id.is_some() {
            then.agents += 1;
        } else {
            then.nobody += 1;
        }
    }
    Ok(Some(then.lines(plan, target)))
}

fn is_attached(plan: &PlanObject, place: &PlanPlaceObject) -> bool {
    plan.attached.iter().flatten().any(|attached| attached == place)
}

/// Whether a plan of the account or the organization decides for a number once the plan of the place does not.
fn has_farther_plan(number: &NumberObject, target: &Place, plans: &[PlanObject]) -> bool {
    let (account, organization) = (Some(number.account_sid.clone()), Some(true));
    let account = PlanPlaceObject { account, ..PlanPlaceObject::default() };
    let organization = PlanPlaceObject { organization, ..PlanPlaceObject::default() };
    let of_account = || plans.iter().any(|plan| is_attached(plan, &account));
    let of_organization = || {
        let mut own = plans.iter().filter(|plan| plan.organization_id == number.organization_id);
        own.any(|plan| is_attached(plan, &organization))
    };
    match target {
        Place::Number(_) => of_account() || of_organization(),
        Place::Account(_) => of_organization(),
        Place::Organization => false,
    }
}

/// The numbers and other senders for which the plan of a place decides.
async fn decided(
    client: &Client,
    target: &Place,
    organization: &OrganizationId,
) -> Result<Vec<NumberObject>, Failure> {
    let (attached_to, account) = match target {
        Place::Number(number) => {
            let stored = Resource::of(&[list(*number), number.as_str()]);
            let found = client.find::<NumberObject>(&stored, "number_not_found").await;
            let found = found.doing(READING_NUMBERS)?.into_iter();
            return Ok(found.filter(|number| is_decided(number, "number")).collect());
        }
        Place::Account(sid) => ("account", Some(sid.as_str())),
        Place::Organization => ("organization", None),
    };
    let mut decided = Vec::new();
    for list in ["numbers", "senders"] {
        let list = Resource::of(&[list]).with_given("account_sid", account);
        let all: Vec<NumberObject> = client.all(&list).await.doing(READING_NUMBERS)?;
        decided.extend(all.into_iter().filter(|number| {
            let is_of_place = account.is_some() || number.organization_id == organization.as_str();
            is_of_place && is_decided(number, attached_to)
        }));
    }
    Ok(decided)
}

fn is_decided(number: &NumberObject, attached_to: &str) -> bool {
    number.plan.as_ref().is_some_and(|plan| plan.attached_to == attached_to)
}
