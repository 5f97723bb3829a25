// The story of the two technicians again, and the server is killed in the middle of it: every saved line arrives, once.

import assert from 'node:assert/strict';
import { story } from '../lib/story.mjs';
import {
  arrived, everyLineIsEverywhere, helenWatches, made, meetAtOneOrder, reloadApart, tomChooses, workApart,
} from '../lib/two_technicians.mjs';

/** All that a board asks for when its socket has to be opened again. */
const TICKET = 'POST /api/socket-tickets';

story('The server is killed in the middle of what two technicians send', async ({ server, device }) => {
  const scene = await meetAtOneOrder(server, device);
  await helenWatches(scene, device);
  await workApart(scene);
  await reloadApart(scene);

  scene.board.countRequests();
  // First in the middle of a transaction: it waits for the disk.
  const goOn = await server.holdFeed();
  await scene.maya.goOnline();
  await server.isHeldUp();
  await server.kill();
  await goOn();
  assert.equal(await arrived(scene), 0, 'nothing was committed');
  // Then right after one, before anybody hears of it.
  await server.start({ dieAt: 'after-commit' });
  await scene.tom.goOnline();
  await server.died();
  const halfway = await arrived(scene);
  assert.ok(halfway > 0 && halfway < made(scene), `${halfway} of ${made(scene)} were committed`);
  await server.start();

  await everyLineIsEverywhere(scene);
  const asked = scene.board.requests;
  assert.ok(asked.includes(TICKET), 'its socket was opened again');
  assert.deepEqual(asked.filter((request) => request !== TICKET), [], 'the board lives off its socket');
  await tomChooses(scene, 'Critical');
});
