// The shell of the app: it loads, it is kept on the device, and it starts without a network.

import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';

const empty = { seeded: false };
const appStarted = (page) => page.waitForFunction(() => document.querySelector('.boot') === null);

story('The app starts with the network unplugged, at any address', async ({ device }) => {
  const phone = await device('phone', { phone: true });
  await phone.open('/');
  await appStarted(phone.page);
  await phone.shellReady();
  const online = await phone.page.title();

  await phone.goOffline();
  await phone.page.reload();
  await appStarted(phone.page);
  assert.equal(await phone.page.title(), online);

  const deep = await phone.newTab('/work-orders');
  await appStarted(deep);
}, empty);

story('The app starts from a killed browser while the server is gone', async ({ server, device }) => {
  const desk = await device('desk');
  await desk.open('/');
  await appStarted(desk.page);
  await desk.shellReady();

  await server.kill();
  await desk.kill();
  await desk.switchOn();
  await desk.open('/');
  await appStarted(desk.page);
}, empty);

story('The server keeps its own addresses', async ({ device }) => {
  const desk = await device('desk');
  await desk.open('/');
  await desk.shellReady();
  await desk.goOffline();
  for (const route of ['/api/docs', '/healthz', '/metrics']) {
    await assert.rejects(desk.open(route), /ERR_INTERNET_DISCONNECTED/, `${route} was answered from the device`);
  }
}, empty);

story('The app can be installed', async ({ device }) => {
  const phone = await device('phone', { phone: true });
  await phone.open('/');
  await phone.shellReady();
  const cdp = await phone.context.newCDPSession(phone.page);
  const { errors, manifest } = await cdp.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(manifest.id, phone.at('/'));
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId), []);
}, empty);

story('The chosen theme is there before the first paint', async ({ device }) => {
  const desk = await device('desk', { context: { colorScheme: 'light' } });
  await desk.open('/');
  const background = () => desk.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await desk.page.evaluate(() => localStorage.setItem('maintainpro.theme', 'dark'));
  await desk.page.reload({ waitUntil: 'commit' });
  await desk.page.waitForFunction(() => document.body !== null, null, { polling: 'raf' });
  assert.equal(await desk.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.notEqual(await background(), light);
}, empty);
