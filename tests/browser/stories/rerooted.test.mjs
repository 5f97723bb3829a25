// An operator erases the history of a work order: what it says stays on every screen, what was erased is on no device, and
// a phone that comes late does its work again upon what there is now.

import assert from 'node:assert/strict';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { searchDatabases } from '../lib/indexed_db.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { SyncPanel } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const SECRET = 'The tenant has the flu. ';

const holdsWords = async (device) => (await searchDatabases(device.page, 'the flu')).length > 0;

story('An operator erases a history, and work from the field lands upon what is left', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya');
  await maya.signIn(people.manager);
  const page = await WorkOrderPage.open(maya, order.id);
  await page.describe({ before: SECRET });
  await page.accepted();
  const tom = await device('tom', { phone: true });
  await tom.signIn(people.tech1);
  const field = await WorkOrderPage.open(tom, order.id);
  await field.shows(SECRET.trim());
  await field.accepted();
  assert.ok(await holdsWords(tom));

  const clean = (await page.description.inputValue()).replace(SECRET, '');
  await page.description.fill(clean);
  await page.description.blur();
  await page.accepted();
  await until('the words are gone from his screen', async () => !(await field.text()).includes(SECRET.trim()));
  await tom.shellReady();
  await tom.goOffline();
  await field.describe({ after: ' Seal changed.' });
  await field.addNote('Leaks at the gland.');
  await field.savedMore(1);

  const { stdout } = await server.run('document', 'reroot', order.id, '--organisation', 'demo');
  assert.match(stdout, /rerooted {2}feed \d+/);
  await until('the words are on none of her disks', async () => !(await holdsWords(maya)));
  await page.shows(clean.trim());
  await tom.page.reload();
  await field.isReady();
  await field.shows('Seal changed.', 'Leaks at the gland.');

  await tom.goOnline();
  await page.shows('Seal changed.', 'Leaks at the gland.');
  await field.accepted();
  await until('the words are on none of his disks', async () => !(await holdsWords(tom)));
  assert.deepEqual(await rows(server, 'feed', "count(*) filter (where item_kind = 'root')", `doc_id = '${order.id}'`), [['1']]);
  await tom.open('/my-work');
  const panel = await SyncPanel.open(tom.page);
  assert.equal(await panel.changes.filter({ hasText: 'Needs attention' }).count(), 0);
});
