// Two people and one tablet, a day without a network: each has their own lock, their own work and their own way to the
// server.

import assert from 'node:assert/strict';
import { DESK, PHONE, assertAccessible } from '../lib/accessibility.mjs';
import { ownOrder, rows } from '../lib/demo.mjs';
import { fromAccount, lockedScreen, pin, sealedWhole, turnLockOn, unlock } from '../lib/lock.mjs';
import { people } from '../lib/people.mjs';
import { choose, initialsOf, whoIsWorking } from '../lib/shared_tablet.mjs';
import { typePassword } from '../lib/sign_in.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { watchForWords } from '../lib/words.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const OTHER_PIN = 'blaue Tassen 7';
const MAYAS = 'Written by the first of two';
const TOMS = 'Written by the second of two';

async function signInAs(page, email) {
  await typePassword(page, email);
  await page.getByRole('button', { name: /^Account, / }).waitFor();
}

story('Two people share a tablet offline, and each one\'s work arrives in their own name', async ({ server, device }) => {
  const names = Object.fromEntries(await server.sql('select email, display_name from person'));
  const ids = Object.fromEntries(await server.sql('select email, person_id from person'));
  const [maya, tom] = [people.tech1, people.contractor];
  const hers = await ownOrder(server, maya, tom);
  const his = await ownOrder(server, tom, maya);
  const tablet = await device('tablet');
  const { page } = tablet;
  await tablet.signIn(maya);
  await tablet.shellReady();
  await allAccepted(page);
  await turnLockOn(tablet);
  await sealedWhole(page);
  await fromAccount(page, 'Switch person');
  await whoIsWorking(page);
  assert.equal(await page.getByText(names[maya]).count(), 0, 'nobody reads who it is');
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    await assertAccessible(page, 'choosing who works');
  }

  const seen = await watchForWords(page, [hers.title, names[maya]]);
  await page.reload();
  await page.getByRole('button', { name: 'Somebody else' }).click();
  await signInAs(page, tom);
  await allAccepted(page);
  await turnLockOn(tablet, OTHER_PIN);
  await tablet.goOffline();
  const order = await WorkOrderPage.show(tablet, his);
  await order.addNote(TOMS);
  await until('his note is saved', async () => (await order.saved()) === 1);
  assert.deepEqual(await seen(), [], 'he saw nothing of hers');

  await fromAccount(page, 'Switch person');
  await page.getByText('1 change is waiting to be sent').waitFor();
  await choose(page, initialsOf(names[maya]));
  await lockedScreen(page);
  await unlock(page, OTHER_PIN);
  await page.getByText('That is not the PIN.').waitFor();
  await unlock(page, pin);
  const mine = await WorkOrderPage.show(tablet, hers);
  await mine.addNote(MAYAS);
  await until('her note is saved', async () => (await mine.saved()) === 1);

  // Her network is back; his work waits until he is.
  await tablet.goOnline();
  await allAccepted(page);
  const noted = (text) => rows(server, 'comment', 'text, author', `text = '${text}'`);
  assert.deepEqual(await noted(MAYAS), [[MAYAS, ids[maya]]]);
  assert.deepEqual(await noted(TOMS), [], 'nothing of his went with her session');

  await fromAccount(page, 'Switch person');
  await choose(page, initialsOf(names[tom]));
  await unlock(page, OTHER_PIN);
  await allAccepted(page);
  assert.deepEqual(await noted(TOMS), [[TOMS, ids[tom]]], 'his session still stood');
});

story('Whoever forgot the PIN begins anew, and what was not sent waits for it to be remembered', async ({ server, device }) => {
  const order = await ownOrder(server, people.tech1, people.contractor);
  const tablet = await device('tablet');
  const { page } = tablet;
  await tablet.signIn(people.tech1);
  await tablet.shellReady();
  await allAccepted(page);
  await turnLockOn(tablet);
  const hers = await WorkOrderPage.show(tablet, order);
  await tablet.goOffline();
  await hers.addNote(MAYAS);
  await until('the note is saved', async () => (await hers.saved()) === 1);
  await fromAccount(page, 'Lock now');
  await lockedScreen(page);
  await page.getByRole('button', { name: 'Forgot the PIN?' }).click();
  await page.getByText('1 change has not been sent. It stays here, sealed').waitFor();
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    await assertAccessible(page, 'a forgotten PIN');
  }
  await tablet.goOnline();
  await page.getByRole('button', { name: 'Sign in and begin anew' }).click();
  await signInAs(page, people.tech1);
  await allAccepted(page);
  assert.deepEqual(await rows(server, 'comment', 'text', `text = '${MAYAS}'`), [], 'it is sealed');

  await fromAccount(page, 'Switch person');
  const earlier = page.getByRole('listitem').filter({ hasText: '1 change is waiting to be sent' });
  await earlier.getByRole('button').click();
  await unlock(page, pin);
  await allAccepted(page);
  assert.deepEqual(await rows(server, 'comment', 'text', `text = '${MAYAS}'`), [[MAYAS]]);
});
