"""A customer's day with the client that is generated from the OpenAPI document.

Arguments: the URL of the admin API, an operator key, and the id of the organization that owns the accounts.
"""

import sys
from datetime import datetime
from http import HTTPStatus

from client import AuthenticatedClient
from client.api.accounts import list_accounts
from client.api.agents import add_agent, change_agent, remove_agent, show_agent
from client.api.audit import list_audit_entries
from client.api.keys import add_key, list_keys, revoke_key
from client.api.numbers import (
    assign_number,
    attach_number_plan,
    detach_number_plan,
    list_numbers,
    show_number,
    unassign_number,
)
from client.api.organizations import add_organization, list_organizations, remove_organization
from client.api.plans import add_plan, remove_plan
from client.api.routes import explain_route
from client.api.subscriptions import add_subscription, remove_subscription
from client.models import (
    AgentBody,
    AgentBodyParameters,
    AssignmentBody,
    ExplainBody,
    KeyBody,
    NewPlanBody,
    NewPlanBodyDocument,
    NewSubscriptionBody,
    OrganizationBody,
    PlanBody,
    Problem,
    SayDestination,
    StreamTarget,
    StreamTargetKind,
)

CALLER = "+14155550199"


def done(response, status=HTTPStatus.OK):
    """The object of a response with this status."""
    assert response.status_code == status, (response.status_code, response.content)
    return response.parsed


def problem(response, status, code):
    """The problem of a response with this status and code."""
    found = done(response, status)
    assert isinstance(found, Problem) and (found.status, found.code) == (status, code), found
    return found


def pages(operation, **arguments):
    """The entries of all pages."""
    cursor = {}
    while True:
        page = done(operation.sync_detailed(limit=2, **cursor, **arguments))
        yield from page.data
        if page.next_cursor is None:
            return
        cursor = {"cursor": page.next_cursor}


def customer(operator, organization):
    """A client with a key of the organization."""
    scopes = ["read", "route", "configure", "admin"]
    added = done(
        add_key.sync_detailed(
            client=operator, body=KeyBody(name="customer", scopes=scopes), switchboard_organization=organization
        ),
        HTTPStatus.CREATED,
    )
    return AuthenticatedClient(operator._base_url, added.secret), added.id


def organizations(operator):
    """An organization is added, listed and removed."""
    body = OrganizationBody(name="Passing")
    added = done(add_organization.sync_detailed(client=operator, body=body), HTTPStatus.CREATED)
    assert added.id in [one.id for one in pages(list_organizations, client=operator)]
    done(remove_organization.sync_detailed(added.id, client=operator), HTTPStatus.NO_CONTENT)


def agents(client):
    """An agent is added once, although the request is repeated, and changed."""
    body = AgentBody(
        name="Night shift",
        external_id="night",
        prompt="You answer at night.",
        voice_target=StreamTarget(kind=StreamTargetKind.STREAM, url="wss://voice.example.com/night"),
    )
    body.parameters = AgentBodyParameters.from_dict({"tier": "gold"})
    added, repeated = (
        done(add_agent.sync_detailed(client=client, body=body, idempotency_key="night-1"), HTTPStatus.CREATED)
        for _ in range(2)
    )
    assert added.id == repeated.id and isinstance(added.voice_target, StreamTarget), added
    assert added.parameters.to_dict() == {"tier": "gold"} and isinstance(added.created_at, datetime)

    shown = show_agent.sync_detailed(added.id, client=client)
    version = shown.headers["etag"]
    renamed = done(
        change_agent.sync_detailed(added.id, client=client, body=AgentBody(name="Night"), if_match=version)
    )
    assert (renamed.name, renamed.prompt) == ("Night", "You answer at night.")
    late = change_agent.sync_detailed(added.id, client=client, body=AgentBody(name="Late"), if_match=version)
    problem(late, HTTPStatus.PRECONDITION_FAILED, "precondition_failed")
    return added.id


