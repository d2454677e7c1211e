// A minimal voice server for Twilio's media streams: it reads the session from switchboard, which describes the agent,
// and echoes the caller's audio. Replace `answer` with your model.
//
//   npm install
//   node voice-server.js --listen 127.0.0.1:9000 --switchboard http://localhost:8080
'use strict';

const { parseArgs } = require('node:util');
const { WebSocketServer } = require('ws');

// Twilio sends a frame of audio every 20 ms.
const FRAMES_PER_MARK = 50;
// The caller hears silence until the session is read.
const SESSION_MILLISECONDS = 5000;
// Close code 1008: the stream is refused.
const POLICY_VIOLATION = 1008;

class SessionRefused extends Error {}

// Reads everything about the call: the caller, the agent with its prompt, the parameters, earlier messages. Anyone can open
// a WebSocket and send a URL, so only the session of this call is requested.
async function readSession(switchboard, start) {
  const { sessionUrl, sessionToken } = start.customParameters;
  if (sessionUrl !== `${switchboard}/api/voice/sessions/${start.callSid}`) {
    throw new SessionRefused('the session URL does not belong to this switchboard and call');
  }
  if (!sessionToken) {
    throw new SessionRefused('the stream has no session token');
  }
  const response = await fetch(sessionUrl, {
    headers: { Authorization: `Bearer ${sessionToken}` },
    redirect: 'error',
    signal: AbortSignal.timeout(SESSION_MILLISECONDS),
  }).catch(() => {
    throw new SessionRefused('switchboard is unreachable');
  });
  if (!response.ok) {
    throw new SessionRefused(`switchboard responded with status ${response.status}`);
  }
  return response.json();
}

// Answers a stream with what is called for its messages. This one echoes every frame, with a mark after each
// second.
function answer(socket, start, session) {
  let frames = 0;
  const send = (message) => socket.send(JSON.stringify({ ...message, streamSid: start.streamSid }));
  return {
    onMedia(media) {
      frames += 1;
      send({ event: 'media', media: { payload: media.payload } });
      if (frames % FRAMES_PER_MARK === 0) {
        send({ event: 'mark', mark: { name: `frame-${frames}` } });
      }
    },
    onEnd() {
      console.log(`stream ended: ${frames} frames of ${session.agent.name}`);
    },
  };
}

function handle(socket, switchboard) {
  let stream;
  // Audio that arrives before the session is read.
  const early = [];
  socket.on('error', () => socket.terminate());
  socket.on('message', async (text) => {
    const message = JSON.parse(text);
    if (message.event === 'start') {
      try {
        const session = await readSession(switchboard, message.start);
        const { name, prompt } = session.agent;
        console.log(`stream opened: ${name}, prompt of ${prompt.length} characters`);
        console.log(`traceparent: ${message.start.customParameters.traceparent}`);
        stream = answer(socket, message.start, session);
        early.splice(0).forEach((media) => stream.onMedia(media));
      } catch (error) {
        console.log(`stream refused: ${error.message}`);
        socket.close(POLICY_VIOLATION, 'session refused');
      }
    } else if (message.event === 'media') {
      if (stream) {
        stream.onMedia(message.media);
      } else {
        early.push(message.media);
      }
    } else if (message.event === 'dtmf') {
      console.log(`key pressed: ${message.dtmf.digit}`);
    } else if (message.event === 'stop') {
      stream?.onEnd();
      socket.close();
    }
  });
}

const { values } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:9000' },
    switchboard: { type: 'string', default: 'http://localhost:8080' },
  },
});
const at = values.listen.lastIndexOf(':');
const switchboard = values.switchboard.replace(/\/+$/, '');
const server = new WebSocketServer({
  host: values.listen.slice(0, at),
  port: Number(values.listen.slice(at + 1)),
});
server.on('connection', (socket) => handle(socket, switchboard));
server.on('listening', () => {
  const { address, port } = server.address();
  console.log(`listening on ws://${address}:${port}`);
});
