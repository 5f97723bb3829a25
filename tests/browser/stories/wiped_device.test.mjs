// A device is lost: whoever administers the organisation has it erased. What it had not sent arrives first.

import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { findInProfile } from '../lib/profile_folder.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
const WRITTEN = 'Left on the phone in the van';

/** The administrator, at the devices of somebody. */
async function devicesOf(device, person) {
  const admin = await device('admin');
  await admin.signIn(people.admin);
  await admin.open(`/people/${person}`);
  const list = admin.page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
  await list.first().waitFor();
  return { admin, list };
}

async function askForWipe({ admin, list }) {
  await list.first().getByRole('button', { name: /^Erase / }).click();
  const question = admin.page.getByRole('dialog', { name: /^Erase / });
  await assertAccessible(admin.page, 'asking whether to erase');
  await question.getByRole('button', { name: 'Erase' }).click();
  await list.first().getByText('Is to be erased since').waitFor();
}

async function nothingIsLeft(phone, texts) {
  const left = await phone.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folders = [];
    for await (const name of root.keys()) folders.push(name);
    const names = (await indexedDB.databases()).map(({ name }) => name);
    return { names: names.filter((name) => name.startsWith('maintainpro')), folders, people: localStorage.getItem('maintainpro.people') };
  });
  assert.deepEqual(left, { names: [], folders: [], people: '[]' });
  // A browser answers that a database is gone and cleans its files up behind the answer, in this run or in the next one.
  const found = () => findInProfile(phone.profile, texts).catch(() => ({ 'a file that is being written': [] }));
  await until('the browser has let go of what it deleted', async () => Object.keys(await found()).length === 0, { every: 500 });
  await phone.switchOff();
  assert.deepEqual(await findInProfile(phone.profile, texts), {}, 'nothing is left on the disk');
}

/** What only the work on a device could have brought there. Titles of pages are in the browser's history, which is not ours. */
async function theirs(server, opened) {
  const titles = await rows(server, 'work_order', 'distinct title', 'length(title) >= 20 limit 100');
  return [WRITTEN, ...titles.flat().filter((title) => title !== opened.title)];
}

story('A device that is erased first hands in its work by its own session', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const texts = await theirs(server, order);
  const [[maya]] = await server.sql(`select person_id from person where email = '${people.tech1}'`);
  const phone = await device('phone');
  await phone.signIn(people.tech1);
  await phone.shellReady();
  await allAccepted(phone.page);
  const hers = await WorkOrderPage.show(phone, order);
  await phone.goOffline();
  await hers.addNote(WRITTEN);
  await until('the note is saved', async () => (await hers.saved()) === 1);

  const desk = await devicesOf(device, maya);
  for (const viewport of [PHONE, DESK]) {
    await desk.admin.page.setViewportSize(viewport);
    await desk.list.first().waitFor();
    await assertAccessible(desk.admin.page, 'the devices of a person');
  }
  await askForWipe(desk);

  await phone.goOnline();
  await phone.page.getByRole('heading', { name: 'Your data on this device was erased' }).waitFor();
  await phone.page.getByText('1 change was handed in before.').waitFor();
  for (const viewport of [PHONE, DESK]) {
    await phone.page.setViewportSize(viewport);
    await assertAccessible(phone.page, 'a device that was erased');
  }
  assert.deepEqual(await rows(server, 'comment', 'text, author', `text = '${WRITTEN}'`), [[WRITTEN, maya]]);
  await until('the server has heard it', async () => (await rows(server, 'device', 'handed_in', 'wiped_at is not null')).length === 1);
  await desk.admin.open(`/people/${maya}`);
  await desk.list.first().getByText(/^Erased .*, after 1 change was handed in$/).waitFor();
  await nothingIsLeft(phone, texts);
});

story('A device whose session has ended hands its work to the supervisor before it is erased', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const [[maya]] = await server.sql(`select person_id from person where email = '${people.tech1}'`);
  const phone = await device('phone');
  await phone.signIn(people.tech1);
  await phone.shellReady();
  await allAccepted(phone.page);
  const hers = await WorkOrderPage.show(phone, order);
  await phone.goOffline();
  await hers.addNote(WRITTEN);
  await until('the note is saved', async () => (await hers.saved()) === 1);

  const desk = await devicesOf(device, maya);
  await desk.list.first().getByRole('button', { name: /^Sign .* out$/ }).click();
  await until('nobody is signed in', async () => (await rows(server, 'session', 'session_id', `person_id = '${maya}'`)).length === 0);
  // An ended session alone erases nothing.
  await phone.goOnline();
  const again = phone.page.getByRole('dialog', { name: 'Sign in again' });
  await again.waitFor();
  await again.getByRole('button', { name: 'Close' }).click();
  await phone.goOffline();
  assert.equal(await hers.saved(), 1, 'it is there as before');

  await askForWipe(desk);
  // Interrupted on its way: it goes on the next time.
  await server.kill();
  await phone.goOnline();
  await phone.open('/my-work');
  await server.start();
  await phone.page.getByRole('heading', { name: 'Your data on this device was erased' }).waitFor();
  const held = await rows(server, 'held_command', 'reason, person_id', 'true');
  assert.deepEqual(held, [['device_wiped', maya]]);
  assert.deepEqual(await rows(server, 'comment', 'text', `text = '${WRITTEN}'`), [], 'held is not merged');
  await until('the server has heard it', async () => (await rows(server, 'device', 'handed_in', 'wiped_at is not null')).length === 1);
  const entries = await rows(server, 'audit_entry', 'action', `action like 'device_wip%' order by seq`);
  assert.deepEqual(entries.flat(), ['device_wipe_asked', 'device_wiped']);
  await nothingIsLeft(phone, [WRITTEN]);
});
