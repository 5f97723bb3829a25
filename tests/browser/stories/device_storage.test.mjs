// What a device does when the browser's storage fails it: nothing that was said to be saved is gone, and what is
// not saved is not said to be.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  damageOutbox,
  deleteDatabase,
  forgetDocument,
  hasDocument,
  openRecoveryPage,
  raiseDatabaseVersion,
  saveRecoveryFile,
  settledUsage,
} from '../lib/device_storage.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { SyncPanel, allAccepted, showsSync } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

/** Enough to start with, and for a note or two. */
const ROOM_BYTES = 200_000;
/** As long as a note may be; nothing can make it shorter. */
const LONG = randomBytes(7_400).toString('base64');

/** Maya has one of her work orders open, and everything is on the phone. */
async function atAnOrder(server, device) {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  return { order, maya, page };
}

const notesOf = async (server, order) =>
  (await rows(server, 'comment', 'text', `doc_id = '${order.id}' order by received_at`)).flat();

const status = (page, text) => page.page.getByRole('status').filter({ hasText: text }).first();

story('Saved is said only after the strict transaction is complete', async ({ server, device }) => {
  const { maya, page } = await atAnOrder(server, device);
  await maya.goOffline();
  const [engine] = maya.page.workers();
  await engine.evaluate(holdCommandTransactions);
  await maya.page.evaluate(countPersistRequests);

  await page.page.getByRole('textbox', { name: 'Write a note' }).fill('Seal is worn');
  await page.page.getByRole('button', { name: 'Add note' }).click();
  await until('the command is being written', () => engine.evaluate(() => self.heard.length > 0));
  await status(page, 'Saving').waitFor();
  assert.deepEqual(await engine.evaluate(() => self.heard), ['begun, strict']);
  await engine.evaluate(() => self.letGo());
  await status(page, '1 change saved on this device').waitFor();
  assert.deepEqual(await engine.evaluate(() => self.heard), ['begun, strict', 'complete', 'said: saved']);
  // Now there is something to keep.
  await until('the browser is asked to keep it', () => maya.page.evaluate(() => window.persistRequests === 1));
});

function countPersistRequests() {
  window.persistRequests = 0;
  const persist = StorageManager.prototype.persist;
  StorageManager.prototype.persist = function () {
    window.persistRequests += 1;
    return persist.call(this);
  };
}

/** In the engine: transactions that write the outbox stay open until `letGo`; `heard` tells what happened in order. */
function holdCommandTransactions() {
  let held = true;
  self.heard = [];
  self.letGo = () => { held = false; };
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const transaction = begin.call(this, stores, mode, options);
    if (mode === 'readwrite' && transaction.objectStoreNames.contains('outbox')) {
      self.heard.push(`begun, ${transaction.durability}`);
      transaction.addEventListener('complete', () => self.heard.push('complete'));
      const hold = () => {
        if (held) transaction.objectStore('meta').get('epoch').onsuccess = hold;
      };
      hold();
    }
    return transaction;
  };
  const say = BroadcastChannel.prototype.postMessage;
  BroadcastChannel.prototype.postMessage = function (message) {
    if (JSON.parse(message).tell === 'saved') self.heard.push('said: saved');
    return say.call(this, message);
  };
}

story('Unsent work survives a database that does not open and one that is gone', async ({ server, device }) => {
  const { order, maya, page } = await atAnOrder(server, device);
  await maya.goOffline();
  await page.addNote('Written before the database broke');
  await status(page, '1 change saved on this device').waitFor();

  await openRecoveryPage(maya);
  await raiseDatabaseVersion(maya.page);
  await maya.open('/my-work');
  await showsSync(maya.page, 'This device cannot save right now');
  const panel = await SyncPanel.open(maya.page);
  const opening = maya.context.waitForEvent('page');
  await panel.sheet.getByRole('link', { name: 'Save a copy of all stored work' }).click();
  const file = await saveRecoveryFile(await opening);
  assert.equal(file.databases[0].version, 2);
  const journals = file.journals.filter(({ commands }) => commands.length > 0);
  for (const { commands } of [...file.databases[0].entries, ...journals]) {
    assert.match(JSON.stringify(commands), /Written before the database broke/);
  }
  assert.equal(journals.length, 1);

  await openRecoveryPage(maya);
  await deleteDatabase(maya.page);
  await maya.open('/my-work');
  await showsSync(maya.page, '1 change saved on this device');
  await maya.goOnline();
  await allAccepted(maya.page);
  assert.deepEqual(await notesOf(server, order), ['Written before the database broke']);
  await maya.open(`/work-orders/${order.id}`);
  await page.shows('Written before the database broke');
});

