// A device that is locked with a PIN: it opens without a network, and whoever takes it apart finds nothing.

import assert from 'node:assert/strict';
import { DESK, PHONE, assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { withFinger } from '../lib/authenticator.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { letsGoOf } from '../lib/erasing.mjs';
import { readDatabases } from '../lib/indexed_db.mjs';
import { addPasskey, byPasskey, choosePin, fromAccount, lockNow, lockedScreen, pin, sealedWhole, turnLockOn, unlock } from '../lib/lock.mjs';
import { password, people } from '../lib/people.mjs';
import { findInProfile } from '../lib/profile_folder.mjs';
import { typePassword } from '../lib/sign_in.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const WRITTEN = 'The coupling guard was loose';
const HALF_WRITTEN = ' Two bolts are';

/** What the demo organisation is made of and nobody else writes: names, addresses, titles. */
async function knownStrings(server) {
  const of = async (table, column, where = 'true') => (await rows(server, table, `distinct ${column}`, `${where} limit 200`)).flat();
  const strings = [
    ...(await of('work_order', 'title')),
    ...(await of('asset', 'name')),
    ...(await of('part', 'name')),
    ...(await of('person', 'display_name')),
    ...(await of('person', 'email')),
    ...(await of('organisation', 'name')),
    ...(await of('team', 'name')),
    password,
  ];
  // Short ones are words that stand in any program.
  return [...new Set(strings)].filter((text) => text && text.length >= 12);
}

/** What of these stands in the profile; the address that was typed to sign in is in the browser's own memory of that form. */
async function readable(device, texts) {
  const found = await findInProfile(device.profile, texts);
  const files = (found[people.tech1] ?? []).filter((file) => !/^Default\/(Login Data|Web Data|Sessions\/)/.test(file));
  const { [people.tech1]: _address, ...others } = found;
  return files.length > 0 ? { ...others, [people.tech1]: files } : others;
}

story('A device that is locked later holds nothing readable, and opens offline with the PIN', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const known = await knownStrings(server);
  assert.ok(known.length > 100, 'there is enough to look for');
  const maya = await device('maya');
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await allAccepted(maya.page);
  await maya.switchOff();
  const open = await findInProfile(maya.profile, known);
  assert.ok(Object.keys(open).length > known.length / 4, 'without the lock it is there to be read');

  await maya.switchOn();
  await maya.open('/my-work');
  await fromAccount(maya.page, 'Device lock');
  for (const viewport of [PHONE, DESK]) {
    await maya.page.setViewportSize(viewport);
    await assertAccessible(maya.page, 'turning the lock on');
  }
  await choosePin(maya.page, '123456');
  await maya.page.getByText('A row of neighbours is easy to guess.').waitFor();
  await choosePin(maya.page, pin);
  await maya.page.getByText('The lock is on.').waitFor();
  await sealedWhole(maya.page);
  await maya.page.getByRole('button', { name: 'Change the PIN' }).click();
  for (const viewport of [PHONE, DESK]) {
    await maya.page.setViewportSize(viewport);
    await assertAccessible(maya.page, 'a lock that is on');
  }

  const hers = await WorkOrderPage.show(maya, order);
  await maya.goOffline();
  await hers.addNote(WRITTEN);
  await until('the note is saved', async () => (await hers.saved()) === 1);
  await lockNow(maya);
  await maya.page.getByText('1 change is waiting on this device.').waitFor();
  for (const viewport of [PHONE, DESK]) {
    await maya.page.setViewportSize(viewport);
    await assertAccessible(maya.page, 'the screen of a locked device');
  }
  await letsGoOf(maya, [...known, WRITTEN, pin], readable);

  await maya.switchOn();
  await maya.context.setOffline(true);
  await maya.open('/my-work');
  await lockedScreen(maya.page);
  await unlock(maya.page, '480214');
  await maya.page.getByText('That is not the PIN.').waitFor();
  await unlock(maya.page);
  const again = await WorkOrderPage.show(maya, order);
  await again.notes.filter({ hasText: WRITTEN }).waitFor();
  assert.equal(await again.saved(), 1);
  await maya.goOnline();
  await allAccepted(maya.page);
  assert.deepEqual(await rows(server, 'comment', 'text', `doc_id = '${order.id}' and text = '${WRITTEN}'`), [[WRITTEN]]);
});

