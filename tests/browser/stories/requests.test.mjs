// Other stories say that a page asked the server for nothing; this one shows that they would have seen it.

import assert from 'node:assert/strict';
import { BoardPage } from '../lib/board_page.mjs';
import { people } from '../lib/people.mjs';
import { ask } from '../lib/rest.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';

const TICKET = '/api/socket-tickets';

story('A request of the engine’s worker is counted like one of the page', async ({ server, device }) => {
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const board = await BoardPage.open(helen);
  await board.isLive();
  board.countRequests();
  assert.equal(await asked(helen.page, TICKET), 0, 'the page itself never asks for a ticket');

  await server.kill();
  await helen.page.getByText('Live', { exact: true }).waitFor({ state: 'detached' });
  assert.equal(helen.page.workers().length, 1);
  const [engine] = helen.page.workers();
  const before = await asked(engine, TICKET);
  await server.start();
  await board.isLive();
  await until('the worker has asked for a ticket', async () => (await asked(engine, TICKET)) > before);
  assert.ok(board.requests.includes(`POST ${TICKET}`), 'the request of the worker was not counted');
  assert.equal(await asked(helen.page, TICKET), 0);

  await ask(helen.page, 'GET', '/api/assets/duplicate-tags');
  assert.ok(board.requests.includes('GET /api/assets/duplicate-tags'), 'the request of the page was not counted');
});

/** How often a page or a worker has asked for a path, by its own account. */
async function asked(place, path) {
  return place.evaluate((path) => performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname === path).length, path);
}
