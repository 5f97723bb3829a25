// Hocuspocus: one document that many follow.

import { devices } from '../lib/work.mjs';
import { fanOut } from './fan_out.mjs';

export const server = new URL('server.mjs', import.meta.url);

export async function prepare(server, { file }) {
  return { server, devices: await devices(file) };
}

export const parts = { 'fan-out': fanOut };
