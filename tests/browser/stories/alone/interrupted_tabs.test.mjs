// The story of the two technicians again, and a tab is killed or frozen in the middle of it: every saved line arrives,
// once, and the board keeps up.

import assert from 'node:assert/strict';
import { story } from '../../lib/story.mjs';
import {
  boardKeepsUp, everyLineIsEverywhere, helenWatches, meetAtOneOrder, reconnect, reloadApart, tomChooses, workApart,
} from '../../lib/two_technicians.mjs';
import { until } from '../../lib/until.mjs';
import { WorkOrderPage } from '../../lib/work_order_page.mjs';

const HAND_OVER_LIMIT_MS = 5_000;

story('The tab is killed after each change, the moment it is saved on the device', async ({ server, device }) => {
  const scene = await meetAtOneOrder(server, device);
  await helenWatches(scene, device);
  await workApart(scene, async (who) => {
    const owner = who === 'mayas' ? scene.maya : scene.tom;
    const unsent = await scene[who].saved();
    await owner.killTab(scene[who].page);
    scene[who] = await WorkOrderPage.open(owner, scene.order.id, await owner.newTab());
    await until('nothing saved is gone', async () => (await scene[who].saved()) === unsent);
  });
  await reloadApart(scene);

  scene.board.countRequests();
  const took = await reconnect(scene);
  await everyLineIsEverywhere(scene);
  assert.deepEqual(scene.board.requests, [], 'the board lives off its socket');
  await tomChooses(scene, 'Critical');
  await boardKeepsUp(scene, took);
});

story('The tab that runs the engine is frozen at work, and a second tab goes on', async ({ server, device }) => {
  const scene = await meetAtOneOrder(server, device);
  await helenWatches(scene, device);
  const { maya, mayas: first } = scene;
  const second = await WorkOrderPage.open(maya, scene.order.id, await maya.newTab());
  await second.accepted();

  // The first tab runs the engine until it freezes; then the second one does, before Maya's third change is saved.
  let thaw;
  let mayasChanges = 0;
  let frozenAt;
  let handOver;
  await workApart(scene, async (who) => {
    if (who !== 'mayas') return;
    mayasChanges += 1;
    if (mayasChanges === 2) {
      await inStep(first, second);
      thaw = await maya.freezeTab(first.page);
      frozenAt = performance.now();
      scene.mayas = second;
    }
    if (mayasChanges === 3) handOver = performance.now() - frozenAt;
    if (mayasChanges === 4) {
      await thaw();
      await inStep(second, first);
      scene.mayas = first;
    }
  });
  assert.ok(handOver <= HAND_OVER_LIMIT_MS, `the hand-over took ${Math.round(handOver)} ms`);
  await reloadApart(scene);

  scene.others.push(second);
  scene.board.countRequests();
  const took = await reconnect(scene);
  await everyLineIsEverywhere(scene);
  assert.deepEqual(scene.board.requests, [], 'the board lives off its socket');
  await tomChooses(scene, 'Critical');
  await boardKeepsUp(scene, took);
});

/** What one tab says is saved, another of the same device says as well. */
async function inStep(ahead, behind) {
  await until('both tabs say the same', async () => (await behind.saved()) === (await ahead.saved()));
}
