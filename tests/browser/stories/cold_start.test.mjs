// A dead phone, a dead server, a large history: My work is there all the same.

import assert from 'node:assert/strict';
import path from 'node:path';
import { BoardPage } from '../lib/board_page.mjs';
import { rows } from '../lib/demo.mjs';
import { writeHistory } from '../lib/history.mjs';
import { countRows } from '../lib/indexed_db.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';

const HISTORY_ROWS = 5_485;
/** With those of the demo. */
const ALL_ROWS = 7_485;

story('7,485 work orders are on every device, and My work starts without a network', async ({ server, device }) => {
  const file = process.env.MAINTAINPRO_EXCAVATOR_CSV ?? (await writeHistory(path.join(server.folder, 'history.csv'), HISTORY_ROWS));
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const board = await BoardPage.open(helen);
  await board.isLive();

  const { stdout } = await server.run('import', 'work-orders', file, '--organisation', 'demo', '--preset', 'excavator', '--json');
  const report = JSON.parse(stdout);
  assert.deepEqual(
    { rows: report.rows, imported: report.imported, rejected: report.rejected },
    { rows: HISTORY_ROWS, imported: HISTORY_ROWS, rejected: 0 },
  );
  assert.deepEqual(await rows(server, 'work_order', 'count(*)', 'true'), [[String(ALL_ROWS)]]);
  const order = await importedOrder(server);
  await onTheBoard(board, order);
  await holdsAll(helen);
  await inTheList(helen, order);

  const pocket = await device('helen-in-the-hall', { phone: true });
  await pocket.signIn(people.supervisor);
  await pocket.shellReady();
  await holdsAll(pocket);
  await onTheBoard(await BoardPage.open(pocket), order);

  const tom = await device('tom', { phone: true });
  await tom.signIn(people.tech2);
  await tom.shellReady();
  await allAccepted(tom.page);
  await holdsAll(tom);
  await inTheList(tom, order);

  await tom.kill();
  await server.kill();
  await tom.switchOn();
  await tom.goOffline();
  await tom.open('/my-work');
  await tom.page.getByRole('main').getByText(/^WO-\d{6}$/).first().waitFor();
  await holdsAll(tom);
  await inTheList(tom, order);
}, { timeout: 600_000 });

/** Every row is in the database on the device, and the list says how many it shows. */
async function holdsAll(device) {
  const { page } = device;
  await openAll(device);
  await page.getByText(ALL_ROWS.toLocaleString('en-GB'), { exact: true }).first().waitFor();
  await until('every row is on the device', async () => (await countRows(page, 'work_order')) === ALL_ROWS);
}

/** A closed one that was imported, with a title of its own in which its asset's tag does not occur. */
async function importedOrder(server) {
  const own = 'title in (select title from work_order group by title having count(*) = 1)';
  const where = `status = 'closed' and external is not null and strpos(lower(title), lower(asset_tag)) = 0 and ${own}`;
  const [[number, title, tag]] = await rows(server, 'work_order', 'number, title, asset_tag', `${where} order by length(title) desc, number limit 1`);
  return { number, title, tag };
}

/** What a person may type for it: words of its text in any order and case, its number, its asset's tag with a word. */
function searches({ number, title, tag }) {
  const words = title.split(/\s+/);
  return [words.toReversed().join(' ').toLowerCase(), number.toLowerCase(), `${tag} ${title}`];
}

/** The board shows it among finished work, as what it is. */
async function onTheBoard(board, order) {
  assert.equal(await board.column('Finished').count(), 0, 'no column of finished work before a search');
  const card = board.column('Finished').getByRole('article', { name: order.number });
  for (const text of searches(order)) {
    await board.search(text);
    await card.getByText(order.title).waitFor();
    await card.getByText('Closed', { exact: true }).waitFor();
    await board.search('');
    await board.column('Finished').waitFor({ state: 'detached' });
  }
  await board.search(`${order.number} ${order.number}x`);
  await board.page.getByText('Nothing found').waitFor();
}

/** The list of open work has none of it, and says where it is. */
async function inTheList(device, order) {
  const { page } = device;
  await device.open('/work-orders');
  const box = page.getByRole('searchbox');
  await box.fill(searches(order)[0]);
  await page.getByText('Nothing found').waitFor();
  await page.getByRole('button', { name: /in all work orders$/ }).click();
  for (const text of searches(order)) {
    await box.fill(text);
    await page.getByRole('main').getByText(order.number).waitFor();
    await box.fill('');
    await page.getByRole('main').getByText(order.number).waitFor({ state: 'detached' });
  }
}

async function openAll(device) {
  const { page } = device;
  await device.open('/work-orders');
  await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'All', exact: true }).click();
}
