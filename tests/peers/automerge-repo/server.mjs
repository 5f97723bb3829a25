// The sync server as its authors deploy it: documents on disk, given to whoever asks for them by id.

import { Repo } from '@automerge/automerge-repo';
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs';
import { WebSocketServer } from 'ws';
import { answer } from '../lib/server.mjs';
import { now } from '../lib/measure.mjs';
import { devices } from '../lib/work.mjs';
import { documentId } from './document_id.mjs';
import { growMemory } from './memory.mjs';

/** With the five seconds it has by itself, a server busy with thousands of documents hangs up on its clients. */
const KEEP_ALIVE_MS = 3_600_000;

/** What a work order takes. Only the seeding is made quicker with it: the server has no room to spare afterwards. */
const BYTES_PER_DOCUMENT = 25_000;

const traffic = { messages: 0, bytes: 0, lastAt: 0 };
const count = (data) => {
  traffic.messages += 1;
  traffic.bytes += data.byteLength;
  traffic.lastAt = now();
};

const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
sockets.on('connection', (socket) => {
  socket.on('message', count);
  const send = socket.send.bind(socket);
  socket.send = (data, ...rest) => {
    count(data);
    send(data, ...rest);
  };
});
const repo = new Repo({
  network: [new WebSocketServerAdapter(sockets, KEEP_ALIVE_MS)],
  storage: new NodeFSStorageAdapter(process.argv[2]),
  peerId: 'server',
  sharePolicy: async () => false,
});
repo.on('doc-metrics', () => {
  traffic.lastAt = now();
});

sockets.once('listening', () =>
  answer(sockets.address().port, {
    /** Takes all work orders in and writes them to disk. */
    seed: async (file) => {
      const workOrders = (await devices(file)).flatMap((device) => device.workOrders);
      growMemory(workOrders.length * BYTES_PER_DOCUMENT);
      for (const { id, saved } of workOrders) repo.import(saved, { docId: documentId(id) });
      await repo.flush();
    },
    /** Writes what is not written yet of these documents. */
    flush: (ids) => repo.flush(ids),
    traffic: () => traffic,
  }),
);
