// A story: a server, the devices it needs, and a report when it goes wrong.

import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { openDevice } from './device.mjs';
import { output } from './paths.mjs';
import { startServer } from './server.mjs';

const LIMIT_MS = 300_000;
/** What is left for the report and for switching everything off. */
const REPORT_MS = 30_000;

/**
 * Tells a story in a fresh world: `story('name', async ({ server, device }) => …)`.
 * `device('Maya', { phone: true })` switches a device on; everything is switched off at the end. Options go to
 * `startServer`; an uncaught error on any page fails the story, and so does a row that is not as the feed says.
 */
export function story(name, tell, options = {}) {
  const limit = options.timeout ?? LIMIT_MS;
  test(name, { timeout: limit + REPORT_MS }, async () => {
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60);
    const server = await startServer(slug, options);
    const devices = [];
    const device = async (who, settings) => {
      const opened = await openDevice(server, who, settings);
      devices.push(opened);
      return opened;
    };
    try {
      await inTime(tell({ server, device }), limit);
      const uncaught = devices.flatMap((each) => each.uncaught);
      if (uncaught.length > 0) throw new AggregateError(uncaught, `uncaught on a page: ${uncaught[0].message}`);
      await server.run('verify-projections');
    } catch (error) {
      await report(slug, server, devices);
      throw error;
    } finally {
      for (const each of devices) await each.discard();
      await server.discard();
    }
  });
}

/** A story that hangs is told off before the runner gives up on it, so that it leaves a report. */
async function inTime(telling, limit) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not told after ${limit} ms`)), limit);
  });
  await Promise.race([telling, late]).finally(() => clearTimeout(timer));
}

/** Leaves pictures of every page, what the pages said and the server's log in the output folder. */
async function report(slug, server, devices) {
  const folder = path.join(output, slug);
  await fs.mkdir(folder, { recursive: true });
  await fs.copyFile(server.log, path.join(folder, 'server.log')).catch(() => {});
  for (const device of devices) {
    await fs.writeFile(path.join(folder, `${device.name}.errors.txt`), device.errors.join('\n'));
    for (const [index, page] of device.context.pages().entries()) {
      await page.screenshot({ path: path.join(folder, `${device.name}-${index}.png`), timeout: 5_000 }).catch(() => {});
    }
  }
}
