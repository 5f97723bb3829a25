// The plant and the stock are kept on the device too: written, changed, read and counted without a network.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BoardPage } from '../lib/board_page.mjs';
import { rows } from '../lib/demo.mjs';
import { giveCommand } from '../lib/engine.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const machine = "level = 'equipment_unit' and site is not null";

story('An asset is written down offline, with a tag that is taken and a meter that is read', async ({ server, device }) => {
  const [[, tag, name]] = await rows(server, 'asset', 'asset_id, tag, name', `${machine} order by tag limit 1`);
  const maya = await device('maya', { phone: true });
  const { page } = maya;
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await allAccepted(page);
  await maya.goOffline();

  await page.getByRole('link', { name: 'Assets' }).click();
  await page.getByRole('link', { name: 'New asset' }).click();
  await page.getByLabel('Tag').fill(tag.toLowerCase());
  await page.getByText(`${name} has this tag too`).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Say what it is.').waitFor();
  await page.getByLabel('Name').fill('Spare feed pump');
  await page.getByLabel('Serial').fill('8841-2207');
  await page.getByRole('button', { name: /^Location/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Packing hall' }).first().click();
  await page.getByRole('button', { name: 'Save' }).click();

  const twice = page.getByRole('note').filter({ hasText: 'Tag used twice' });
  await twice.getByRole('link', { name: `${tag} · ${name}` }).waitFor();
  const id = page.url().split('/').at(-1);
  await page.reload();
  await twice.waitFor();
  await maya.open('/assets');
  await page.getByRole('button', { name: 'Tag used twice' }).click();
  const listed = page.getByRole('navigation', { name: 'Asset tree' }).getByRole('link', { name: 'Tag used twice' });
  assert.equal(await listed.count(), 2);
  await listed.filter({ hasText: 'Spare feed pump' }).click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Tag').fill('P-9001');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'P-9001' }).waitFor();
  await twice.waitFor({ state: 'detached' });

  const order = await orderWithMeter(page, id);
  const shown = await WorkOrderPage.open(maya, order);
  const reading = page.getByRole('textbox', { name: 'Read the run hours' });
  await page.getByText('Also kept as a reading of Run hours, P-9001.').waitFor();
  const unsent = await shown.saved();
  await reading.fill('12706,5');
  await page.getByRole('heading', { name: 'Round', exact: true }).click();
  await reading.blur();
  await shown.savedMore(unsent);
  await maya.open(`/assets/${id}`);
  await page.getByText('12,706.5').first().waitFor();

  await maya.goOnline();
  await WorkOrderPage.open(maya, order);
  await shown.accepted();
  const stored = await rows(server, 'asset', 'tag, name, serial, site is not null', `asset_id = '${id}'`);
  assert.deepEqual(stored, [['P-9001', 'Spare feed pump', '8841-2207', 't']]);
  const readings = await rows(server, 'meter_reading', 'value_thousandths, work_order_id', `asset_id = '${id}'`);
  assert.deepEqual(readings, [['12706500', order]]);
});

/** A meter on the asset, and a work order whose checklist reads it. */
async function orderWithMeter(page, asset) {
  const meter = { field: 'meter', value: { key: 'm0', name: 'Run hours', unit: 'h' } };
  await giveCommand(page, { on: 'asset', do: 'edit', id: asset, edits: [meter] });
  const id = randomUUID();
  const steps = [{ key: 's0', label: 'Read the run hours', type: 'meter_reading', unit: 'h' }];
  const checklist = { key: 'c0', template: null, version: 1, title: 'Round', steps };
  const link = { id: asset, tag: 'P-9001', name: 'Spare feed pump' };
  await giveCommand(page, {
    on: 'work_order', do: 'create', id, title: 'Weekly round', type: 'inspection', priority: 'low', origin: 'manual',
    assets: [link], checklists: [checklist],
  });
  return id;
}

story('A storekeeper writes a part down, takes it in, counts it, and sees what does not add up', async ({ server, device }) => {
  const priya = await device('priya');
  const { page } = priya;
  await priya.signIn(people.store);
  await priya.shellReady();
  await allAccepted(page);
  await priya.goOffline();

  await page.getByRole('link', { name: 'Parts' }).click();
  await page.getByRole('link', { name: 'New part' }).click();
  await page.getByLabel('Number').fill('SEAL-MG45');
  await page.getByLabel('Name').fill('Mechanical seal kit');
  await page.getByLabel('Description').fill('For 45 mm shafts.');
  await page.getByRole('button', { name: 'Save' }).click();
  const panel = page.getByRole('complementary', { name: 'Mechanical seal kit' });
  await panel.getByText('For 45 mm shafts.').waitFor();
  const part = page.url().split('/').at(-1);

  await panel.getByRole('button', { name: 'Receive' }).click();
  const sheet = page.getByRole('dialog');
  const storeroom = await sheet.getByLabel('Storeroom').inputValue();
  await sheet.getByLabel('Quantity').fill('5');
  await sheet.getByRole('button', { name: 'Receive' }).click();
  await panel.getByText('+5 pcs').waitFor();
  await panel.getByRole('button', { name: 'Count' }).click();
  await sheet.getByText('Shows 5 pcs now.').waitFor();
  await sheet.getByLabel('Counted').fill('3');
  await sheet.getByRole('button', { name: 'Save the count' }).click();
  await panel.getByText('\u22122 pcs').waitFor();

  const movement = { id: randomUUID(), storeroom, part, quantity: 10_000 };
  await giveCommand(page, { on: 'stock_movement', do: 'issue', ...movement });
  await panel.getByText('\u22127 pcs').first().waitFor();
  await panel.getByText('Count what there is.').waitFor();
  await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: /^Discrepancy/ }).click();
  await page.getByRole('region', { name: 'Parts' }).getByText('Mechanical seal kit').waitFor();
  await page.reload();
  await panel.getByText('\u22127 pcs').first().waitFor();

  await priya.goOnline();
  await allAccepted(page);
  const stored = await rows(server, 'part', 'number, name, description', `part_id = '${part}'`);
  assert.deepEqual(stored, [['SEAL-MG45', 'Mechanical seal kit', 'For 45 mm shafts.']]);
  const movements = await rows(server, 'stock_movement', 'kind, quantity_thousandths, storeroom_id', `part_id = '${part}' order by at`);
  assert.deepEqual(movements, [['receipt', '5000', storeroom], ['count_adjustment', '-2000', storeroom], ['issue', '-10000', storeroom]]);
  assert.deepEqual(await rows(server, 'stock_balance', 'quantity_thousandths', `part_id = '${part}'`), [['-7000']]);
});

