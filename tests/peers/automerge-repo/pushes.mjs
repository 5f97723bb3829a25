// Edits of one field pushed by 24 clients at once. An edit counts as acknowledged when the server has said that its
// document's heads include it; the clock stops when the server has written all of them to its files (without fsync,
// which its storage does not offer).

import { applyChanges, encodeHeads } from '@automerge/automerge-repo';
import { median, now, within } from '../lib/measure.mjs';
import { runOf } from '../lib/work.mjs';
import { client, connect, inSync, onServerHeads } from './client.mjs';

/** As many as a device has under way when it pushes to us. */
const UNDER_WAY = 32;

export async function pushes({ server, devices }, { runs, seconds }) {
  const clients = devices.map(({ workOrders }) => client(workOrders));
  await settle(clients, server.port, seconds);
  const taken = [];
  for (let run = 0; run < runs; run += 1) {
    const edits = runOf(devices, run, runs);
    const before = await server.ask('cpu');
    const pushed = await push(server, clients, edits, seconds);
    const cpu = (await server.ask('cpu')) - before;
    taken.push({ ...pushed, cpu: cpu / pushed.acknowledged });
    if (pushed.acknowledged < pushed.edits) break;
  }
  for (const { repo } of clients) repo.networkSubsystem.disconnect();
  const short = taken.find(({ acknowledged, edits }) => acknowledged < edits);
  return {
    changes_per_second: median(taken.map(({ acknowledged, ms }) => (acknowledged / ms) * 1e3)),
    server_us_per_change: median(taken.map(({ cpu }) => cpu)),
    note: short && `${short.acknowledged} of ${short.edits} changes, stopped after ${seconds} s`,
  };
}

/** Connects all and waits until they and the server agree. */
async function settle(clients, port, seconds) {
  const missing = new Set(clients.flatMap(({ handles }) => handles.map(({ documentId }) => documentId)));
  const settled = inSync(clients, missing);
  for (const one of clients) connect(one, port);
  await within(seconds, settled, () => `${missing.size} documents were not in sync`);
}

async function push(server, clients, edits, seconds) {
  const count = edits.flat().length;
  const pushers = clients.map((one, place) => pusher(one, edits[place]));
  const begin = now();
  const done = Promise.all(pushers.map(({ run }) => run()));
  const timer = setTimeout(() => pushers.forEach(({ stop }) => stop()), seconds * 1000);
  await done;
  clearTimeout(timer);
  const edited = edits.flatMap((of, place) => of.map(({ workOrder }) => clients[place].handles[workOrder].documentId));
  await server.ask('flush', [...new Set(edited)]);
  const acknowledged = pushers.reduce((sum, { acknowledged }) => sum + acknowledged(), 0);
  return { edits: count, acknowledged, ms: now() - begin };
}

/** One client's edits, so many under way at a time. */
function pusher(one, edits) {
  const waiting = edits.map((edit) => ({ ...edit, head: encodeHeads([edit.head])[0] }));
  const underWay = new Map(one.handles.map((handle) => [handle, []]));
  let [next, acknowledged, finish] = [0, 0, () => {}];
  const fill = () => {
    for (; next < waiting.length && next - acknowledged < UNDER_WAY; next += 1) {
      const { workOrder, changes, head } = waiting[next];
      const handle = one.handles[workOrder];
      underWay.get(handle).push(head);
      handle.update((document) => applyChanges(document, changes)[0]);
    }
    if (acknowledged === waiting.length) finish();
  };
  onServerHeads(one, (handle, heads) => {
    const pending = underWay.get(handle);
    const place = pending.findIndex((head) => heads.includes(head));
    acknowledged += pending.splice(0, place + 1).length;
    fill();
  });
  const run = () =>
    new Promise((resolve) => {
      finish = resolve;
      fill();
    });
  return { run, stop: () => finish(), acknowledged: () => acknowledged };
}
