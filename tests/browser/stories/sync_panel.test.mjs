// The panel says honestly where every change is, and nothing typed is ever gone.

import assert from 'node:assert/strict';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { readDatabases } from '../lib/indexed_db.mjs';
import { password, people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { SyncPanel, allAccepted, showsSync } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const MAYA = "(select person_id from person where email = 'tech1@demo.example')";

/** Maya writes a note and sets a priority without a signal, then looks at the panel. */
async function workOffline(server, device) {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  await maya.goOffline();
  await page.addNote('Coupling guard is missing');
  await page.setPriority('Critical');
  await until('both are saved', async () => (await page.saved()) === 2);
  await page.page.getByRole('link', { name: 'Back' }).click();
  const panel = await SyncPanel.open(maya.page);
  return { order, maya, panel };
}

story('Changes go from saved to accepted, and unsent work can be taken away as a file', async ({ server, device }) => {
  const { order, maya, panel } = await workOffline(server, device);
  await panel.shows('Note added', 'Saved here');
  await panel.shows('Work order changed', 'Saved here');
  const { name, file } = await panel.export();
  assert.match(name, /^maintainpro-unsent-.*\.json$/);
  assert.equal(file.maintainpro_unsent_work, 1);
  assert.equal(file.commands.length, 2);
  assert.match(JSON.stringify(file.commands.map(({ intent }) => intent)), /Coupling guard is missing/);

  await maya.goOnline();
  await panel.shows('Note added', 'Accepted');
  await panel.shows('Work order changed', 'Accepted');
  const notes = await rows(server, 'comment', 'text', `doc_id = '${order.id}'`);
  assert.deepEqual(notes.flat(), ['Coupling guard is missing']);
});

story('The panel tells the truth while server and database are killed under unsent work', async ({ server, device }) => {
  const { order, maya, panel } = await workOffline(server, device);
  const told = await panel.follow('Note added');
  const notes = async () => (await rows(server, 'comment', 'text', `doc_id = '${order.id}'`)).flat();

  await server.kill();
  const tried = maya.page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/socket-tickets'));
  await maya.goOnline();
  await tried;
  await panel.isCutOff();
  await panel.shows('Note added', 'Saved here');

  // The server has it and cannot write it down: it is on its way, and no more than that.
  await maya.goOffline();
  await server.start();
  const letGo = await server.holdFeed();
  await maya.goOnline();
  await panel.shows('Note added', 'Sending');
  await server.kill();
  await panel.shows('Note added', 'Saved here');
  await panel.isCutOff();
  await server.start();
  await panel.shows('Note added', 'Sending');
  assert.deepEqual(await notes(), []);

  await server.killDatabase();
  await letGo();
  await panel.shows('Note added', 'Accepted');
  await panel.shows('Work order changed', 'Accepted');
  assert.deepEqual(await notes(), ['Coupling guard is missing']);
  const states = await told();
  assert.equal(states.findIndex(({ state }) => state === 'Accepted'), states.length - 1, 'accepted is said once, at the end');
  const [[received]] = await rows(server, 'comment', 'extract(epoch from received_at) * 1000', `doc_id = '${order.id}'`);
  assert.ok(Number(received) <= states.at(-1).at, 'accepted was said before it was true');

  await server.kill();
  await server.start();
  await panel.isConnected();
  await panel.shows('Note added', 'Accepted');
  assert.deepEqual(await notes(), ['Coupling guard is missing']);
});

story('A refused change needs attention, is kept, and goes through once the right is back', async ({ server, device }) => {
  const { order, maya, panel } = await workOffline(server, device);
  await server.sql(`update person_grant set role = 'requester' where person_id = ${MAYA}`);
  await maya.goOnline();
  await panel.shows('Work order changed', 'Needs attention');
  // The copy is made anew under the new rights; until then the device would still try by itself.
  await until('nothing is tried any more', async () => {
    const [stores] = Object.values(await readDatabases(maya.page));
    return stores.outbox.length === 0 && stores.attention.length === 1;
  });
  await panel.shows('Work order changed', 'Needs attention');
  assert.deepEqual(await rows(server, 'work_order', 'priority', `work_order_id = '${order.id}'`), [['high']]);
  const { file } = await panel.export();
  assert.match(JSON.stringify(file), /critical/);

  await maya.page.reload();
  const again = await SyncPanel.open(maya.page);
  await again.shows('Work order changed', 'Needs attention');
  await server.sql(`update person_grant set role = 'technician' where person_id = ${MAYA}`);
  await maya.goOffline();
  await again.isCutOff();
  await maya.goOnline();
  await again.isConnected();
  await again.changes.filter({ hasText: 'Needs attention' }).getByRole('button', { name: 'Try again' }).click();
  await again.shows('Work order changed', 'Accepted');
  assert.deepEqual(await rows(server, 'work_order', 'priority', `work_order_id = '${order.id}'`), [['critical']]);
  assert.deepEqual(await rows(server, 'comment', 'text', `doc_id = '${order.id}'`), [['Coupling guard is missing']]);
});

story('An ended session asks to sign in and keeps everything', async ({ server, device }) => {
  const { order, maya, panel } = await workOffline(server, device);
  await panel.close();
  await server.sql(`delete from session where person_id = ${MAYA}`);
  await maya.goOnline();

  const sheet = maya.page.getByRole('dialog', { name: 'Sign in again' });
  await sheet.waitFor();
  await sheet.getByRole('button', { name: 'Close' }).click();
  await showsSync(maya.page, 'Sign in again to send 2 changes');
  await maya.page.reload();
  await sheet.getByLabel('Password').fill(password);
  await sheet.getByRole('button', { name: 'Sign in', exact: true }).click();
  await sheet.waitFor({ state: 'detached' });
  await allAccepted(maya.page);
  const notes = await rows(server, 'comment', 'text', `doc_id = '${order.id}'`);
  assert.deepEqual(notes.flat(), ['Coupling guard is missing']);
  assert.deepEqual(await rows(server, 'work_order', 'priority', `work_order_id = '${order.id}'`), [['critical']]);
});
