// A client that holds all documents replicates once more and finds nothing new.

import { median, now, within } from '../lib/measure.mjs';
import { LARGE_BATCH, replica, replicate } from './replica.mjs';

const TIMES = 20;

export async function reconnect({ server, remote }, { seconds }) {
  const local = replica('reconnect');
  const loaded = replicate(remote, local, { batch_size: LARGE_BATCH });
  await within(seconds, loaded, () => 'the first replication was not complete');
  const taken = [];
  for (let time = 0; time < TIMES; time += 1) {
    const [before, cpu] = [await server.ask('traffic'), await server.ask('cpu')];
    const begin = now();
    const { docs_read: read } = await replicate(remote, local);
    const milliseconds = now() - begin;
    if (read !== 0) throw new Error(`${read} documents were new`);
    const after = await server.ask('traffic');
    taken.push({
      messages: after.requests - before.requests,
      bytes: after.bytes - before.bytes,
      milliseconds,
      server_ms: ((await server.ask('cpu')) - cpu) / 1e3,
    });
  }
  const middle = (name) => median(taken.map((one) => one[name]));
  return {
    messages: middle('messages'),
    bytes: middle('bytes'),
    milliseconds: middle('milliseconds'),
    server_ms: middle('server_ms'),
  };
}