/** For the lock of the device: as if its last wrong attempt had been a minute earlier. */
async function aMinutePasses(page) {
  await page.evaluate(async () => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('maintainpro:'));
    const database = await done(indexedDB.open(name));
    const store = database.transaction('meta', 'readwrite').objectStore('meta');
    const value = await done(store.get('lock'));
    const lock = JSON.parse(new TextDecoder().decode(value.subarray(2)));
    lock.failed_at -= 60_000;
    await done(store.put(new Uint8Array([1, 0, ...new TextEncoder().encode(JSON.stringify(lock))]), 'lock'));
    database.close();
  });
}

story('Wrong attempts wait, every tab locks, and a new PIN and an open lock lose nothing', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya');
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await turnLockOn(maya);
  const second = await maya.newTab('/my-work');
  await second.getByRole('button', { name: /^Account, / }).waitFor();
  const elsewhere = await WorkOrderPage.show(maya, order, second);
  await elsewhere.description.press('Control+End');
  await elsewhere.description.pressSequentially(HALF_WRITTEN);
  await lockNow(maya);
  await lockedScreen(second);
  // What it still had to save opened the database once more, and nothing else.
  await lockedScreen(maya.page);

  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await unlock(maya.page, `wrong ${attempt}`);
    await until('it says no', async () => (await maya.page.getByLabel('PIN', { exact: true }).inputValue()) === '');
  }
  await unlock(maya.page);
  await maya.page.getByText(/Too many wrong attempts. Wait \d+ seconds/).waitFor();
  await aMinutePasses(maya.page);
  await unlock(maya.page);
  await maya.page.getByRole('button', { name: /^Account, / }).waitFor();
  await second.getByRole('button', { name: /^Account, / }).waitFor();
  await second.close();

  await fromAccount(maya.page, 'Device lock');
  await maya.page.getByRole('button', { name: 'Change the PIN' }).click();
  await maya.page.getByLabel('Present PIN').fill(pin);
  await choosePin(maya.page, 'drei blaue Tassen');
  await maya.page.getByText('The PIN is changed.').waitFor();
  await lockNow(maya);
  await unlock(maya.page, 'drei blaue Tassen');
  const hers = await WorkOrderPage.show(maya, order);
  await hers.accepted();
  await maya.goOffline();
  await hers.addNote(WRITTEN);
  await until('the note is saved', async () => (await hers.saved()) === 1);

  await fromAccount(maya.page, 'Device lock');
  await maya.page.getByRole('button', { name: 'Turn the lock off' }).click();
  await maya.page.getByLabel('Present PIN').fill('drei blaue Tassen');
  await maya.page.getByRole('button', { name: 'Turn off' }).click();
  await maya.page.getByText('The lock is off.').waitFor();
  await maya.page.getByRole('button', { name: 'Turn the lock on' }).waitFor();
  await maya.open('/my-work');
  await maya.goOnline();
  await allAccepted(maya.page);
  assert.deepEqual(await rows(server, 'comment', 'text', `doc_id = '${order.id}' and text = '${WRITTEN}'`), [[WRITTEN]]);
  const [[described]] = await rows(server, 'work_order', 'description', `work_order_id = '${order.id}'`);
  assert.ok(described.endsWith(HALF_WRITTEN), described);
});

/** The value of the lock as the database has it, or nothing; another one is written in its place, `null` takes it away. */
async function storedLock(page, replacement) {
  return page.evaluate(async (replacement) => {
    const done = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('maintainpro:'));
    const database = await done(indexedDB.open(name));
    const transaction = database.transaction('meta', 'readwrite');
    const store = transaction.objectStore('meta');
    const before = await done(store.get('lock'));
    if (replacement) store.put(new Uint8Array(replacement), 'lock');
    else if (replacement === null) store.delete('lock');
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
    database.close();
    return before ? [...before] : null;
  }, replacement);
}

