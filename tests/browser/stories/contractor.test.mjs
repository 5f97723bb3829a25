// A contractor's device holds what is assigned to them, and nothing else of the organisation.

import assert from 'node:assert/strict';
import { BoardPage } from '../lib/board_page.mjs';
import { rows } from '../lib/demo.mjs';
import { readDatabases, textsOfDatabases } from '../lib/indexed_db.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';

const CONTRACTOR = "(select person_id from person where email = 'contractor@demo.example')";

story('A contractor’s device holds no document and no cost outside its scopes', async ({ server, device }) => {
  const jo = await device('jo', { phone: true });
  await jo.signIn(people.contractor);
  await allAccepted(jo.page);
  const mine = await rows(server, 'work_order', 'work_order_id, number', `${CONTRACTOR} = any (people) order by 1`);
  assert.ok(mine.length > 10);

  const held = await until('every document of theirs', async () => {
    const documents = await documentsOf(jo.page);
    return documents.length === mine.length && documents;
  });
  assert.deepEqual(held.sort(), mine.map(([id]) => id));

  const texts = await textsOfDatabases(jo.page);
  for (const [, number] of mine.slice(0, 20)) assert.ok(texts.hold(number), `${number} is theirs and must be found`);
  const records = await rows(server, 'labour_entry', 'labour_entry_id', `person = ${CONTRACTOR} limit 20`);
  for (const [id] of records) assert.ok(texts.hold(id), `the record ${id} is theirs and must be found`);
  const costs = await rows(server, 'cost_entry', 'cost_entry_id', `doc_id in (select work_order_id from work_order where ${CONTRACTOR} = any (people))`);
  assert.ok(costs.length > 0, 'their own work cost something too, which is not for them');
  const secrets = await everythingElse(server);
  assert.ok(secrets.length > 3_000);
  assert.deepEqual(secrets.filter((secret) => texts.hold(secret)), []);
});

story('Work comes to a contractor’s device with the assignment and leaves with it', async ({ server, device }) => {
  const [[id, number]] = await rows(server, 'work_order', 'work_order_id, number',
    `status = 'assigned' and not ${CONTRACTOR} = any (people) order by number limit 1`);
  const jo = await device('jo', { phone: true });
  await jo.signIn(people.contractor);
  await allAccepted(jo.page);
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const board = await BoardPage.open(helen);
  await board.isLive();
  await board.search(number);

  await board.toggleAssignment(number, 'Jo Whitfield');
  await until('it has come', async () => (await documentsOf(jo.page)).includes(id));
  await jo.open('/work-orders');
  await jo.page.getByRole('searchbox').fill(number);
  await jo.page.getByRole('main').getByText(number).waitFor();

  await board.toggleAssignment(number, 'Jo Whitfield');
  await until('it has left', async () => !(await documentsOf(jo.page)).includes(id));
  await jo.page.getByRole('main').getByText('Nothing found').waitFor();
  const texts = await until('no trace is left', async () => {
    const now = await textsOfDatabases(jo.page);
    return !now.hold(number) && now;
  });
  assert.ok(!texts.hold(id));
  await server.run('verify-projections');
});

/** The ids of the documents stored on a device. */
async function documentsOf(page) {
  const [stores] = Object.values(await readDatabases(page));
  return stores.documents.map(({ key }) => key.split('/').at(-1));
}

/** What the organisation knows and the contractor must not: as it would be written on the device. */
async function everythingElse(server) {
  const foreign = await rows(server, 'work_order', 'work_order_id, number', `not ${CONTRACTOR} = any (people)`);
  const parts = await rows(server, 'part', 'number, part_id', 'true');
  const costs = await rows(server, 'cost_entry', 'cost_entry_id', 'true');
  const prices = await rows(server, 'price', 'price_id', 'true');
  const rates = await rows(server, 'labour_rate', 'labour_rate_id', 'true');
  const emails = await server.sql("select email from person where email <> 'contractor@demo.example'");
  assert.ok(costs.length > 100 && prices.length > 100 && rates.length >= 6);
  return [...foreign, ...parts, ...costs, ...prices, ...rates, ...emails].flat();
}
