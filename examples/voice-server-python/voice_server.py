"""A minimal voice server for Twilio's media streams: it reads the session from switchboard, which describes the agent,
and echoes the caller's audio. Replace `answer` with your model.

    pip install websockets
    python voice_server.py --listen 127.0.0.1:9000 --switchboard http://localhost:8080
"""

import argparse
import asyncio
import json
import urllib.error
import urllib.request

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

# Twilio sends a frame of audio every 20 ms.
FRAMES_PER_MARK = 50
# The caller hears silence until the session is read.
SESSION_SECONDS = 5
# Close code 1008: the stream is refused.
POLICY_VIOLATION = 1008


class SessionRefused(Exception):
    """The stream has no session."""


def session_url(switchboard, start):
    """The session's URL. Anyone can open a WebSocket and send a URL, so only the one of this call is requested."""
    expected = f"{switchboard.rstrip('/')}/api/voice/sessions/{start['callSid']}"
    url = start["customParameters"].get("sessionUrl")
    if url != expected:
        raise SessionRefused("the session URL does not belong to this switchboard and call")
    return url


def read_session(switchboard, start):
    """Reads everything about the call: the caller, the agent with its prompt, the parameters, earlier messages."""
    token = start["customParameters"].get("sessionToken")
    if not token:
        raise SessionRefused("the stream has no session token")
    request = urllib.request.Request(
        session_url(switchboard, start), headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SESSION_SECONDS) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise SessionRefused(f"switchboard responded with status {error.code}") from error
    except OSError as error:
        raise SessionRefused("switchboard is unreachable") from error


async def answer(websocket, start, session):
    """Echoes every frame, with a mark after each second, until the call ends. Returns the number of frames."""
    frames = 0
    stream = start["streamSid"]
    async for text in websocket:
        message = json.loads(text)
        if message["event"] == "media":
            frames += 1
            media = {"payload": message["media"]["payload"]}
            await websocket.send(json.dumps({"event": "media", "streamSid": stream, "media": media}))
            if frames % FRAMES_PER_MARK == 0:
                mark = {"name": f"frame-{frames}"}
                await websocket.send(json.dumps({"event": "mark", "streamSid": stream, "mark": mark}))
        elif message["event"] == "dtmf":
            print("key pressed:", message["dtmf"]["digit"], flush=True)
        elif message["event"] == "stop":
            break
    return frames


async def handle(websocket, switchboard):
    """Runs one stream."""
    start = None
    try:
        async for text in websocket:
            message = json.loads(text)
            if message["event"] == "start":
                start = message["start"]
                break
        if start is None:
            return
        try:
            # Reading the session blocks, so it runs beside the other streams.
            session = await asyncio.to_thread(read_session, switchboard, start)
        except SessionRefused as error:
            print("stream refused:", error, flush=True)
            await websocket.close(POLICY_VIOLATION, "session refused")
            return
        agent = session["agent"]
        print(f"stream opened: {agent['name']}, prompt of {len(agent['prompt'])} characters", flush=True)
        print("traceparent:", start["customParameters"].get("traceparent"), flush=True)
        frames = await answer(websocket, start, session)
        print(f"stream ended: {frames} frames", flush=True)
    except ConnectionClosed:
        print("stream closed", flush=True)


async def main():
    parser = argparse.ArgumentParser(description="A voice server that echoes the caller.")
    parser.add_argument("--listen", default="127.0.0.1:9000", help="address and port of the WebSocket")
    parser.add_argument(
        "--switchboard", default="http://localhost:8080", help="public URL of switchboard"
    )
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    async with serve(lambda websocket: handle(websocket, options.switchboard), host, int(port)) as server:
        host, port = server.sockets[0].getsockname()[:2]
        print(f"listening on ws://{host}:{port}", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
