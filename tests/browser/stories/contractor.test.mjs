// A contractor's device holds what is assigned to them, and nothing else of the organisation.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BoardPage } from '../lib/board_page.mjs';
import { rows } from '../lib/demo.mjs';
import { giveCommand } from '../lib/engine.mjs';
import { readDatabases, textsOfDatabases } from '../lib/indexed_db.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';

const CONTRACTOR = "(select person_id from person where email = 'contractor@demo.example')";

story('A contractor’s device holds no document, no word and no cost outside its scopes', async ({ server, device }) => {
  const jo = await device('jo', { phone: true });
  await jo.signIn(people.contractor);
  await allAccepted(jo.page);
  const [theirs, others] = await twoOrders(server, device);
  const mine = await rows(server, 'work_order', 'work_order_id, number, title, description', `${CONTRACTOR} = any (people) order by 1`);
  assert.ok(mine.length > 10);

  const held = await until('every document of theirs', async () => {
    const documents = await documentsOf(jo.page);
    return documents.length === mine.length && documents;
  });
  assert.deepEqual(held.sort(), mine.map(([id]) => id));

  const texts = await until('the words of new work of theirs', async () => {
    const now = await textsOfDatabases(jo.page);
    return theirs.every((words) => now.hold(words)) && now;
  });
  for (const words of mine.slice(0, 20).flat()) assert.ok(texts.hold(words), `“${words}” is theirs and must be found`);
  const records = await rows(server, 'labour_entry', 'labour_entry_id', `person = ${CONTRACTOR} limit 20`);
  for (const [id] of records) assert.ok(texts.hold(id), `the record ${id} is theirs and must be found`);
  const costs = await rows(server, 'cost_entry', 'cost_entry_id', `doc_id in (select work_order_id from work_order where ${CONTRACTOR} = any (people))`);
  assert.ok(costs.length > 0, 'their own work cost something too, which is not for them');
  const secrets = [...others, ...(await everythingElse(server))];
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
});

/**
 * New work for somebody else and then new work for the contractor, in words of their own: the demo says the same of
 * many. Returns the words of the contractor's, then those of the other.
 */
async function twoOrders(server, device) {
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  await allAccepted(helen.page);
  const written = [];
  for (const [email, words] of [
    [people.tech1, ['Gasket weeps behind the dryer', 'Only a maker’s fitter may open it.', 'The key is with the porter', 'Emptied the sump']],
    [people.contractor, ['Lagging torn above the mezzanine', 'Bring two rolls of foil.', 'Mind the cable tray', 'Took the old lagging off']],
  ]) {
    const [id, assigned_event] = [randomUUID(), randomUUID()];
    const [title, description, text, note] = words;
    const [[person]] = await server.sql(`select person_id from person where email = '${email}'`);
    await giveCommand(helen.page, {
      on: 'work_order', do: 'create', id, title, description, type: 'corrective', priority: 'low', origin: 'manual',
      people: [person], assigned_event,
    });
    await giveCommand(helen.page, { on: 'comment', do: 'add', id: randomUUID(), document: id, kind: 'work_order', text });
    const entry = { person, minutes: 20, note };
    await giveCommand(helen.page, { on: 'labour_entry', do: 'add', id: randomUUID(), work_order: id, entry });
    await until('the server has it', async () => (await rows(server, 'labour_entry', 'note', `work_order_id = '${id}'`)).length === 1);
    written.push(words);
  }
  return written.toReversed();
}

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
