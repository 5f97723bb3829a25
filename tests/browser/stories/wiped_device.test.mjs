// A device is lost: whoever administers the organisation has it erased. What it had not sent arrives first.

import assert from 'node:assert/strict';
import { DESK, PHONE, assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { askForWipe, devicesOn, letsGoOf, whatIsStored } from '../lib/erasing.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const WRITTEN = 'Left on the phone in the van';

/** The administrator, at the devices of somebody. */
async function devicesOf(device, person) {
  const admin = await device('admin');
  await admin.signIn(people.admin);
  await admin.open(`/people/${person}`);
  const list = devicesOn(admin.page);
  await list.first().waitFor();
  return { admin, list };
}

async function nothingIsLeft(phone, texts) {
  assert.deepEqual(await whatIsStored(phone.page), { databases: [], folders: [], people: [] });
  await letsGoOf(phone, texts);
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
  await assertAccessibleInBothSizes(desk.admin.page, () => desk.list.first(), 'the devices of a person');
  await askForWipe(desk.admin.page);

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

  await askForWipe(desk.admin.page);
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
