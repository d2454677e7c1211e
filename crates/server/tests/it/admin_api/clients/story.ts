// A customer's day with the types that are generated from the OpenAPI document.
//
// Arguments: the URL of the admin API, an operator key, and the id of the organization that owns the accounts.

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema";

type Api = Client<paths>;
type Problem = components["schemas"]["Problem"];
type Answer<T> = { data?: T; error?: unknown; response: Response };

const CALLER = "+14155550199";
const [url, secret, organization] = process.argv.slice(2);

function client(key: string): Api {
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
}

/** The object of an answer with this status. */
function done<T>(answer: Answer<T>, status = 200): T {
  strictEqual(answer.response.status, status, JSON.stringify(answer.error));
  return answer.data as T;
}

/** The problem of an answer with this status and code. */
function problem(answer: Answer<unknown>, status: number, code: string): Problem {
  const found = answer.error as Problem;
  deepStrictEqual([answer.response.status, found.status, found.code], [status, status, code]);
  return found;
}

/** An organization is added, listed and removed. */
async function organizations(operator: Api) {
  const added = done(await operator.POST("/api/v1/organizations", { body: { name: "Passing" } }), 201);
  const listed = done(await operator.GET("/api/v1/organizations", { params: { query: { limit: 200 } } }));
  ok(listed.data.some((one) => one.id === added.id));
  const path = { id: added.id };
  done(await operator.DELETE("/api/v1/organizations/{id}", { params: { path } }), 204);
}

/** An agent is added once, although the request is repeated, and changed. */
async function agents(api: Api): Promise<string> {
  const body: components["schemas"]["AgentBody"] = {
    name: "Night shift",
    external_id: "night",
    prompt: "You answer at night.",
    voice_target: { kind: "stream", url: "wss://voice.example.com/night" },
    parameters: { tier: "gold" },
  };
  const add = async () => {
    const header = { "Idempotency-Key": "night-1" };
    return done(await api.POST("/api/v1/agents", { params: { header }, body }), 201);
  };
  const [added, repeated] = [await add(), await add()];
  strictEqual(added.id, repeated.id);
  ok(added.voice_target?.kind === "stream" && added.voice_target.url.endsWith("/night"));

  const path = { id: added.id };
  const shown = await api.GET("/api/v1/agents/{id}", { params: { path } });
  const change = (name: string) => {
    const header = { "If-Match": shown.response.headers.get("etag") };
    return api.PATCH("/api/v1/agents/{id}", { params: { path, header }, body: { name } });
  };
  const renamed = done(await change("Night"));
  deepStrictEqual([renamed.name, renamed.prompt], ["Night", "You answer at night."]);
  problem(await change("Late"), 412, "precondition_failed");
  return added.id;
}

/** The numbers of all pages. */
async function numbers(api: Api): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, cursor };
    const page = done(await api.GET("/api/v1/numbers", { params: { query } }));
    found.push(...page.data.map((one) => one.phone_number));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** The number is assigned to the agent, which answers it. */
async function assign(api: Api, phone_number: string, agent_id: string) {
  const path = { phone_number };
  const body = { agent_id, channels: ["voice"] };
  const url = "/api/v1/numbers/{phone_number}/assignment";
  const planned = done(await api.PUT(url, { params: { path, query: { dry_run: true } }, body }));
  strictEqual(planned.carrier.outcome, "planned");
  const assigned = done(await api.PUT(url, { params: { path }, body }));
  deepStrictEqual([assigned.agent_id, assigned.carrier.outcome], [agent_id, "configured"]);
}

/** Who would answer a call. */
async function explain(api: Api, to: string) {
  return done(await api.POST("/api/v1/routes/explain", { body: { from: CALLER, to } }));
}

/** A plan with mistakes is refused with all of them; the corrected one decides for the number. */
async function plans(api: Api, phone_number: string, agent: string) {
  const add = (document: { [name: string]: unknown }) =>
    api.POST("/api/v1/plans", { body: { name: "At night", document } });
  const wrong = { rules: [{ agents: ["nobody"] }], otherwise: { say: "" }, extra: 1 };
  const mistakes = problem(await add(wrong), 422, "body_invalid").errors ?? [];
  ok(mistakes.length >= 2 && mistakes.every((one) => one.pointer.startsWith("/")));

  const then = { agents: [agent], next: [{ say: { text: "We are closed." } }] };
  const document = { rules: [{ name: "Night", then }], otherwise: { agents: [agent] } };
  const saved = done(await add(document), 201);
  const place = { params: { path: { phone_number } } };
  const url = "/api/v1/numbers/{phone_number}/plan";
  const attached = done(await api.PUT(url, { ...place, body: { plan: saved.id ?? "" } }));
  strictEqual(attached.numbers, 1);
  const explained = await explain(api, phone_number);
  deepStrictEqual([explained.plan?.name, explained.plan?.rule?.name], ["At night", "Night"]);
  ok(explained.plan?.fallback_chain.some((one) => one.kind === "say"));

  const plan = { params: { path: { id: saved.id ?? "" } } };
  problem(await api.DELETE("/api/v1/plans/{id}", plan), 409, "plan_in_use");
  done(await api.DELETE(url, place), 204);
  done(await api.DELETE("/api/v1/plans/{id}", plan), 204);
}

/** A subscription shows its secret once. */
async function subscriptions(api: Api) {
  const body = { url: "https://hooks.example.com/events", types: ["call.*"] };
  const added = done(await api.POST("/api/v1/subscriptions", { body }), 201);
  ok(added.secret?.startsWith("whsec_"));
  const path = { id: added.id };
  const shown = done(await api.GET("/api/v1/subscriptions/{id}", { params: { path } }));
  strictEqual(shown.secret, undefined);
  done(await api.DELETE("/api/v1/subscriptions/{id}", { params: { path } }), 204);
}

async function main() {
  const operator = client(secret);
  await organizations(operator);
  const header = { "Switchboard-Organization": organization };
  const scopes = ["read", "route", "configure", "admin"];
  const body = { name: "customer", scopes };
  const key = done(await operator.POST("/api/v1/keys", { params: { header }, body }), 201);
  const api = client(key.secret ?? "");

  const agent = await agents(api);
  const found = await numbers(api);
  ok(found.length > 2 && new Set(found).size === found.length);
  await assign(api, found[0], agent);
  strictEqual((await explain(api, found[0])).agent_id, agent);
  await plans(api, found[0], agent);
  await subscriptions(api);
  const number = { params: { path: { phone_number: found[0] } } };
  const unassigned = done(await api.DELETE("/api/v1/numbers/{phone_number}/assignment", number));
  strictEqual(unassigned.agent_id, agent);
  strictEqual(done(await api.GET("/api/v1/numbers/{phone_number}", number)).agent_id, null);
  const path = { id: agent };
  done(await api.DELETE("/api/v1/agents/{id}", { params: { path } }), 204);
  problem(await api.GET("/api/v1/agents/{id}", { params: { path } }), 404, "agent_not_found");

  const query = { actor: key.id };
  const entries = done(await api.GET("/api/v1/audit", { params: { query } })).data;
  ok(entries.some((entry) => entry.action === "agent.removed"));
  done(await operator.DELETE("/api/v1/keys/{id}", { params: { path: { id: key.id } } }));
  problem(await api.GET("/api/v1/accounts"), 401, "key_revoked");
  console.log("done");
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