def numbers(client, agent):
    """A number is assigned to the agent, which answers it."""
    listed = list(pages(list_numbers, client=client))
    assert len(listed) > 2 and len({one.phone_number for one in listed}) == len(listed)
    number = listed[0].phone_number
    body = AssignmentBody(agent_id=agent, channels=["voice"])
    planned = done(assign_number.sync_detailed(number, client=client, body=body, dry_run=True))
    assert planned.carrier.outcome == "planned", planned
    assigned = done(assign_number.sync_detailed(number, client=client, body=body))
    assert (assigned.agent_id, assigned.carrier.outcome) == (agent, "configured"), assigned
    explained = done(explain_route.sync_detailed(client=client, body=ExplainBody(from_=CALLER, to=number)))
    assert (explained.agent_id, explained.reason) == (agent, "assigned"), explained
    return number


def plans(client, number, agent):
    """A plan with mistakes is refused with all of them; the corrected one decides for the number."""

    def body(document):
        return NewPlanBody(name="At night", document=NewPlanBodyDocument.from_dict(document))

    wrong = {"rules": [{"agents": ["nobody"]}], "otherwise": {"say": ""}, "extra": 1}
    refused = add_plan.sync_detailed(client=client, body=body(wrong))
    mistakes = problem(refused, HTTPStatus.UNPROCESSABLE_ENTITY, "body_invalid").errors
    assert len(mistakes) >= 2 and all(one.pointer.startswith("/") for one in mistakes), mistakes

    document = {
        "rules": [{"name": "Night", "then": {"agents": [agent], "next": [{"say": {"text": "We are closed."}}]}}],
        "otherwise": {"agents": [agent]},
    }
    saved = done(add_plan.sync_detailed(client=client, body=body(document)), HTTPStatus.CREATED)
    attached = done(attach_number_plan.sync_detailed(number, client=client, body=PlanBody(plan=saved.id)))
    assert attached.numbers == 1, attached
    explained = done(explain_route.sync_detailed(client=client, body=ExplainBody(from_=CALLER, to=number)))
    assert explained.plan.name == "At night" and explained.plan.rule.name == "Night", explained
    assert any(isinstance(one, SayDestination) for one in explained.plan.fallback_chain), explained

    in_use = remove_plan.sync_detailed(saved.id, client=client)
    assert isinstance(in_use.parsed, Problem) and in_use.status_code == HTTPStatus.CONFLICT, in_use
    done(detach_number_plan.sync_detailed(number, client=client), HTTPStatus.NO_CONTENT)
    done(remove_plan.sync_detailed(saved.id, client=client), HTTPStatus.NO_CONTENT)


def subscriptions(client):
    """A subscription shows its secret once."""
    body = NewSubscriptionBody(url="https://hooks.example.com/events", types=["call.*"])
    added = done(add_subscription.sync_detailed(client=client, body=body), HTTPStatus.CREATED)
    assert added.secret.startswith("whsec_") and added.types == ["call.*"], added
    done(remove_subscription.sync_detailed(added.id, client=client), HTTPStatus.NO_CONTENT)


def main(url, secret, organization):
    operator = AuthenticatedClient(url, secret)
    organizations(operator)
    client, key = customer(operator, organization)
    assert list(pages(list_accounts, client=client)), "the organization has accounts"
    agent = agents(client)
    number = numbers(client, agent)
    plans(client, number, agent)
    subscriptions(client)
    unassigned = done(unassign_number.sync_detailed(number, client=client))
    assert unassigned.agent_id == agent, unassigned
    assert done(show_number.sync_detailed(number, client=client)).agent_id is None
    done(remove_agent.sync_detailed(agent, client=client), HTTPStatus.NO_CONTENT)
    problem(show_agent.sync_detailed(agent, client=client), HTTPStatus.NOT_FOUND, "agent_not_found")

    entries = done(list_audit_entries.sync_detailed(client=client, actor=key)).data
    actions = {entry.action for entry in entries}
    assert {"agent.added", "agent.changed", "agent.removed"} <= actions, actions
    assert key in [one.id for one in pages(list_keys, client=client)]
    assert done(revoke_key.sync_detailed(key, client=operator)).revoked_at
    problem(list_accounts.sync_detailed(client=client), HTTPStatus.UNAUTHORIZED, "key_revoked")
    print("done")


main(*sys.argv[1:])