story('A damaged entry of the outbox is kept, shown and replaced by its second copy', async ({ server, device }) => {
  const { order, maya, page } = await atAnOrder(server, device);
  await maya.goOffline();
  await page.addNote('First note');
  await page.addNote('Second note');
  await status(page, '2 changes saved on this device').waitFor();

  await openRecoveryPage(maya);
  const damaged = await damageOutbox(maya.page);
  await maya.open('/my-work');
  await showsSync(maya.page, '1 change needs attention');
  const panel = await SyncPanel.open(maya.page);
  await panel.changes.filter({ hasText: 'Unreadable' }).waitFor();
  const { file } = await panel.export();
  assert.deepEqual(file.unreadable.map(({ key, base64 }) => ({ key, base64 })), [damaged]);
  assert.equal(file.commands.length, 2);

  await maya.goOnline();
  await panel.shows('Note added', 'Accepted');
  await until('both notes', async () => (await notesOf(server, order)).length === 2);
  assert.deepEqual(await notesOf(server, order), ['First note', 'Second note']);
  await panel.changes.filter({ hasText: 'Unreadable' }).waitFor();
});

story('A full device says so, keeps what was typed, and saves it when there is space', async ({ server, device }) => {
  const { order, maya } = await atAnOrder(server, device);
  const { origin } = new URL(maya.at());
  // A browser that has just started asks how much there is; later it trusts its memory for up to half a minute.
  await maya.switchOff();
  await maya.switchOn();
  await maya.goOffline();
  await openRecoveryPage(maya);
  const used = await settledUsage(maya.page);
  const browser = await maya.context.newCDPSession(maya.page);
  await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: used + ROOM_BYTES });
  const page = await WorkOrderPage.open(maya, order.id);

  const deadline = Date.now() + 60_000;
  let written = 0;
  do {
    written += 1;
    assert.ok(Date.now() < deadline, 'the device takes any amount');
    await page.page.getByRole('textbox', { name: 'Write a note' }).fill(`${written} ${LONG}`);
    await page.page.getByRole('button', { name: 'Add note' }).click();
    await status(page, new RegExp(`Not saved yet|${written} changes? saved on this device`)).waitFor();
  } while ((await status(page, 'Not saved yet').count()) === 0);
  await page.page.getByRole('link', { name: 'Back' }).click();
  await showsSync(maya.page, 'This device cannot save right now');
  const panel = await SyncPanel.open(maya.page);
  await panel.sheet.getByText('It is full.').waitFor();
  await panel.sheet.getByText(/\d MB of .*\d (MB|GB)/).waitFor();
  const { file } = await panel.export();
  const typed = file.commands.filter(({ not_saved }) => not_saved);
  assert.deepEqual(typed.map(({ intent }) => intent.text), [`${written} ${LONG}`]);
  assert.equal(file.commands.length, written, 'what was saved is in the file, too');

  await browser.send('Storage.overrideQuotaForOrigin', { origin });
  await showsSync(maya.page, `${written} changes saved on this device`);
  await maya.goOnline();
  await allAccepted(maya.page);
  assert.equal((await notesOf(server, order)).length, written);
});

story('What the browser lost without a word is back once the copy is compared', async ({ server, device }) => {
  const { order, maya, page } = await atAnOrder(server, device);
  const others = await rows(server, 'work_order', 'work_order_id, title', `work_order_id <> '${order.id}' and status = 'assigned' order by number limit 5`);
  const here = [];
  for (const [id, title] of others) if (await hasDocument(maya.page, id)) here.push({ id, title });
  const [lost] = here;
  await forgetDocument(maya.page, lost.id);
  assert.equal(await hasDocument(maya.page, lost.id), false);

  await page.page.getByRole('link', { name: 'Back' }).click();
  const panel = await SyncPanel.open(maya.page);
  await panel.sheet.getByRole('button', { name: 'Compare now' }).click();
  await until('it is back', () => hasDocument(maya.page, lost.id));
  await panel.sheet.getByText('Last compared with the server').waitFor();

  await maya.goOffline();
  await WorkOrderPage.open(maya, lost.id);
  await maya.page.getByRole('heading', { name: lost.title }).first().waitFor();
});
