// Signing out leaves nothing of what was stored, in no tab and on no disk; only what was not sent stays, until it is.

import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { letsGoOf, whatIsStored } from '../lib/erasing.mjs';
import { fromAccount } from '../lib/lock.mjs';
import { people } from '../lib/people.mjs';
import { typePassword } from '../lib/sign_in.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const WRITTEN = 'The grease nipple is missing';

const question = (page) => page.getByRole('dialog', { name: 'Sign out of this device?' });

async function signOut(page) {
  await fromAccount(page, 'Sign out');
  await question(page).getByRole('button', { name: 'Sign out' }).click();
  await signInPage(page);
}

async function signInPage(page) {
  await page.getByLabel('Email').waitFor();
}

async function signInAgain(page) {
  await typePassword(page, people.tech1);
  await page.getByRole('button', { name: /^Account, / }).waitFor();
  await allAccepted(page);
}

const nothing = async (page) => {
  const { databases, folders } = await whatIsStored(page);
  return databases.length === 0 && folders.length === 0;
};

story('Signing out erases what is stored, in every tab, but for what was not sent', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya');
  const { page } = maya;
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await allAccepted(page);
  const second = await maya.newTab('/my-work');
  await second.getByRole('button', { name: /^Account, / }).waitFor();

  await fromAccount(page, 'Sign out');
  await question(page).waitFor();
  await assertAccessible(page, 'asking whether to sign out');
  await question(page).getByRole('button', { name: 'Sign out' }).click();
  await signInPage(page);
  await signInPage(second);
  assert.ok(await nothing(page), JSON.stringify(await whatIsStored(page)));

  // What waits stays, and is sent by whoever signs in again.
  await signInAgain(page);
  const hers = await WorkOrderPage.show(maya, order);
  await maya.goOffline();
  await hers.addNote(WRITTEN);
  await until('the note is saved', async () => (await hers.saved()) === 1);
  await fromAccount(page, 'Sign out');
  await question(page).getByText('1 change is not sent yet.').waitFor();
  await question(page).getByRole('button', { name: 'Sign out' }).click();
  await signInPage(page);
  await maya.goOnline();
  await page.reload();
  await signInPage(page);
  assert.equal((await whatIsStored(page)).databases.length, 1);
  await signInAgain(page);
  assert.deepEqual(await rows(server, 'comment', 'text', `doc_id = '${order.id}' and text = '${WRITTEN}'`), [[WRITTEN]]);

  await second.close();
  await signOut(page);
  assert.ok(await nothing(page), JSON.stringify(await whatIsStored(page)));
  await letsGoOf(maya, [order.title, WRITTEN]);
});

story('A tab that hears nothing keeps the database, and the next start erases it', async ({ device }) => {
  const maya = await device('maya');
  const { page } = maya;
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await allAccepted(page);
  const second = await maya.newTab('/my-work');
  await second.getByRole('button', { name: /^Account, / }).waitFor();
  await until('one of them runs the engine', () => page.workers().length + second.workers().length === 1);
  const [hung, other] = page.workers().length > 0 ? [page, second] : [second, page];
  const kill = await maya.tabKiller(hung);
  await maya.freezeTab(hung);
  await signOut(other);
  await kill();
  await other.reload();
  await signInPage(other);
  await until('nothing is left', () => nothing(other));
});
