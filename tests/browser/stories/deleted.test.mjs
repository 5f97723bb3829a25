// A work order that was typed by mistake is deleted, and a phone that comes late brings nothing of it back.

import assert from 'node:assert/strict';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { SyncPanel } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const WHAT = 'Delete work order';

story('A manager deletes a work order, and a late note of it needs attention', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const gone = async () =>
    (await rows(server, 'document', 'deleted_at is not null', `doc_id = '${order.id}'`))[0][0] === 't';
  const tom = await device('tom', { phone: true });
  await tom.signIn(people.tech1);
  const late = await WorkOrderPage.open(tom, order.id);
  await late.accepted();
  await tom.page.getByRole('button', { name: 'More actions' }).click();
  assert.equal(await tom.page.getByRole('menuitem', { name: WHAT }).count(), 0, 'not his to delete');
  await tom.page.keyboard.press('Escape');
  await tom.goOffline();
  await late.addNote('Leaks at the gland.');

  const maya = await device('maya');
  await maya.signIn(people.manager);
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  await maya.page.getByRole('button', { name: 'More actions' }).click();
  await maya.page.getByRole('menuitem', { name: WHAT }).click();
  const dialog = maya.page.getByRole('dialog', { name: /^Delete / });
  await dialog.getByRole('button', { name: 'Back' }).click();
  assert.equal(await gone(), false, 'asking is not doing');
  await maya.page.getByRole('button', { name: 'More actions' }).click();
  await maya.page.getByRole('menuitem', { name: WHAT }).click();
  await dialog.getByRole('button', { name: WHAT }).click();
  await maya.page.getByRole('status').filter({ hasText: 'Work order deleted' }).waitFor();
  assert.equal(await gone(), true);
  await until('the list without it', async () => new URL(maya.page.url()).pathname === '/work-orders');
  await maya.open(`/work-orders/${order.id}`);
  await maya.page.getByText('Not on this device').waitFor();

  await tom.goOnline();
  await tom.page.getByText('Not on this device').waitFor();
  await tom.open('/my-work');
  const panel = await SyncPanel.open(tom.page);
  await panel.shows('This was deleted meanwhile.', 'Needs attention');
  const { file } = await panel.export();
  assert.ok(JSON.stringify(file).includes('Leaks at the gland.'), 'what he wrote can be taken along');
});