story('The board says who did what, and gives work to teams', async ({ server, device }) => {
  const [[id, number]] = await rows(server, 'work_order', 'work_order_id, number', "status = 'assigned' and priority = 'critical' order by number limit 1");
  const [[team]] = await rows(server, 'team', 'name', 'true order by name limit 1');
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const board = await BoardPage.open(helen);
  await board.isLive();
  const activity = helen.page.getByRole('complementary', { name: 'Activity' }).getByRole('listitem');
  await activity.filter({ hasText: /(verified|completed|entered labour on|changed) WO-\d+/ }).first().waitFor();

  await board.search(number);
  await board.card(number).waitFor();
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await allAccepted(maya.page);
  const event = randomUUID();
  await giveCommand(maya.page, { on: 'work_order', do: 'change_status', id, event, to: 'in_progress' });
  await giveCommand(maya.page, { on: 'comment', do: 'add', id: randomUUID(), document: id, kind: 'work_order', text: 'Seal is worn' });
  const [[maker]] = await rows(server, 'person', 'display_name', `email = '${people.tech1}'`);
  await activity.filter({ hasText: `${maker} started ${number}` }).waitFor();
  await activity.filter({ hasText: `${maker} wrote a note on ${number}` }).filter({ hasText: 'Seal is worn' }).waitFor();
  await board.column('In progress').getByRole('article', { name: number }).waitFor();
  assert.deepEqual(await rows(server, 'comment', 'text', `doc_id = '${id}'`), [['Seal is worn']]);

  await board.toggleAssignment(number, team);
  await until('the team has it', async () => (await rows(server, 'work_order', 'cardinality(teams)', `work_order_id = '${id}'`))[0][0] !== '0');
  await activity.filter({ hasText: `assigned ${number} to ${team}` }).waitFor();
});
