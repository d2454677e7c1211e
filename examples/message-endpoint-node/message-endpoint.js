"use strict";

// An endpoint for the messages of an agent: verifies each delivery and replies with the text of the contact.

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { parseArgs } = require("node:util");
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

const MAX_BODY = 1024 * 1024;

function reply(message) {
  return `You wrote: ${message.body}`;
}

async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response, status, content) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
}

async function receive(webhook, request, response) {
  const body = await read(request);
  if (body === null) return answer(response, 413, {});
  let event;
  try {
    event = webhook.verify(body, request.headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    console.log(`delivery refused: ${error.message}`);
    return answer(response, 401, {});
  }
  // The id is the same when a message is delivered again.
  console.log(`message received: ${request.headers["webhook-id"]}`);
  return answer(response, 200, { reply: { body: reply(event.data) } });
}

const { values } = parseArgs({
  options: {
    listen: { type: "string", default: "127.0.0.1:9100" },
    "secret-file": { type: "string" },
  },
});
if (!values["secret-file"]) {
  console.error("--secret-file is required: a file with the secret of the agent, whsec_…");
  process.exit(2);
}
const webhook = new Webhook(readFileSync(values["secret-file"], "utf8").trim());
const [, host, port] = values.listen.match(/^(.*):(\d+)$/);
const server = createServer((request, response) => {
  receive(webhook, request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(port), host, () => {
  console.log(`listening on http://${host}:${server.address().port}`);
});
