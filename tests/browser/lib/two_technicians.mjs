// Maya and Tom, who work on the same order without a signal, and what must be true afterwards.

import assert from 'node:assert/strict';
import { assignedWorkOrder, feedHead, partInStock, rows } from './demo.mjs';
import { people } from './people.mjs';
import { until } from './until.mjs';
import { WorkOrderPage } from './work_order_page.mjs';

const ANDROID = 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';

/** What each writes; both read all of it in the end. */
export const fromMaya = ['Took the drive end apart', 'Bearing is blue on one side', 'Runs hot at night.'];
export const fromTom = ['Spare is in the van', 'Second report this week.'];

/** Both have the same work order open on their phones, with everything on the device. */
export async function meetAtOneOrder(server, device) {
  const order = await assignedWorkOrder(server);
  const part = await partInStock(server);
  const maya = await device('maya', { phone: true, context: { userAgent: ANDROID } });
  const tom = await device('tom', { phone: true, context: { userAgent: IPHONE } });
  const pages = [];
  for (const [each, email] of [[maya, people.tech1], [tom, people.tech2]]) {
    await each.signIn(email);
    await each.shellReady();
    const page = await WorkOrderPage.open(each, order.id);
    await page.accepted();
    pages.push(page);
  }
  const [mayas, toms] = pages;
  return { order, part, maya, tom, mayas, toms, before: await feedHead(server) };
}

/** Both lose their signal and go on working; returns the steps Maya ticked. */
export async function workApart({ part, maya, tom, mayas, toms }) {
  await maya.goOffline();
  await tom.goOffline();

  const ticked = await mayas.tick(2);
  await mayas.addLabour({ hours: 1, minutes: 15, done: 'Took the drive end apart' });
  await mayas.addNote('Bearing is blue on one side');
  await mayas.describe({ after: ' Runs hot at night.' });
  await mayas.setPriority('Low');

  await toms.setPriority('Critical');
  await toms.addPart(part.number, 2);
  await toms.addNote('Spare is in the van');
  await toms.describe({ before: 'Second report this week. ' });

  for (const page of [mayas, toms]) await page.savedHere();
  return ticked;
}

/** When the server first heard of each of the two since they met, in milliseconds since 1970, the earlier first. */
export async function heardOf(server, { order, before }) {
  const first = await rows(server, 'feed', 'extract(epoch from min(received_at)) * 1000 as first',
    `doc_id = '${order.id}' and seq > ${before} and author is not null group by author order by first`);
  return first.map(([at]) => Number(at));
}

/** Every line of both is on both devices, and both priorities with who wrote them where. */
export async function everyLineIsOnBothPhones({ part, mayas, toms }) {
  for (const page of [mayas, toms]) {
    await page.shows(...fromMaya, ...fromTom, part.number);
    await until('both ticks', async () => (await page.main.getByRole('checkbox', { checked: true }).count()) === 2);
    await page.accepted();
  }
  await bothPrioritiesShow(mayas, ['you on Android', 'Tom Lindqvist on iPhone']);
  await bothPrioritiesShow(toms, ['you on iPhone', 'Maya Okafor on Android']);
}

async function bothPrioritiesShow(page, authors) {
  const versions = page.versions('Priority');
  for (const author of authors) await versions.getByRole('listitem').filter({ hasText: author }).waitFor();
  const text = await versions.innerText();
  assert.match(text, /Low/);
  assert.match(text, /Critical/);
}

/** Every line of both is in the projection tables, once. */
export async function everyLineIsInTheTables(server, { order, part }, ticked) {
  const here = `work_order_id = '${order.id}'`;
  const answered = await rows(server, 'checklist_answer', 'label, answer', `${here} order by label`);
  assert.deepEqual(answered, ticked.map((label) => [label, 'checked']).sort());
  assert.deepEqual(await rows(server, 'labour_entry', 'minutes, note', here), [['75', 'Took the drive end apart']]);
  const notes = await rows(server, 'comment', 'text', `doc_id = '${order.id}' order by text`);
  assert.deepEqual(notes.flat(), ['Bearing is blue on one side', 'Spare is in the van']);
  assert.deepEqual(await rows(server, 'work_order_part', 'number, quantity_thousandths', here), [[part.number, '2000']]);
  assert.deepEqual(await rows(server, 'stock_movement', 'kind, quantity_thousandths', here), [['issue', '-2000']]);
  const [[description]] = await rows(server, 'work_order', 'description', here);
  assert.match(description, /^Second report this week\. .* Runs hot at night\.$/);
  const versions = await rows(server, 'conflict', 'field, value', `doc_id = '${order.id}' order by value`);
  assert.deepEqual(versions.map(([field]) => field), ['priority', 'priority']);
  assert.match(versions.flat().join(' '), /critical.*low/);
}

/** Tom chooses with one tap; the other version is gone everywhere. */
export async function tomChoosesCritical(server, { order, mayas, toms }) {
  await toms.versions('Priority').getByRole('button', { name: /Critical/ }).click();
  for (const page of [mayas, toms]) {
    await page.versions('Priority').waitFor({ state: 'detached' });
    await until('one priority', async () => (await page.priority.inputValue()) === 'critical');
    await page.accepted();
  }
  assert.deepEqual(await rows(server, 'conflict', 'field', `doc_id = '${order.id}'`), []);
  assert.deepEqual(await rows(server, 'work_order', 'priority', `work_order_id = '${order.id}'`), [['critical']]);
}
