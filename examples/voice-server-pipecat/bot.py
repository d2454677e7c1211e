"""A voice server built on Pipecat: it reads the session from switchboard, and echoes the caller through a pipeline with
Pipecat's Twilio serializer. Replace `Echo` with speech recognition, a language model and speech.

    pip install -r requirements.txt
    SWITCHBOARD_URL=http://localhost:8080 uvicorn bot:app --host 127.0.0.1 --port 9000
"""

import os

import aiohttp
from fastapi import FastAPI, WebSocket
from pipecat.frames.frames import InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport

SWITCHBOARD_URL = os.environ.get("SWITCHBOARD_URL", "http://localhost:8080").rstrip("/")
# Close code 1008: the stream is refused.
POLICY_VIOLATION = 1008

app = FastAPI()


class Echo(FrameProcessor):
    """Returns the caller's audio. A bot has its services here."""

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels)
        await self.push_frame(frame, direction)


async def read_session(call):
    """Everything about the call; `None` if the stream is refused."""
    parameters = call["body"]
    # Anyone can open a WebSocket and send a URL, so only the session of this call is requested.
    if parameters.get("sessionUrl") != f"{SWITCHBOARD_URL}/api/voice/sessions/{call['call_id']}":
        return None
    headers = {"Authorization": f"Bearer {parameters.get('sessionToken')}"}
    async with aiohttp.ClientSession() as http, http.get(
        parameters["sessionUrl"], headers=headers, timeout=aiohttp.ClientTimeout(total=5)
    ) as response:
        return await response.json() if response.status == 200 else None


@app.websocket("/")
async def stream(websocket: WebSocket):
    await websocket.accept()
    _, call = await parse_telephony_websocket(websocket)
    session = await read_session(call)
    if session is None:
        await websocket.close(POLICY_VIOLATION)
        return
    print(f"stream opened: {session['agent']['name']}", flush=True)
    print("traceparent:", call["body"].get("traceparent"), flush=True)
    # Twilio's credentials stay with switchboard: closing the WebSocket ends the call.
    serializer = TwilioFrameSerializer(
        stream_sid=call["stream_id"],
        call_sid=call["call_id"],
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
    )
    transport = FastAPIWebsocketTransport(
        websocket=websocket,
        params=FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, serializer=serializer
        ),
    )
    task = PipelineTask(
        Pipeline([transport.input(), Echo(), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
    )

    @transport.event_handler("on_client_disconnected")
    async def on_client_disconnected(transport, client):
        await task.cancel()

    await PipelineRunner(handle_sigint=False).run(task)
    print("stream ended", flush=True)
