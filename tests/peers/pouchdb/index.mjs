// PouchDB with its server over HTTP, documents in LevelDB.

import { devices } from '../lib/work.mjs';
import { firstLoad } from './first_load.mjs';
import { pushes } from './pushes.mjs';
import { reconnect } from './reconnect.mjs';

export const server = new URL('server.mjs', import.meta.url);

export async function prepare(server, { file }) {
  const revisions = new Map(await server.ask('seed', file));
  return { server, revisions, remote: `http://127.0.0.1:${server.port}/work`, devices: await devices(file) };
}

export const parts = { pushes, reconnect, 'first-load': firstLoad };
