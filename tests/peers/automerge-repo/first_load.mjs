// All documents to a client that has none but knows their ids, which this protocol has no way to tell it.

import { Repo } from '@automerge/automerge-repo';
import { each, median, now, within } from '../lib/measure.mjs';
import { connect } from './client.mjs';
import { documentId } from './document_id.mjs';

/** Asked for at a time; all at once run into the client's own time-outs. */
const UNDER_WAY = 200;

export async function firstLoad({ server, devices }, { runs, seconds }) {
  const ids = devices.flatMap(({ workOrders }) => workOrders.map(({ id }) => documentId(id)));
  const taken = [];
  for (let run = 0; run < runs; run += 1) {
    const before = await server.ask('traffic');
    taken.push({ seconds: await load(ids, server.port, seconds), before, after: await server.ask('traffic') });
  }
  return {
    seconds: median(taken.map((one) => one.seconds)),
    megabytes: median(taken.map(({ before, after }) => (after.bytes - before.bytes) / 1e6)),
  };
}

async function load(ids, port, seconds) {
  const repo = new Repo({});
  const begin = now();
  connect({ repo }, port);
  let loaded = 0;
  const all = each(ids, UNDER_WAY, async (id) => {
    await repo.find(id);
    loaded += 1;
  });
  await within(seconds, all, () => `${loaded} of ${ids.length} documents had come`);
  const took = (now() - begin) / 1e3;
  repo.networkSubsystem.disconnect();
  return took;
}
