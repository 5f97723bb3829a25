// The wire protocol of Hocuspocus, as much of it as a subscriber needs: a full provider for each of a thousand
// subscribers would keep the load's process busy with merging and make the server look slow.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import WebSocket from 'ws';
import * as Y from 'yjs';

const DOCUMENT = 'work';
const SYNC = 0;
const AUTH = 2;
const SYNC_REPLY = 4;
const [STEP_1, STEP_2, UPDATE] = [0, 1, 2];
const TOKEN = 0;

/** Opens a socket, signs in and asks for the document; resolves when it has come. */
export function subscribe(port, onUpdate = () => {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('open', () => {
      socket.send(message(AUTH, (encoder) => {
        encoding.writeVarUint(encoder, TOKEN);
        encoding.writeVarString(encoder, 'token');
      }));
      socket.send(message(SYNC, (encoder) => {
        encoding.writeVarUint(encoder, STEP_1);
        encoding.writeVarUint8Array(encoder, Y.encodeStateVector(new Y.Doc()));
      }));
    });
    socket.on('message', (data) => {
      const decoder = decoding.createDecoder(data);
      decoding.readVarString(decoder);
      const type = decoding.readVarUint(decoder);
      if (type !== SYNC && type !== SYNC_REPLY) return;
      const step = decoding.readVarUint(decoder);
      if (step === STEP_2) resolve(socket);
      else if (step === UPDATE) onUpdate(data);
    });
  });
}

/** Sends an update of the document. */
export function push(socket, update) {
  socket.send(message(SYNC, (encoder) => {
    encoding.writeVarUint(encoder, UPDATE);
    encoding.writeVarUint8Array(encoder, update);
  }));
}

function message(type, write) {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, DOCUMENT);
  encoding.writeVarUint(encoder, type);
  write(encoder);
  return encoding.toUint8Array(encoder);
}
