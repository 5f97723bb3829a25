// 7,485 work orders on the device, no network: how soon the work is on the screen, and a tap on the disk.

import { openDevice } from '../lib/device.mjs';
import { assignedWorkOrder } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';
import { everythingLoaded, filledServer } from './filled.mjs';
import { appears, median, percentile, throttle } from './timing.mjs';

const WORK_ORDERS = 7_485;
const SLOW = 4;

export async function measure({ runs, quick }) {
  const server = await filledServer('bench-cold-start', WORK_ORDERS);
  const device = await openDevice(server, 'phone', { phone: true });
  try {
    await device.signIn(people.tech1);
    await everythingLoaded(device.page);
    await device.shellReady();
    const order = await assignedWorkOrder(server);
    await device.goOffline();
    const starts = {};
    const taps = {};
    for (const rate of [1, SLOW]) {
      starts[rate] = await coldStarts(device, rate, runs);
      taps[rate] = await tap(device, order, rate, quick ? 20 : 60);
    }
    return metrics(starts, taps);
  } finally {
    await device.discard();
    await server.discard();
  }
}

function metrics(starts, taps) {
  const start = `cold start unplugged, ${WORK_ORDERS} work orders, to My work`;
  const saved = 'command to saved on the device (strict)';
  const shown = 'tap to the answer on the screen';
  const slow = `, ${SLOW} × throttled`;
  return [
    { metric: start, ours: median(starts[1]), unit: 'ms', goal: '≤ 1.0 s' },
    { metric: `${start}${slow}`, ours: median(starts[SLOW]), unit: 'ms', goal: '≤ 2.0 s' },
    { metric: `${shown}, p50`, ours: percentile(taps[1].shown, 0.5), unit: 'ms', goal: '≤ 16 ms' },
    { metric: `${shown}, p95`, ours: percentile(taps[1].shown, 0.95), unit: 'ms', goal: '' },
    { metric: `${shown}${slow}, p95`, ours: percentile(taps[SLOW].shown, 0.95), unit: 'ms', goal: '' },
    { metric: `${saved}, p50`, ours: percentile(taps[1].saved, 0.5), unit: 'ms', goal: '' },
    { metric: `${saved}, p95`, ours: percentile(taps[1].saved, 0.95), unit: 'ms', goal: '≤ 50 ms' },
    { metric: `${saved}${slow}, p95`, ours: percentile(taps[SLOW].saved, 0.95), unit: 'ms', goal: '≤ 150 ms' },
  ];
}

/** Every start is a tab of its own; with the last one closed, the engine is gone too. */
async function coldStarts(device, rate, runs) {
  const times = [];
  for (let run = 0; run < runs; run += 1) {
    await device.page.goto('about:blank');
    await throttle(device.page, rate);
    await device.open('/');
    times.push(await appears(device.page, 'a.wo'));
    await throttle(device.page, 1);
  }
  return times;
}

/** Ticks a step and takes the tick back, over and over; then gives commands to the engine as a tab does. */
async function tap(device, order, rate, count) {
  const { page } = await WorkOrderPage.open(device, order.id);
  await page.getByRole('checkbox').first().waitFor();
  await throttle(page, rate);
  const shown = await page.evaluate(tapInPage, count);
  const saved = await page.evaluate(saveInPage, { id: order.id, count });
  await throttle(page, 1);
  return { shown, saved };
}

async function tapInPage(count) {
  const times = [];
  const selector = 'main [role=checkbox], [role=checkbox]';
  for (let round = 0; round < count; round += 1) {
    const box = document.querySelector(selector);
    const before = box.getAttribute('aria-checked');
    const begin = performance.now();
    const changed = new Promise((resolve) => {
      const look = () => {
        if (document.querySelector(selector)?.getAttribute('aria-checked') === before) return;
        observer.disconnect();
        resolve(performance.now());
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    box.click();
    times.push((await changed) - begin);
  }
  return times;
}

async function saveInPage({ id, count }) {
  const [{ name }] = (await indexedDB.databases()).filter((database) => database.name.startsWith('maintainpro:'));
  const channel = new BroadcastChannel(name);
  const uuid = () => {
    const time = Date.now().toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
  };
  const times = [];
  for (let round = 0; round < count; round += 1) {
    const command_id = uuid();
    const edits = [{ field: 'estimated_minutes', value: 1_000 + Math.floor(performance.now()) + round }];
    const command = { on: 'work_order', do: 'edit', id, edits };
    const heard = new Promise((resolve) => {
      channel.onmessage = ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.command_id === command_id) resolve(answer);
      };
    });
    const begin = performance.now();
    channel.postMessage(JSON.stringify({ ask: 'execute', command_id, command }));
    const answer = await heard;
    times.push(performance.now() - begin);
    if (answer.tell !== 'saved') throw new Error(`the engine answered ${JSON.stringify(answer)}`);
  }
  channel.close();
  return times;
}
