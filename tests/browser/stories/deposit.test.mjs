// Somebody loses access while they work without a signal. What they did reaches their supervisor, and stays theirs.

import assert from 'node:assert/strict';
import { DESK, PHONE, assertAccessible } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { SyncPanel, showsSync } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';


story('Whoever is disabled offline hands their work over, and the supervisor takes it in their name', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const [[maya_, name]] = await server.sql(`select person_id, display_name from person where email = '${people.tech1}'`);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const hers = await WorkOrderPage.open(maya, order.id);
  await hers.accepted();
  await maya.goOffline();
  await hers.addNote('The gland is worn');
  await hers.addLabour({ hours: 0, minutes: 45, done: 'Tightened it' });
  await hers.addNote('Order a new one');
  await until('all is saved', async () => (await hers.saved()) === 3);

  await server.run('user', 'disable', '--organisation', 'demo', people.tech1);
  await maya.goOnline();
  await maya.open('/my-work');
  await showsSync(maya.page, 'Handed to your supervisor: 3 changes');
  await maya.page.getByRole('dialog', { name: 'Sign in again' }).getByRole('button', { name: 'Close' }).click();
  const panel = await SyncPanel.open(maya.page);
  await panel.shows('Labour added', 'Handed over');
  const { file } = await panel.export();
  assert.equal(file.commands.length, 3, 'they are still on the device');
  await panel.close();
  assert.deepEqual(await notesOf(server, order), [], 'held is not merged');

  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  await helen.page.getByRole('link', { name: 'Held changes' }).click();
  const held = helen.page.getByRole('list', { name: 'Held changes' }).getByRole('listitem');
  await until('three changes wait', async () => (await held.count()) === 3);
  for (const words of [order.number, name, 'Labour added']) await held.nth(1).getByText(words).waitFor();
  await held.nth(2).getByText('Order a new one').waitFor();
  for (const viewport of [PHONE, DESK]) {
    await helen.page.setViewportSize(viewport);
    await until('three changes wait here too', async () => (await held.count()) === 3);
    await assertAccessible(helen.page);
  }
  await held.nth(1).getByRole('button', { name: 'Accept' }).click();
  await helen.page.getByText('An earlier change of this device waits').waitFor();
  for (const [left, answer] of [[2, 'Accept'], [1, 'Accept'], [0, 'Decline']]) {
    await held.first().getByRole('button', { name: answer }).click();
    await until(`${left} are left`, async () => (await held.count()) === left);
  }
  await helen.page.getByText('Nothing waits for you').waitFor();

  assert.deepEqual(await notesOf(server, order), [['The gland is worn', maya_]]);
  const labour = await rows(server, 'labour_entry', 'minutes, author', `note = 'Tightened it'`);
  assert.deepEqual(labour, [['45', maya_]]);
  const theirs = await WorkOrderPage.open(helen, order.id);
  const note = theirs.notes.filter({ hasText: 'The gland is worn' });
  await note.getByText(name).waitFor();
});

async function notesOf(server, order) {
  return rows(server, 'comment', 'text, author', `doc_id = '${order.id}' and text in ('The gland is worn', 'Order a new one')`);
}
