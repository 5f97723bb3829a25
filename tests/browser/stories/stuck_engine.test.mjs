// An engine that hangs in the middle of a transaction keeps the database locked for everybody. Nobody is told that
// anything was saved, whoever is in front of the app hears what to do, and once the tab is closed all goes on. One that
// dies alone, without a word, is missed by its tab, and another takes its place.

import assert from 'node:assert/strict';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { SyncPanel } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

story('An engine that hangs while it writes holds nobody up once its tab is closed', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const first = await WorkOrderPage.open(maya, order.id);
  await first.accepted();
  const second = await WorkOrderPage.open(maya, order.id, await maya.newTab());
  await second.accepted();
  await maya.goOffline();
  await second.addNote('Before it hung');
  await second.savedMore(0);
  // A tab that was slow for a second may have left the engine to the other one.
  const [hung, other] = first.page.workers().length > 0 ? [first, second] : [second, first];

  // The other tab's note is what the engine hangs with.
  const killHung = await maya.tabKiller(hung.page);
  await maya.freezeTab(hung.page, { atWrite: true });
  await other.giveNote('While it hung');
  await other.notSaved();
  assert.equal(await other.saved(), 0, 'nobody says that it is saved');
  const panel = await SyncPanel.open(other.page);
  await panel.sheet.getByText('Close other tabs of this app').waitFor();
  // Nobody can read what is stored; what this tab has can be taken out of it.
  const { file } = await panel.export();
  const taken = file.commands.map(({ not_saved, intent }) => [not_saved, intent.text]);
  assert.deepEqual(taken, [[true, 'While it hung']]);
  await panel.close();

  await killHung();
  await other.savedMore(1);
  await maya.goOnline();
  await other.accepted();
  await until('both notes are with the server', async () =>
    (await rows(server, 'comment', 'text', `doc_id = '${order.id}' order by text`)).length === 2);
  const notes = await rows(server, 'comment', 'text', `doc_id = '${order.id}' order by text`);
  assert.deepEqual(notes.flat(), ['Before it hung', 'While it hung']);
});

story('A note given while only the engine is dead is saved by the next one', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  await maya.goOffline();
  for (const note of ['To the first', 'To the second']) {
    const before = await page.saved();
    const [engine, ...others] = maya.page.workers();
    assert.deepEqual(others, [], 'one engine, in this tab');
    const dead = engine.waitForEvent('close');
    await Promise.all([dead, engine.evaluate(() => self.close()).catch(() => {})]);
    await page.addNote(note);
    await page.savedMore(before);
  }
  await maya.goOnline();
  await page.accepted();
  const notes = await rows(server, 'comment', 'text', `doc_id = '${order.id}' order by text`);
  assert.deepEqual(notes.flat(), ['To the first', 'To the second']);
});