story('An engine that has not heard of the lock writes nothing into a locked database', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya');
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await turnLockOn(maya);
  await sealedWhole(maya.page);
  const lock = await storedLock(maya.page);
  await maya.page.getByRole('button', { name: 'Turn the lock off' }).click();
  await maya.page.getByLabel('Present PIN').fill(pin);
  await maya.page.getByRole('button', { name: 'Turn off' }).click();
  await maya.page.getByText('The lock is off.').waitFor();
  // Until then the page has the key, and would open what is locked again. It hears of it before the note is saved.
  await until('all is opened', async () => (await storedLock(maya.page)) === null);
  const hers = await WorkOrderPage.show(maya, order);
  await maya.goOffline();
  await hers.addNote(WRITTEN);
  await until('the note is saved', async () => (await hers.saved()) === 1);

  // As if another tab had locked the database while this one slept, and then was gone.
  await storedLock(maya.page, lock);
  const before = await readDatabases(maya.page);
  const [engine] = maya.page.workers();
  const dead = engine.waitForEvent('close');
  await Promise.all([dead, engine.evaluate(() => self.close()).catch(() => {})]);
  await lockedScreen(maya.page);
  assert.deepEqual(await readDatabases(maya.page), before, 'nothing is written');

  await storedLock(maya.page, null);
  await maya.page.reload();
  const again = await WorkOrderPage.show(maya, order);
  assert.equal(await again.saved(), 1, 'nothing is lost');
});

story('An organisation that wants its devices locked has no reader of an unlocked one', async ({ server, device }) => {
  const known = await knownStrings(server);
  const order = await assignedWorkOrder(server);
  const admin = await device('admin');
  await admin.signIn(people.admin);
  await admin.open('/people');
  const rule = admin.page.getByLabel('Devices must be locked');
  await rule.selectOption('5');
  await admin.page.getByText('Saved.').waitFor();
  await assertAccessibleInBothSizes(admin.page, () => rule, 'the rule of the organisation');

  const maya = await device('maya');
  await maya.page.clock.install();
  await maya.open('/');
  await typePassword(maya.page, people.tech1);
  await maya.page.getByRole('heading', { name: 'Choose a PIN' }).waitFor();
  for (const viewport of [PHONE, DESK]) {
    await maya.page.setViewportSize(viewport);
    await assertAccessible(maya.page, 'choosing a PIN');
  }
  await choosePin(maya.page);
  await allAccepted(maya.page);
  const hers = await WorkOrderPage.show(maya, order);
  await hers.addNote(WRITTEN);
  await until('the note is sent', async () => (await rows(server, 'comment', 'text', `text = '${WRITTEN}'`)).length === 1);
  await fromAccount(maya.page, 'Device lock');
  await maya.page.getByText('Your organisation wants its devices locked.').waitFor();
  await maya.page.clock.fastForward(5.5 * 60_000);
  await lockedScreen(maya.page);
  await maya.switchOff();
  assert.deepEqual(await readable(maya, [...known, WRITTEN, pin]), {}, 'never was anything readable');
});

story('A passkey of the device unlocks it without a network, and the PIN still does', async ({ device }) => {
  const maya = await device('maya');
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const { recognise } = await withFinger(maya.page);
  await turnLockOn(maya);
  await addPasskey(maya.page);
  await maya.goOffline();
  await lockNow(maya);
  for (const viewport of [PHONE, DESK]) {
    await maya.page.setViewportSize(viewport);
    await assertAccessible(maya.page, 'a device with a passkey');
  }
  await byPasskey(maya.page).click();
  await maya.page.getByRole('button', { name: /^Account, / }).waitFor();

  await lockNow(maya);
  await recognise(false);
  await byPasskey(maya.page).click();
  await maya.page.getByText('The passkey did not unlock this device.').waitFor();
  await unlock(maya.page);
  await fromAccount(maya.page, 'Device lock');
  await maya.page.getByRole('button', { name: 'Use the PIN only' }).click();
  await maya.page.getByRole('button', { name: 'Unlock with a passkey too' }).waitFor();
  await lockNow(maya);
  await until('the PIN alone opens it', async () => (await byPasskey(maya.page).count()) === 0);
}, { mail: true });
