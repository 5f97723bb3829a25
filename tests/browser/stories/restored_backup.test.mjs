// A backup is restored. What devices hold beyond it comes back: their own work, and that of somebody who is gone.

import assert from 'node:assert/strict';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

story('What a restored backup lacks comes back from the devices that have it', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const [[maya_]] = await server.sql(`select person_id from person where email = '${people.tech1}'`);
  const [[helen_]] = await server.sql(`select person_id from person where email = '${people.supervisor}'`);
  const [maya, helen] = [await device('maya', { phone: true }), await device('helen')];
  for (const [who, email] of [[maya, people.tech1], [helen, people.supervisor]]) {
    await who.signIn(email);
    await who.shellReady();
  }
  const restore = await server.backUp();
  const [before] = await historyOf(server);

  const hers = await WorkOrderPage.open(maya, order.id);
  await hers.accepted();
  await hers.addNote('The gland is worn');
  const theirs = await WorkOrderPage.open(helen, order.id);
  await theirs.notes.filter({ hasText: 'The gland is worn' }).waitFor();
  await theirs.addNote('Order a new one');
  const both = [['Order a new one', helen_], ['The gland is worn', maya_]];
  await until('both are on the server', async () => (await notesOf(server, order)).length === 2);
  await theirs.notes.filter({ hasText: 'Order a new one' }).waitFor();
  await maya.switchOff();

  await restore();
  await until('both are on the server again', async () => (await notesOf(server, order)).length === 2);
  assert.deepEqual(await notesOf(server, order), both, 'everything is by whoever made it');
  assert.notDeepEqual(await historyOf(server), [before], 'a new history has begun');
  for (const [text] of both) await theirs.notes.filter({ hasText: text }).waitFor();
  await helen.open('/board');
  await helen.shellReady();

  await maya.switchOn();
  const again = await WorkOrderPage.open(maya, order.id);
  for (const [text] of both) await again.notes.filter({ hasText: text }).waitFor();
  assert.deepEqual(await notesOf(server, order), both, 'nothing came twice');
});

async function historyOf(server) {
  return server.sql("select epoch from tenant_feed join organisation using (organization_id) where slug = 'demo'");
}

async function notesOf(server, order) {
  const notes = `doc_id = '${order.id}' and text in ('The gland is worn', 'Order a new one') order by text`;
  return rows(server, 'comment', 'text, author', notes);
}
