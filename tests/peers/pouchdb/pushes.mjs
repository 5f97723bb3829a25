// Edits of one field pushed by 24 clients at once, each as the whole document with its revision, as this system wants
// it. An edit counts as acknowledged when the answer to its `_bulk_docs` names the new revision (in LevelDB by then,
// without fsync, which this server does not offer).

import http from 'node:http';
import { median, now } from '../lib/measure.mjs';
import { put, runOf } from '../lib/work.mjs';

/** As many as a device has under way when it pushes to us. */
const UNDER_WAY = 32;

export async function pushes({ server, revisions, devices }, { runs, seconds }) {
  const post = poster(server.port);
  const taken = [];
  for (let run = 0; run < runs; run += 1) {
    const edits = runOf(devices, run, runs);
    const count = edits.flat().length;
    const before = await server.ask('cpu');
    const begin = now();
    const end = begin + seconds * 1e3;
    await Promise.all(devices.map(({ workOrders }, place) => push(post, workOrders, edits[place], { revisions, end })));
    const ms = now() - begin;
    taken.push({ rate: (count / ms) * 1e3, cpu: ((await server.ask('cpu')) - before) / count });
  }
  return {
    changes_per_second: median(taken.map(({ rate }) => rate)),
    server_us_per_change: median(taken.map(({ cpu }) => cpu)),
  };
}

/** One client's edits, a batch after the other. */
async function push(post, workOrders, edits, { revisions, end }) {
  const waiting = [...edits];
  while (waiting.length > 0) {
    if (now() > end) throw new Error(`${waiting.length} edits of one client were left when time was up`);
    const documents = batch(waiting).map(({ workOrder, puts }) => {
      const { id, fields } = workOrders[workOrder];
      put(fields, puts);
      return { ...fields, _id: id, _rev: revisions.get(id) };
    });
    for (const { id, rev, error } of await post('/work/_bulk_docs', { docs: documents })) {
      if (error) throw new Error(`${id}: ${error}`);
      revisions.set(id, rev);
    }
  }
}

/** Takes the first edits of different documents: a batch cannot build upon a revision it makes itself. */
function batch(waiting) {
  const taken = new Map();
  for (let place = 0; place < waiting.length && taken.size < UNDER_WAY; ) {
    const { workOrder } = waiting[place];
    if (taken.has(workOrder)) place += 1;
    else taken.set(workOrder, ...waiting.splice(place, 1));
  }
  return [...taken.values()];
}

/** Sends JSON over connections that are kept. */
function poster(port) {
  const agent = new http.Agent({ keepAlive: true });
  return (path, body) =>
    new Promise((resolve, reject) => {
      const text = Buffer.from(JSON.stringify(body));
      const headers = { 'content-type': 'application/json', 'content-length': text.length };
      const request = http.request({ agent, port, host: '127.0.0.1', path, method: 'POST', headers }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => {
          const answer = Buffer.concat(parts).toString();
          if (response.statusCode >= 300) reject(new Error(`${response.statusCode} ${answer}`));
          else resolve(JSON.parse(answer));
        });
      });
      request.on('error', reject);
      request.end(text);
    });
}
