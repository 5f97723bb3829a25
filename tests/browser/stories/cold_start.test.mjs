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
  const imported = "status = 'closed' and external is not null";
  const [[, title]] = await rows(server, 'work_order', 'number, title', `${imported} order by length(title) desc, number limit 1`);

  await holdsAll(helen);
  await find(helen, title);

  const tom = await device('tom', { phone: true });
  await tom.signIn(people.tech2);
  await tom.shellReady();
  await allAccepted(tom.page);
  await holdsAll(tom);
  await find(tom, title);
  await server.run('verify-projections');

  await tom.kill();
  await server.kill();
  await tom.switchOn();
  await tom.goOffline();
  await tom.open('/my-work');
  await tom.page.getByRole('main').getByText(/^WO-\d{6}$/).first().waitFor();
  await holdsAll(tom);
  await find(tom, title);
}, { timeout: 600_000 });

/** Every row is in the database on the device, and the list says how many it shows. */
async function holdsAll(device) {
  const { page } = device;
  await openAll(device);
  await page.getByText(ALL_ROWS.toLocaleString('en-GB'), { exact: true }).first().waitFor();
  await until('every row is on the device', async () => (await countRows(page, 'work_order')) === ALL_ROWS);
}

/** Finds an imported work order in the list, among everything that is done. */
async function find(device, title) {
  const { page } = device;
  await openAll(device);
  await page.getByRole('searchbox').fill(title);
  await page.getByRole('main').getByText(title).first().waitFor();
}

async function openAll(device) {
  const { page } = device;
  await device.open('/work-orders');
  await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'All', exact: true }).click();
}
