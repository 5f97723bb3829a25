// Hocuspocus as it comes: one document, no storage behind it.

import { Server } from '@hocuspocus/server';
import { answer } from '../lib/server.mjs';
import { now } from '../lib/measure.mjs';

const changes = [];
const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  stopOnSignals: false,
  // Called when an update is in the document and before anybody is told.
  onChange: async () => {
    changes.push(now());
  },
});
await server.listen();
answer(server.address.port, {
  /** When each update was taken in. */
  changes: () => changes,
});
