"""An endpoint for the messages of an agent: verifies each delivery and replies with the text of the contact."""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

MAX_BODY = 1024 * 1024


def reply(message: dict) -> str:
    return f"You wrote: {message['body']}"


def handler(webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            if length > MAX_BODY:
                return self.send_error(413)
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                event = webhook.verify(body, headers)
            except WebhookVerificationError as error:
                print(f"delivery refused: {error}", flush=True)
                return self.answer(401, {})
            # The id is the same when a message is delivered again.
            print(f"message received: {headers['webhook-id']}", flush=True)
            return self.answer(200, {"reply": {"body": reply(event["data"])}})

        def answer(self, status: int, content: dict) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments) -> None:
            """Requests are not logged: texts and numbers are private."""

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:9100", help="address and port to listen on")
    parser.add_argument("--secret-file", type=Path, required=True, help="file with the secret of the agent, whsec_…")
    arguments = parser.parse_args()
    host, port = arguments.listen.rsplit(":", 1)
    webhook = Webhook(arguments.secret_file.read_text().strip())
    server = ThreadingHTTPServer((host, int(port)), handler(webhook))
    print(f"listening on http://{host}:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
