// What a rule refuses stays where it was typed, whole, until it is taken.

import assert from 'node:assert/strict';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

/** Longer than any text may be. A field stops before; what comes in by another way is refused. */
const TOO_LONG = `Leaks at the gland. ${'x'.repeat(20_000)}`;

/** Past what the field itself would stop. */
async function fill(field, text) {
  await field.evaluate((node) => node.removeAttribute('maxlength'));
  await field.fill(text);
}

const refusal = (page) => page.locator('.toast', { hasText: 'Check this entry' }).waitFor();

story('A text that is refused is saved whole once it is short enough', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.supervisor);
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  const stored = async () => (await rows(server, 'work_order', 'description', `work_order_id = '${order.id}'`))[0][0];
  const before = await stored();

  await fill(page.description, `${before}\n${TOO_LONG}`);
  await page.description.blur();
  await refusal(maya.page);
  assert.equal(await page.description.inputValue(), `${before}\n${TOO_LONG}`, 'nothing is taken out of the field');
  await maya.page.getByRole('alert').filter({ hasText: 'This text is not saved' }).waitFor();

  const kept = `${before}\nLeaks at the gland.`;
  await page.description.fill(kept);
  await page.description.blur();
  await until('the text is with the server', async () => (await stored()) === kept);
  assert.equal(await page.description.inputValue(), kept);
  assert.equal(await maya.page.getByRole('alert').count(), 0);
});

story('A note and a new work order that are refused lose nothing', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  const note = maya.page.getByRole('textbox', { name: 'Write a note' });
  await fill(note, TOO_LONG);
  await maya.page.getByRole('button', { name: 'Add note' }).click();
  await refusal(maya.page);
  await until('the note is back in its field', async () => (await note.inputValue()) === TOO_LONG);
  await page.addNote('Leaks at the gland.');

  await maya.open('/work-orders/new');
  await maya.page.locator('#title').fill('Pump leaks');
  await fill(maya.page.locator('#new-description'), TOO_LONG);
  const create = maya.page.getByRole('button', { name: 'Create work order' });
  await create.click();
  await refusal(maya.page);
  assert.equal(await maya.page.locator('#title').inputValue(), 'Pump leaks');
  assert.equal(await maya.page.locator('#new-description').inputValue(), TOO_LONG);
  await maya.page.locator('#new-description').fill('Leaks at the gland.');
  await create.click();
  await page.isReady();
  await page.shows('Pump leaks', 'Leaks at the gland.');
  const made = () => rows(server, 'work_order', 'description', "title = 'Pump leaks'");
  await until('it is with the server', async () => (await made()).length === 1);
  assert.deepEqual(await made(), [['Leaks at the gland.']]);
});
