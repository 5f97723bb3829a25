// An administrator makes a role, limits it to a site and changes it; a phone gains and loses screens and commands by it.

import assert from 'node:assert/strict';
import { assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const EXECUTE = /^Do the work: /;
const VERIFY = /^Verify, close/;
const PARTS = 'See parts and stock';

const save = (page) => page.getByRole('button', { name: 'Save', exact: true }).click();

/** A work order of somebody at a site, as far from done as can be. */
async function orderAt(server, site, email) {
  const [[id]] = await rows(server, 'work_order', 'work_order_id', `
    site = '${site}' and status in ('assigned', 'in_progress')
    and (select person_id from person where email = '${email}') = any (people) order by 1 limit 1`);
  return id;
}

/** Makes “Lead technician” from the technician: verifies, has no parts, and sets no priority. */
async function makeRole(page) {
  await page.getByRole('link', { name: 'New role' }).click();
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Save', exact: true }));
  await page.getByLabel('Name', { exact: true }).fill('Lead technician');
  await page.getByLabel('Start from').selectOption('Technician');
  await page.getByLabel('First page').selectOption('Board');
  await page.getByRole('checkbox', { name: VERIFY }).check();
  await page.getByRole('checkbox', { name: PARTS }).uncheck();
  await page.getByText('Prices, rates and costs are hidden.').waitFor();
  const fields = page.getByRole('group', { name: 'Work order', exact: true });
  await fields.getByRole('button', { name: 'Priority' }).click();
  await page.getByRole('searchbox', { name: 'Search permissions and fields' }).fill('parts');
  await until('what has nothing to do with parts is gone', async () => (await page.getByRole('checkbox', { name: VERIFY }).count()) === 0);
  await page.getByRole('searchbox', { name: 'Search permissions and fields' }).fill('');
  await save(page);
  await page.getByText('Saved.', { exact: true }).waitFor();
  await page.getByText('Nobody has this role').waitFor();
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Retire this role' }));
}

async function giveTo(desk, email, site) {
  const { page } = desk;
  await desk.open('/people');
  await page.getByRole('list', { name: 'People' }).getByRole('link', { name: email }).click();
  await page.getByLabel('Role 1', { exact: true }).selectOption('Lead technician');
  await page.getByLabel('Reach of role 1').selectOption(`Site: ${site}`);
  await save(page);
  await page.getByText('Saved.', { exact: true }).waitFor();
}

story('A phone gains and loses screens and commands with a role that an administrator makes', async ({ server, device }) => {
  const [[site]] = await rows(server, 'work_order', 'site', `
    (select person_id from person where email = '${people.tech1}') = any (people) and status in ('assigned', 'in_progress')
    group by 1 order by count(*) desc limit 1`);
  const [[siteName]] = await rows(server, 'location', 'name', `location_id = '${site}'`);
  const order = await orderAt(server, site, people.tech1);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await allAccepted(maya.page);
  const tabs = maya.page.getByRole('navigation', { name: 'Main' });
  await tabs.getByRole('link', { name: 'Parts' }).waitFor();

  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  await allAccepted(page);
  await page.getByRole('button', { name: /^Account, / }).click();
  await page.getByRole('menuitem', { name: 'Roles' }).click();
  await assertAccessibleInBothSizes(page, () => page.getByRole('link', { name: /^Technician/ }));
  await makeRole(page);
  await giveTo(desk, people.tech1, siteName);

  // What is on the phone follows without anybody touching it.
  await tabs.getByRole('link', { name: 'Parts' }).waitFor({ state: 'detached' });
  await allAccepted(maya.page);
  await maya.open('/parts');
  await maya.page.getByRole('heading', { name: 'Not open to you' }).first().waitFor();
  await assertAccessible(maya.page);
  await maya.open('/');
  await maya.page.waitForURL('**/board');
  const shown = await WorkOrderPage.open(maya, order);
  assert.ok(await shown.priority.isDisabled(), 'the rule about the priority');
  assert.ok(await maya.page.getByLabel('Due', { exact: true }).first().isEnabled(), 'and no other field');
  assert.equal(await maya.page.getByRole('region', { name: 'Costs' }).count(), 0);
  await maya.shellReady();
  await maya.goOffline();
  await WorkOrderPage.open(maya, order);
  assert.ok(await shown.priority.isDisabled(), 'without a network as well');
  await maya.page.getByRole('button', { name: 'Add labour' }).waitFor();
  await maya.goOnline();
  await allAccepted(maya.page);

  await desk.open('/roles');
  await page.getByRole('link', { name: /^Lead technician/ }).click();
  await page.getByRole('checkbox', { name: EXECUTE }).uncheck();
  const effect = page.getByRole('status', { name: 'What changes' });
  await effect.getByText('1 person has this role').waitFor();
  await effect.getByText('They lose').waitFor();
  await effect.getByText(EXECUTE).waitFor();
  await save(page);
  await page.getByText('Saved.', { exact: true }).waitFor();
  await maya.page.getByRole('button', { name: 'Add labour' }).waitFor({ state: 'detached' });
  await maya.open('/more');
  await maya.page.getByRole('link', { name: 'Held changes' }).waitFor();
});

story('Costs are hidden from a built-in role by a rule', async ({ server, device }) => {
  const [[id]] = await rows(server, 'cost_entry', 'doc_id', `
    exists (select from work_order where work_order_id = doc_id) order by 1 limit 1`);
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  await WorkOrderPage.open(helen, id);
  await helen.page.getByRole('region', { name: 'Costs' }).waitFor();
  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  await desk.open('/roles');
  await page.getByRole('link', { name: /^Supervisor/ }).click();
  await assertAccessibleInBothSizes(page, () => page.getByRole('switch', { name: 'Hide prices, rates and costs' }));
  await page.getByRole('switch', { name: 'Hide prices, rates and costs' }).check();
  await page.getByRole('status', { name: 'What changes' }).getByText('See prices, rates and costs').waitFor();
  await save(page);
  await page.getByText('Saved.', { exact: true }).waitFor();
  await helen.page.getByRole('region', { name: 'Costs' }).waitFor({ state: 'detached' });
});
