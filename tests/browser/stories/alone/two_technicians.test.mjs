// Two technicians without a signal on the same work order: every line of both arrives everywhere.

import assert from 'node:assert/strict';
import { story } from '../../lib/story.mjs';
import {
  boardKeepsUp, everyLineIsEverywhere, helenWatches, meetAtOneOrder, reconnect, reloadApart, tomChooses, workApart,
} from '../../lib/two_technicians.mjs';

story('Two technicians edit one work order offline and nothing is lost', async ({ server, device }) => {
  const scene = await meetAtOneOrder(server, device);
  await helenWatches(scene, device);
  await workApart(scene);
  await reloadApart(scene);

  scene.board.countRequests();
  const took = await reconnect(scene);
  await everyLineIsEverywhere(scene);
  assert.deepEqual(scene.board.requests, [], 'the board lives off its socket');
  await tomChooses(scene, 'Critical');
  await boardKeepsUp(scene, took);
});
