// A device that is locked with a PIN: it opens without a network, and whoever takes it apart finds nothing.

import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { choosePin, fromAccount, lockNow, lockedScreen, pin, sealedWhole, turnLockOn, unlock } from '../lib/lock.mjs';
import { password, people } from '../lib/people.mjs';
import { findInProfile } from '../lib/profile_folder.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
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
  await maya.switchOff();
  assert.deepEqual(await readable(maya, [...known, WRITTEN, pin]), {}, 'locked, nothing is readable');

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

story('An organisation that wants its devices locked has no reader of an unlocked one', async ({ server, device }) => {
  const known = await knownStrings(server);
  const order = await assignedWorkOrder(server);
  const admin = await device('admin');
  await admin.signIn(people.admin);
  await admin.open('/people');
  const rule = admin.page.getByLabel('Devices must be locked');
  await rule.selectOption('5');
  await admin.page.getByText('Saved.').waitFor();
  for (const viewport of [PHONE, DESK]) {
    await admin.page.setViewportSize(viewport);
    await rule.waitFor();
    await assertAccessible(admin.page, 'the rule of the organisation');
  }

  const maya = await device('maya');
  await maya.page.clock.install();
  await maya.open('/');
  await maya.page.locator('input[type=email]').fill(people.tech1);
  await maya.page.locator('input[type=password]').fill(password);
  await maya.page.locator('form .btn--primary').click();
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
  const browser = await maya.context.newCDPSession(maya.page);
  await browser.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, hasPrf: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await browser.send('WebAuthn.addVirtualAuthenticator', { options });
  await turnLockOn(maya);
  await maya.page.getByRole('button', { name: 'Unlock with a passkey too' }).click();
  await maya.page.getByText('A passkey of this device unlocks it.').waitFor();
  await maya.goOffline();
  await lockNow(maya);
  for (const viewport of [PHONE, DESK]) {
    await maya.page.setViewportSize(viewport);
    await assertAccessible(maya.page, 'a device with a passkey');
  }
  const byPasskey = maya.page.getByRole('button', { name: 'Unlock with the passkey of this device' });
  await byPasskey.click();
  await maya.page.getByRole('button', { name: /^Account, / }).waitFor();

  await lockNow(maya);
  await browser.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await byPasskey.click();
  await maya.page.getByText('The passkey did not unlock this device.').waitFor();
  await unlock(maya.page);
  await fromAccount(maya.page, 'Device lock');
  await maya.page.getByRole('button', { name: 'Use the PIN only' }).click();
  await maya.page.getByRole('button', { name: 'Unlock with a passkey too' }).waitFor();
  await lockNow(maya);
  await until('the PIN alone opens it', async () => (await byPasskey.count()) === 0);
}, { mail: true });
