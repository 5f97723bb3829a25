// The timer of a work order: it runs on while the phone is off, and what it counted is labour.

import assert from 'node:assert/strict';
import { setClockBack } from '../lib/clock.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const MINUTE_MS = 60_000;
const AT_WORK_MS = 42 * MINUTE_MS;

story('A timer runs on while the phone is switched off, and becomes labour when it stops offline', async ({ server, device }) => {
  const { id, title } = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  let order = await WorkOrderPage.open(maya, id);
  await order.accepted();
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const helens = await WorkOrderPage.open(helen, id);
  await helens.accepted();

  await maya.goOffline();
  await setClockBack(maya.page, AT_WORK_MS);
  const begun = await around(() => order.next.getByRole('button', { name: 'Start work' }).click(), order, 2);
  await maya.switchOff();
  await maya.switchOn();
  await maya.goOffline();
  await maya.open('/my-work');
  const bar = maya.page.getByRole('link', { name: title }).filter({ hasText: 'timer running' });
  assert.ok((await shownBy(bar)) >= AT_WORK_MS, 'the bar counts on');
  await bar.click();
  order = new WorkOrderPage(maya.page);
  await order.isReady();
  assert.ok((await shownBy(order.time)) >= AT_WORK_MS, 'the page counts on');
  assert.equal(await order.labour.count(), 0);

  await maya.goOnline();
  await order.accepted();
  await helens.time.getByText('Maya Okafor is working on this now.').waitFor();
  assert.deepEqual(await labourOf(server, id), [], 'a timer is no labour yet');

  await maya.goOffline();
  const ended = await around(() => order.time.getByRole('button', { name: 'Pause' }).click(), order, 1);
  await order.time.getByRole('button', { name: 'Start timer' }).waitFor();
  const shown = await order.labour.innerText();
  await maya.page.reload();
  await order.isReady();
  await order.time.getByRole('button', { name: 'Start timer' }).waitFor();
  await until('the labour is still here', async () => (await order.labour.allInnerTexts()).join() === shown);

  await maya.goOnline();
  await order.accepted();
  const [labour, ...more] = await labourOf(server, id);
  assert.deepEqual([labour.email, more], [people.tech1, []]);
  assert.ok(labour.started >= begun.from - AT_WORK_MS && labour.started <= begun.until - AT_WORK_MS, 'it began when she began');
  isCounted(labour, ended);
  assert.match(shown, new RegExp(`\\b${labour.minutes} min$`));
  await helens.labour.filter({ hasText: `${labour.minutes} min` }).waitFor();
  await helens.time.getByText('is working on this now').waitFor({ state: 'detached' });
});

story('Work that is put on hold offline stops the timer with it', async ({ server, device }) => {
  const { id } = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const order = await WorkOrderPage.open(maya, id);
  await order.accepted();
  await maya.goOffline();
  await around(() => order.next.getByRole('button', { name: 'Start work' }).click(), order, 2);
  const held = await around(() => hold(order, 'Waiting for the seal'), order, 1);
  await maya.page.reload();
  await order.isReady();
  await order.time.getByRole('button', { name: 'Start timer' }).waitFor();
  await until('the labour is still here', async () => (await order.labour.count()) === 1);

  await maya.goOnline();
  await order.accepted();
  const [labour, ...more] = await labourOf(server, id);
  assert.deepEqual([labour.email, more], [people.tech1, []]);
  isCounted(labour, held);
  const [[status, total]] = await rows(server, 'work_order', 'status, labour_minutes', `work_order_id = '${id}'`);
  assert.deepEqual([status, Number(total)], ['on_hold', labour.minutes]);
});

async function hold(order, reason) {
  await order.next.getByRole('button', { name: 'Hold' }).click();
  const sheet = order.page.getByRole('dialog', { name: 'Hold' });
  await sheet.getByLabel('Reason').fill(reason);
  await sheet.getByRole('button', { name: 'Hold' }).click();
  await sheet.waitFor({ state: 'detached' });
}

/** Does it, waits until this many more changes are saved on the device, and says when it was, at the earliest and the latest. */
async function around(deed, order, changes) {
  const before = await order.saved();
  const from = Date.now();
  await deed();
  await until('it is saved', async () => (await order.saved()) === before + changes);
  return { from, until: Date.now() };
}

/** What a timer shows, in milliseconds. */
async function shownBy(place) {
  const [hours, minutes, seconds] = (await place.getByRole('timer').innerText()).split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}

/** From its start to its end, and a started minute counts. */
function isCounted({ started, minutes }, ended) {
  const [least, most] = [ended.from, ended.until].map((end) => Math.ceil((end - started) / MINUTE_MS));
  assert.ok(minutes >= least && minutes <= most, `${minutes} minutes, not ${least} to ${most}`);
}

/** The labour of a work order, as the table has it. */
async function labourOf(server, id) {
  const email = '(select email from person where person_id = labour_entry.person)';
  const columns = `${email}, minutes, extract(epoch from started) * 1000`;
  const stored = await rows(server, 'labour_entry', columns, `work_order_id = '${id}' order by at`);
  return stored.map(([email, minutes, started]) => ({ email, minutes: Number(minutes), started: Number(started) }));
}
