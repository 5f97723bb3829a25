// Ports. Servers and cables let go of theirs for a while and want them back; stories that are told at the same time
// keep out of each other's way.

import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { scratch } from './paths.mjs';

/** A port nobody listens on, and no other story of this run will. */
export async function freePort() {
  const taken = path.join(scratch, 'ports');
  await fs.mkdir(taken, { recursive: true });
  for (;;) {
    const port = await unusedPort();
    const mine = await fs.writeFile(path.join(taken, String(port)), '', { flag: 'wx' }).then(
      () => true,
      (error) => {
        if (error.code !== 'EEXIST') throw error;
        return false;
      },
    );
    if (mine) return port;
  }
}

async function unusedPort() {
  const probe = net.createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
