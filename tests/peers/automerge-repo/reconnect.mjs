// A client that holds all documents comes back and finds nothing new: from the opening of its socket until the server
// has dealt with the last message.

import { setTimeout as sleep } from 'node:timers/promises';
import { now, within } from '../lib/measure.mjs';
import { client, connect, inSync } from './client.mjs';

/** Nothing said for so long: that was all. */
const QUIET_MS = 1_500;

export async function reconnect({ server, devices }, { seconds }) {
  const one = client(devices.flatMap(({ workOrders }) => workOrders));
  const missing = new Set(one.handles.map(({ documentId }) => documentId));
  const settled = inSync([one], missing);
  const adapter = connect(one, server.port);
  await within(seconds, settled, () => `${missing.size} documents were not in sync`);
  await quiet(server, seconds);
  adapter.disconnect();
  await quiet(server, seconds);

  const [before, cpu] = [await server.ask('traffic'), await server.ask('cpu')];
  const begin = now();
  adapter.connect(one.repo.peerId, adapter.peerMetadata);
  const after = await quiet(server, seconds, before.messages + one.handles.length);
  adapter.disconnect();
  return {
    messages: after.messages - before.messages,
    bytes: after.bytes - before.bytes,
    milliseconds: after.lastAt - begin,
    server_ms: ((await server.ask('cpu')) - cpu) / 1e3,
  };
}

/** Waits until at least so many messages have passed and then none for a while. */
async function quiet(server, seconds, atLeast = 0) {
  const end = now() + seconds * 1e3;
  while (now() < end) {
    await sleep(100);
    const traffic = await server.ask('traffic');
    if (traffic.messages >= atLeast && now() - traffic.lastAt > QUIET_MS) return { ...traffic };
  }
  throw new Error(`not quiet after ${seconds} s`);
}
