// New work, the plant and the stock, all without a network.

import assert from 'node:assert/strict';
import { rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const PROVISIONAL = /^~[0-9A-Z]{4}$/;

story('A work order written offline gets its number when the signal is back', async ({ server, device }) => {
  const [[asset, tag]] = await rows(server, 'asset', 'asset_id, tag', "level = 'equipment_unit' order by tag limit 1");
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const { page } = maya;
  await allAccepted(page);
  await maya.goOffline();

  await page.getByRole('link', { name: 'New work order' }).click();
  await page.getByLabel('Title').fill('Guard rattles at the outfeed');
  await page.getByLabel('Description').fill('Two screws are missing.');
  await page.getByRole('radio', { name: 'High' }).click();
  await page.getByRole('button', { name: 'Choose an asset' }).click();
  await page.getByRole('searchbox', { name: 'Find asset' }).fill(tag);
  await page.getByRole('dialog').getByRole('button', { name: tag }).first().click();
  await page.getByRole('button', { name: 'Create work order' }).click();

  const order = new WorkOrderPage(page);
  await order.isReady();
  const provisional = await page.getByRole('heading', { level: 1 }).innerText();
  assert.match(provisional, PROVISIONAL);
  await page.reload();
  await order.isReady();
  await order.shows('Guard rattles at the outfeed', 'Two screws are missing.', tag);
  await maya.open('/my-work');
  await page.getByRole('searchbox', { name: 'Search my work' }).fill('outfeed rattles');
  await page.getByRole('main').getByText(provisional).click();
  await order.isReady();

  await maya.goOnline();
  await order.accepted();
  await until('the number', async () => /^WO-\d{6}$/.test(await page.getByRole('heading', { level: 1 }).innerText()));
  const number = await page.getByRole('heading', { level: 1 }).innerText();
  const stored = await rows(server, 'work_order', 'title, description, priority, status, assets', `number = '${number}'`);
  assert.deepEqual(stored, [['Guard rattles at the outfeed', 'Two screws are missing.', 'high', 'assigned', `{${asset}}`]]);
});

story('The plant, the stock and the lists are there without a network', async ({ server, device }) => {
  const [[asset, tag, name]] = await rows(server, 'asset', 'asset_id, tag, asset.name', "level = 'equipment_unit' order by tag limit 1");
  const [[, part]] = await rows(server, 'part', 'part_id, number', 'true order by number limit 1');
  const high = await rows(server, 'work_order', 'count(*)', "priority = 'critical' and status in ('new', 'assigned', 'in_progress', 'on_hold')");
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const { page } = maya;
  await allAccepted(page);
  await maya.goOffline();
  await page.reload();

  await page.getByRole('link', { name: 'Assets' }).click();
  await page.getByRole('searchbox', { name: 'Find asset' }).fill(tag);
  await page.getByRole('navigation', { name: 'Asset tree' }).getByRole('link', { name: tag }).first().click();
  await page.waitForURL(`**/assets/${asset}`);
  await page.getByRole('main').getByText(name).first().waitFor();

  await maya.open('/parts');
  await page.getByRole('searchbox', { name: 'Search parts' }).fill(part);
  await page.getByRole('main').getByText(part).waitFor();

  await maya.open('/work-orders');
  await page.getByRole('combobox', { name: 'Priority' }).selectOption('critical');
  assert.ok(Number(high[0][0]) > 0);
  await page.getByRole('main').getByText('Critical').first().waitFor();
  await until('only critical work', async () => (await page.getByRole('main').getByText('Low', { exact: true }).count()) === 0);
  await page.getByRole('searchbox').fill('no such words anywhere');
  await page.getByRole('main').getByText('Nothing found').waitFor();
});
