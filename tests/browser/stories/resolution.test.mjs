// A field that came with a later version: two technicians without a signal are both the first to write it.

import assert from 'node:assert/strict';
import { rows } from '../lib/demo.mjs';
import { story } from '../lib/story.mjs';
import { meetAtOneOrder } from '../lib/two_technicians.mjs';

const lines = ['Seal replaced.', 'Bearing greased.'];

story('Two technicians say first what was done, offline, and both are heard', async ({ server, device }) => {
  const { order, maya, tom, mayas, toms } = await meetAtOneOrder(server, device);
  await mayas.resolution.waitFor({ state: 'detached' });
  await mayas.next.getByRole('button', { name: 'Start work' }).click();
  for (const page of [mayas, toms]) {
    await page.resolution.waitFor();
    await page.accepted();
  }

  await maya.goOffline();
  await tom.goOffline();
  await mayas.resolve(lines[0]);
  await toms.resolve(lines[1]);
  for (const [page, line] of [[mayas, lines[0]], [toms, lines[1]]]) {
    await page.savedMore(0);
    await page.page.reload();
    await page.isReady();
    await page.shows(line);
  }

  await Promise.all([maya.goOnline(), tom.goOnline()]);
  for (const page of [mayas, toms]) {
    await page.shows(...lines);
    await page.accepted();
  }
  // In one order or the other, and in the same one everywhere.
  const [[resolution]] = await rows(server, 'work_order', 'resolution', `work_order_id = '${order.id}'`);
  assert.ok([lines, lines.toReversed()].some((each) => each.join('\n') === resolution), resolution);
  for (const page of [mayas, toms]) assert.equal(await page.resolution.inputValue(), resolution);
});
