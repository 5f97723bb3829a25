// 10,000 work orders on the device and their table on the screen, while others change them, and while the device hands
// in what was done without a network: is the main thread ever busy for so long that a tap has to wait?

import { openDevice } from '../lib/device.mjs';
import { giveCommand } from '../lib/engine.mjs';
import { people } from '../lib/people.mjs';
import { signInProgram } from '../lib/rest.mjs';
import { everythingLoaded, filledServer } from './filled.mjs';
import { appears, atRest, longTasks, median, throttle, timed, watchLongTasks } from './timing.mjs';

const WORK_ORDERS = 10_000;
const RATES = [1, 4];
/** Colleagues, each of whom makes a change when the one before is stored. */
const COLLEAGUES = 4;
const ROWS = 'main a[href^="/work-orders/"], table a[href^="/work-orders/"]';

export async function measure({ runs, quick }) {
  const changes = quick ? 200 : 1_000;
  const edits = quick ? 50 : 200;
  const server = await filledServer('bench-syncing', WORK_ORDERS);
  const device = await openDevice(server, 'desk');
  try {
    await device.signIn(people.supervisor);
    await everythingLoaded(device.page);
    await device.shellReady();
    const give = await signInProgram(server, 'demo', people.manager);
    const orders = await someWorkOrders(server, changes);
    const metrics = [];
    for (const rate of RATES) {
      const heard = [];
      const handedIn = [];
      for (let run = 0; run < runs; run += 1) {
        heard.push(await hear(device, rate, { give, orders }));
        handedIn.push(await handIn(device, rate, orders.slice(0, edits)));
      }
      metrics.push(...figures(rate, heard, `${changes} changes of others`), ...figures(rate, handedIn, `${edits} edits made offline`));
    }
    return metrics;
  } finally {
    await device.discard();
    await server.discard();
  }
}

function figures(rate, taken, what) {
  const name = `${WORK_ORDERS} rows, ${what}${rate === 1 ? '' : `, ${rate} × throttled`}`;
  // Chromium tells of tasks over 50 ms only; 0 when there were none.
  const longest = median(taken.map(({ tasks }) => Math.max(0, ...tasks)));
  const many = median(taken.map(({ tasks }) => tasks.length));
  const ms = median(taken.map(({ ms }) => ms));
  return [
    { metric: `${name}: longest task of the main thread`, ours: longest, unit: 'ms', goal: '≤ 50 ms' },
    { metric: `${name}: tasks over 50 ms`, ours: many, unit: '', goal: '0' },
    { metric: `${name}: until all are shown or stored`, ours: ms, unit: 'ms', goal: '' },
  ];
}

/** Work orders from all over the list. */
async function someWorkOrders(server, count) {
  const found = await server.sql(`
    select work_order_id from work_order join organisation using (organization_id)
    where slug = 'demo' order by md5(work_order_id::text) limit ${count}`);
  return found.map(([id]) => id);
}

const edit = (id, field, value) => ({ on: 'work_order', do: 'edit', id, edits: [{ field, value }] });

/** The table of all work orders, with nothing left to load or to draw. */
async function openTable(device) {
  const page = await device.open('/work-orders');
  await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'All', exact: true }).click();
  await appears(page, ROWS);
  await everythingLoaded(page);
  await atRest(page);
  return page;
}

/** Runs something on a page that is watched and throttled meanwhile. */
async function watched(page, rate, work) {
  await watchLongTasks(page);
  await throttle(page, rate);
  const ms = await timed(work);
  await atRest(page);
  const tasks = await longTasks(page);
  await throttle(page, 1);
  return { ms, tasks };
}

/** Colleagues change work orders all over the list; the last change is one of a row in sight, which shows it. */
async function hear(device, rate, { give, orders }) {
  const page = await openTable(device);
  const inSight = (await page.locator(ROWS).first().getAttribute('href')).split('/').pop();
  const title = `Changed last, ${performance.now()}`;
  return watched(page, rate, async () => {
    const left = orders.values();
    const colleague = async () => {
      for (const id of left) await give(edit(id, 'estimated_minutes', 1_000 + Math.floor(performance.now())));
    };
    await Promise.all(Array.from({ length: COLLEAGUES }, colleague));
    await give(edit(inSight, 'title', title));
    await page.getByText(title).first().waitFor();
  });
}

/** Edits made without a network go out while the table is on the screen. */
async function handIn(device, rate, orders) {
  const page = await openTable(device);
  await device.goOffline();
  for (const id of orders) await giveCommand(page, edit(id, 'estimated_minutes', 1_000 + Math.floor(performance.now())));
  await page.getByText(`${orders.length} changes saved on this device`).first().waitFor({ state: 'attached' });
  return watched(page, rate, async () => {
    await device.goOnline();
    await everythingLoaded(page);
  });
}
