// The shell: what travels, and how soon it stands without a network.

import fs from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { openDevice } from '../lib/device.mjs';
import { dist } from '../lib/paths.mjs';
import { startServer } from '../lib/server.mjs';

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

export async function measure({ quick }) {
  return [...(await sizes()), ...(await coldStarts(quick ? 3 : 9))];
}

async function sizes() {
  const metrics = [];
  for (const folder of await fs.readdir(dist)) {
    const name = folder.match(/^(app|engine)-[0-9a-f]+$/)?.[1];
    if (!name) continue;
    const wasm = await fs.readFile(path.join(dist, folder, `client_${name}_bg.wasm`));
    metrics.push({ metric: `${name} WASM, brotli`, value: brotliCompressSync(wasm).length, unit: 'B' });
  }
  return metrics;
}

async function coldStarts(runs) {
  const server = await startServer('bench-shell', { seeded: false });
  const device = await openDevice(server, 'desk');
  try {
    await device.open('/');
    await device.shellReady();
    await device.goOffline();
    const times = [];
    for (let run = 0; run < runs; run += 1) {
      await device.page.reload();
      await device.page.waitForFunction(() => document.querySelector('.boot') === null, null, { polling: 'raf' });
      times.push(await device.page.evaluate(() => performance.now()));
    }
    return [{ metric: 'start unplugged to the first frame of the app', value: Math.round(median(times)), unit: 'ms' }];
  } finally {
    await device.discard();
    await server.discard();
  }
}
