// The work every system is given: a file with one line a device, written by `bench export`.

import fs from 'node:fs';
import readline from 'node:readline';

/**
 * What each device holds and does:
 * `workOrders` as `{ id, saved, fields }` (the Automerge document and the same as plain values) and
 * `edits` as `{ workOrder, changes, head, puts }` (Automerge changes, the hash of the last, the same as plain values).
 */
export async function devices(file) {
  const read = [];
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
    const { work_orders: workOrders, edits } = JSON.parse(line);
    read.push({
      workOrders: workOrders.map((order) => ({ ...order, saved: bytes(order.saved) })),
      edits: edits.map(({ work_order: workOrder, changes, ...edit }) => ({
        ...edit,
        workOrder,
        changes: changes.map(bytes),
      })),
    });
  }
  return read;
}

/** Each device with its share of one of so many consecutive runs. */
export function runOf(all, run, runs) {
  return all.map(({ edits }) => {
    const share = Math.floor(edits.length / runs);
    return edits.slice(run * share, (run + 1) * share);
  });
}

/** The work order after an edit. */
export function put(fields, puts) {
  for (const { path, value } of puts) {
    const last = path.at(-1);
    const holder = path.slice(0, -1).reduce((map, key) => (map[key] ??= {}), fields);
    holder[last] = value;
  }
}

const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64'));
