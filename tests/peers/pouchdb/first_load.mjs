// All documents replicated to a client that has none: with the batches PouchDB takes by itself, and with large ones.

import { median, now, within } from '../lib/measure.mjs';
import { LARGE_BATCH, replica, replicate } from './replica.mjs';

export async function firstLoad({ server, remote, revisions }, { runs, seconds }) {
  const count = revisions.size;
  const taken = { standard: [], large: [], megabytes: [] };
  for (let run = 0; run < runs; run += 1) {
    const before = await server.ask('traffic');
    taken.standard.push(await load(remote, `standard-${run}`, { count, seconds }));
    taken.megabytes.push(((await server.ask('traffic')).bytes - before.bytes) / 1e6);
    taken.large.push(await load(remote, `large-${run}`, { count, seconds, batch_size: LARGE_BATCH }));
  }
  return {
    seconds: median(taken.standard),
    seconds_large_batches: median(taken.large),
    megabytes: median(taken.megabytes),
  };
}

async function load(remote, name, { count, seconds, ...options }) {
  const local = replica(name);
  const begin = now();
  const replicated = replicate(remote, local, options);
  const { docs_written: written } = await within(seconds, replicated, () => 'the replication was not complete');
  const took = (now() - begin) / 1e3;
  if (written !== count) throw new Error(`${written} of ${count} documents came`);
  await local.destroy();
  return took;
}
