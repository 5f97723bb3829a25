// automerge-repo: its sync server over WebSocket with documents in files.

import { devices } from '../lib/work.mjs';
import { firstLoad } from './first_load.mjs';
import { growMemory } from './memory.mjs';
import { pushes } from './pushes.mjs';
import { reconnect } from './reconnect.mjs';

/** More than the load needs, so that it is not what is slow. */
const LOAD_MEMORY_BYTES = 300_000_000;

export const server = new URL('server.mjs', import.meta.url);

export async function prepare(server, { file }) {
  growMemory(LOAD_MEMORY_BYTES);
  await server.ask('seed', file);
  return { server, devices: await devices(file) };
}

export const parts = { pushes, reconnect, 'first-load': firstLoad };
