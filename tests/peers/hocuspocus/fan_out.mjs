// One edit after the other, each after everybody has heard of the one before: from the moment the server has it in the
// document, and from the push before that, to the frame of each subscriber.

import * as Y from 'yjs';
import { each, now, percentile } from '../lib/measure.mjs';
import { push, subscribe } from './client.mjs';

const WARM_UP = 5;
const OPENED_AT_ONCE = 50;

export async function fanOut({ server, devices: [{ workOrders, edits }] }, { subscribers, rounds }) {
  const arrivals = { times: [], all: () => {} };
  const heard = () => {
    arrivals.times.push(now());
    if (arrivals.times.length === subscribers) arrivals.all();
  };
  const writer = await subscribe(server.port);
  const document = new Y.Doc();
  push(writer, written(document, workOrders[0].fields));

  const idle = await server.ask('memory');
  await each(Array.from({ length: subscribers }), OPENED_AT_ONCE, () => subscribe(server.port, heard));
  const bytes = ((await server.ask('memory')) - idle) / subscribers;

  const played = [];
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    const update = written(document, { estimated_minutes: round, answer: edits[round % edits.length].head });
    const everybody = new Promise((resolve) => {
      arrivals.times = [];
      arrivals.all = resolve;
    });
    const at = now();
    push(writer, update);
    await everybody;
    played.push({ at, heard: arrivals.times });
  }
  const changes = (await server.ask('changes')).slice(-rounds);
  const since = (start) =>
    played.slice(WARM_UP).flatMap((one, round) => one.heard.map((time) => time - start(one, round)));
  const fromCommit = since((_, round) => changes[round]);
  const fromPush = since(({ at }) => at);
  return {
    commit_p50_ms: percentile(fromCommit, 0.5),
    commit_p99_ms: percentile(fromCommit, 0.99),
    push_p50_ms: percentile(fromPush, 0.5),
    push_p99_ms: percentile(fromPush, 0.99),
    bytes_per_socket: bytes,
  };
}

/** Puts values into the document; gives the update that does it elsewhere. */
function written(document, fields) {
  let update;
  document.once('update', (bytes) => {
    update = bytes;
  });
  document.transact(() => {
    for (const [key, value] of Object.entries(fields)) document.getMap('work_order').set(key, value);
  });
  return update;
}
