// A story: a server, the devices it needs, and a report when it goes wrong.

import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { openDevice } from './device.mjs';
import { output } from './paths.mjs';
import { startServer } from './server.mjs';

const LIMIT_MS = 180_000;

/**
 * Tells a story in a fresh world: `story('name', async ({ server, device }) => …)`.
 * `device('Maya', { phone: true })` switches a device on; everything is switched off at the end. Options go to
 * `startServer`; an uncaught error on any page fails the story.
 */
export function story(name, tell, options = {}) {
  test(name, { timeout: options.timeout ?? LIMIT_MS }, async () => {
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60);
    const server = await startServer(slug, options);
    const devices = [];
    const device = async (who, settings) => {
      const opened = await openDevice(server, who, settings);
      devices.push(opened);
      return opened;
    };
    try {
      await tell({ server, device });
      const uncaught = devices.flatMap((each) => each.uncaught);
      if (uncaught.length > 0) throw new AggregateError(uncaught, `uncaught on a page: ${uncaught[0].message}`);
    } catch (error) {
      await report(slug, server, devices);
      throw error;
    } finally {
      for (const each of devices) await each.discard();
      await server.discard();
    }
  });
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
