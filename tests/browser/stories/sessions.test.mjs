// A lost phone is signed out from another device; what it had not sent is sent when its person is back.

import assert from 'node:assert/strict';
import { DESK, PHONE, assertAccessible } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { password, people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';


story('A device is signed out from another one, and its unsent work waits for its person', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const phone = await device('phone', { phone: true });
  await phone.signIn(people.tech1);
  await phone.shellReady();
  const hers = await WorkOrderPage.open(phone, order.id);
  await hers.accepted();
  await phone.goOffline();
  await hers.addNote('Left the phone in the van');
  await until('the note is saved', async () => (await hers.saved()) === 1);

  const desk = await device('desk');
  await desk.signIn(people.tech1);
  await desk.page.getByRole('button', { name: /^Account, / }).click();
  await desk.page.getByRole('menuitem', { name: 'Signed-in devices' }).click();
  const devices = desk.page.getByRole('list', { name: 'Signed-in devices' }).getByRole('listitem');
  await until('both devices are listed', async () => (await devices.count()) === 2);
  await devices.first().getByText('This device').waitFor();
  for (const viewport of [PHONE, DESK]) {
    await desk.page.setViewportSize(viewport);
    await until('both are listed here too', async () => (await devices.count()) === 2);
    await assertAccessible(desk.page);
  }
  assert.equal(await devices.first().getByRole('button').count(), 0, 'the way out of this device is elsewhere');
  await devices.nth(1).getByRole('button', { name: /^Sign out on / }).click();
  await until('one is left', async () => (await devices.count()) === 1);

  await phone.goOnline();
  const sheet = phone.page.getByRole('dialog', { name: 'Sign in again' });
  await sheet.getByLabel('Password').fill(password);
  await sheet.getByRole('button', { name: 'Sign in', exact: true }).click();
  await sheet.waitFor({ state: 'detached' });
  await allAccepted(phone.page);
  assert.deepEqual(await rows(server, 'comment', 'text', `doc_id = '${order.id}'`), [['Left the phone in the van']]);

  await phone.open('/more');
  await phone.page.getByRole('link', { name: 'Signed-in devices' }).click();
  await phone.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  const question = phone.page.getByRole('dialog', { name: 'Sign out everywhere else?' });
  await assertAccessible(phone.page);
  await question.getByRole('button', { name: 'Sign out everywhere else' }).click();
  const left = phone.page.getByRole('list', { name: 'Signed-in devices' }).getByRole('listitem');
  await until('only this one is left', async () => (await left.count()) === 1);
  await desk.page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
});

story('Without a network the list of signed-in devices says what it needs', async ({ device }) => {
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await maya.goOffline();
  await maya.open('/sessions');
  await maya.page.getByText('This list needs a connection').waitFor();
  await assertAccessible(maya.page);
});
