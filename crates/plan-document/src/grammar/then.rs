//! Destinations: agents, and the actions after them in the fallback chain.

use std::time::Duration;

use switchboard_domain::plan::{self, AgentShare, AskOutside, ThenSpec};

use super::action::Action;
use super::schema::either;
use super::text::{Name, Url};
use super::{Definitions, Grammar, Schema};
use crate::problems::{Node, Problems, Read};
use crate::tree::Tree;

// An agent's share of the callers, relative to the weights of the others.
whole!(Weight of u32, 0..=1_000_000, default 1);
// Twilio itself waits for 15 seconds, and the caller hears nothing meanwhile.
whole!(AskMilliseconds of u32, 50..=5_000, default 1_000);

object! {
    /// The fallback chain: one of the agents, chosen by the strategy, and if no agent answers, the actions in order. At
    /// least one agent or action is needed.
    Then of then: ThenSpec = "an object with agents or next" {
        /// The agents to choose from.
        "agents" agents: Agents = &then.agents,
        /// How an agent is chosen. The default is by weight.
        "strategy" strategy: Option<Strategy> = &strategy(then),
        /// Your decision service, which may choose one of the agents before the strategy does.
        "ask" ask: Option<Ask> = &then.ask,
        /// What happens if no agent answers. Only dial and enqueue can be followed by another action.
        "next" next: Vec<Action> = &then.next,
    }
    Ok(ThenSpec { agents, strategy: strategy.unwrap_or_default(), ask, next })
}

/// With fewer than two agents there is nothing to choose, and the default strategy is left out.
fn strategy(then: &ThenSpec) -> Option<plan::Strategy> {
    let is_needed = then.agents.len() > 1 || then.strategy != plan::Strategy::default();
    is_needed.then_some(then.strategy)
}

word! {
    /// How one of several agents is chosen.
    Strategy of plan::Strategy, with {"default": "weighted"}, [
        (plan::Strategy::Weighted, "By weight. The same caller always reaches the same agent."),
        (plan::Strategy::Priority, "The first agent that is available."),
        (plan::Strategy::LeastBusy, "The agent with the fewest calls, relative to its capacity."),
    ]
}

/// The agents of a rule. If all weights are the default, the canonical form leaves them out.
pub(crate) enum Agents {}

impl Grammar for Agents {
    type Value = Vec<AgentShare>;
    const NAME: Option<&'static str> = None;

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Vec<AgentShare>> {
        Vec::<Agent>::read(node, problems)
    }

    fn absent() -> Option<Vec<AgentShare>> {
        Some(Vec::new())
    }

    fn write(agents: &Vec<AgentShare>) -> Tree {
        let are_equal = agents.iter().all(|agent| Some(agent.weight) == Weight::absent());
        let write = |agent: &AgentShare| {
            if are_equal { Name::write(&agent.agent) } else { Agent::write(agent) }
        };
        Tree::List(agents.iter().map(write).collect())
    }

    fn write_field(agents: &Vec<AgentShare>) -> Option<Tree> {
        (!agents.is_empty()).then(|| Self::write(agents))
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        Vec::<Agent>::schema(definitions)
    }
}

/// An agent: its id, external id or name, or an object with one of these and a weight.
pub(crate) enum Agent {}

impl Grammar for Agent {
    type Value = AgentShare;
    const NAME: Option<&'static str> = Some("Agent");

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<AgentShare> {
        match (node.tree, Weight::absent()) {
            (Tree::Text(_), Some(weight)) => {
                Ok(AgentShare { agent: Name::read(node, problems)?, weight })
            }
            _ => WeightedAgent::read(node, problems),
        }
    }

    fn write(agent: &AgentShare) -> Tree {
        WeightedAgent::write(agent)
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        let one = definitions.reference::<Name>();
        let description = "An agent: its id, external id or name, or one of these with a weight.";
        either(description, one, definitions.reference::<WeightedAgent>())
    }
}

object! {
    /// An agent and its weight.
    WeightedAgent of share: AgentShare = "an agent: its name, or an object with agent" {
        /// The agent's id, external id or name.
        "agent" agent: Name = &share.agent; "write the agent's id, external id or name",
        /// The agent's share of the callers, relative to the weights of the others. An agent of weight 0 is chosen only
        /// by the decision service.
        "weight" weight: Weight = &share.weight,
    }
    Ok(AgentShare { agent, weight })
}

object! {
    /// Your decision service. It gets a signed request; if it does not answer in time, the strategy decides.
    Ask of ask: AskOutside = "an object with url" {
        /// The URL of the service.
        "url" url: Url = &ask.url; "write the URL of your decision service",
        /// The longest wait for an answer, in milliseconds.
        "timeout_ms" timeout: AskMilliseconds = &milliseconds(ask.timeout),
    }
    Ok(AskOutside { url, timeout: Duration::from_millis(timeout.into()) })
}

fn milliseconds(timeout: Duration) -> u32 {
    u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX)
}
