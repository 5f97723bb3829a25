// Two technicians without a signal on the same work order: every line of both arrives everywhere.

import assert from 'node:assert/strict';
import { BoardPage } from '../lib/board_page.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import {
  everyLineIsInTheTables, everyLineIsOnBothPhones, fromMaya, fromTom, heardOf, meetAtOneOrder, tomChoosesCritical, workApart,
} from '../lib/two_technicians.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const BOARD_LIMIT_MS = 1_000;

story('Two technicians edit one work order offline and nothing is lost', async ({ server, device }) => {
  const scene = await meetAtOneOrder(server, device);
  const { order, maya, tom, mayas, toms } = scene;
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const board = await BoardPage.open(helen);
  await board.isLive();
  await board.search(order.number);
  await board.card(order.number).waitFor();

  const ticked = await workApart(scene);
  for (const [page, lines] of [[mayas, fromMaya], [toms, fromTom]]) {
    await page.page.reload();
    await page.isReady();
    await page.shows(...lines);
  }
  assert.equal(await mayas.main.getByRole('checkbox', { checked: true }).count(), 2);

  board.countRequests();
  const twoVersions = board.whenCardShows(order.number, 'Two versions');
  await Promise.all([maya.goOnline(), tom.goOnline()]);
  const shownAt = await twoVersions;
  const [, committedAt] = await heardOf(server, scene);
  const took = shownAt - committedAt;
  assert.ok(took <= BOARD_LIMIT_MS, `the board took ${took} ms`);

  await everyLineIsOnBothPhones(scene);
  await board.card(order.number).getByRole('link').click();
  const helens = new WorkOrderPage(helen.page);
  await helens.shows(...fromMaya, ...fromTom);
  await helens.versions('Priority').waitFor();
  await helen.page.goBack();
  assert.deepEqual(board.requests, [], 'the board lives off its socket');

  await everyLineIsInTheTables(server, scene, ticked);
  await tomChoosesCritical(server, scene);
  await board.search(order.number);
  await until('one version on the board', async () => !(await board.card(order.number).innerText()).includes('Two versions'));
  await server.run('verify-projections');
});
