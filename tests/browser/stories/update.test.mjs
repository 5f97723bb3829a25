// A new version of the app: offered, never forced.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { rows } from '../lib/demo.mjs';
import { dist, scratch } from '../lib/paths.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

/** A client of its own, so that a new version can be deployed beside others' stories. */
async function deployed() {
  const pwa = await fs.mkdtemp(path.join(scratch, 'pwa-'));
  await fs.cp(dist, pwa, { recursive: true });
  return pwa;
}

const pwa = await deployed();
const pwaOfWriters = await deployed();

const sha256 = (text) => createHash('sha256').update(text).digest('base64');

/** Deploys a version that differs in one file, as a build would: another hash, another cache name. */
async function deployNextVersion(pwa) {
  const before = await fs.readFile(path.join(pwa, 'theme.js'), 'utf8');
  const after = `${before}window.isNextVersion = true;\n`;
  const worker = await fs.readFile(path.join(pwa, 'service-worker.js'), 'utf8');
  assert.ok(worker.includes(sha256(before)), 'the service worker knows the file by its hash');
  const next = worker
    .replace(sha256(before), sha256(after))
    .replace(/(maintainpro-shell-.{0,40}?)[0-9a-f]{16}/s, '$1ffffffffffffffff');
  await write(pwa, 'theme.js', after);
  await write(pwa, 'service-worker.js', next);
}

/** Writes a file of the deployed client and removes its compressed copies. */
async function write(pwa, file, text) {
  await fs.writeFile(path.join(pwa, file), text);
  for (const suffix of ['.br', '.gz']) await fs.rm(path.join(pwa, file + suffix), { force: true });
}

const isNextVersion = (page) => page.evaluate(() => window.isNextVersion === true);

const waitingState = (page) =>
  page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).waiting?.state);

/** Notes in the page what a tab is told, and what it must not lose. */
const watch = (page) =>
  page.evaluate(() => {
    window.typed = 'half a sentence';
    window.offered = new Promise((resolve) => window.addEventListener('maintainpro:update-ready', () => resolve(true)));
  });

story(
  'A new version waits until the person agrees and leaves other tabs alone',
  async ({ device }) => {
    const desk = await device('desk');
    await desk.open('/');
    await desk.shellReady();
    const other = await desk.newTab('/');
    await watch(desk.page);
    await watch(other);

    await deployNextVersion(pwa);
    await desk.page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()));
    assert.equal(await desk.page.evaluate(() => window.offered), true);
    assert.equal(await other.evaluate(() => window.offered), true);
    assert.equal(await waitingState(desk.page), 'installed', 'nothing is replaced before the person agrees');
    assert.equal(await desk.page.evaluate(() => window.typed), 'half a sentence');

    const reloaded = desk.page.waitForEvent('load');
    await desk.page.evaluate(() => window.dispatchEvent(new CustomEvent('maintainpro:accept-update')));
    await reloaded;
    assert.equal(await isNextVersion(desk.page), true);
    assert.equal(await other.evaluate(() => window.typed), 'half a sentence', 'the other tab was not reloaded');
    const caches = await desk.page.evaluate(() => window.caches.keys());
    assert.equal(caches.filter((name) => name.startsWith('maintainpro-shell-')).length, 1);

    await desk.goOffline();
    await desk.page.reload();
    assert.equal(await isNextVersion(desk.page), true);
  },
  { pwa, seeded: false },
);

story(
  'Who is still writing keeps the words when a new version is ready',
  async ({ server, device }) => {
    const phone = await device('phone', { phone: true });
    await phone.signIn(people.tech1);
    await allAccepted(phone.page);
    await phone.shellReady();
    const { page } = phone;
    await phone.open('/work-orders/new');
    const words = 'Hums since Monday.\nWorse when it is warm.';
    await page.getByLabel('Description').fill(words);

    await deployNextVersion(pwaOfWriters);
    await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.update()));
    await page.getByText('New version ready').waitFor();
    await page.getByRole('button', { name: 'Reload', exact: true }).click();
    await page.getByText('You are still writing.').waitFor();
    assert.equal(await page.getByLabel('Description').inputValue(), words);
    assert.equal(await isNextVersion(page), false);

    await page.getByLabel('Title').fill('Hall lamp hums');
    await page.getByRole('button', { name: 'Create work order' }).click();
    const order = new WorkOrderPage(page);
    await order.accepted();
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Reload anyway' }).click();
    await reloaded;
    assert.equal(await isNextVersion(page), true);
    await order.isReady();
    await order.shows('Hall lamp hums', words);
    assert.deepEqual(await rows(server, 'work_order', 'description', "title = 'Hall lamp hums'"), [[words]]);
  },
  { pwa: pwaOfWriters },
);
