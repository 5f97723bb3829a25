// The first moments of a start: what the device has is shown as it is, before the engine has said a word.

import assert from 'node:assert/strict';
import { BoardPage } from '../lib/board_page.mjs';
import { assignedWorkOrder } from '../lib/demo.mjs';
import { forgetDocument, forgetRowsAreComplete, openRecoveryPage } from '../lib/device_storage.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted, showsSync } from '../lib/sync_panel.mjs';
import { watchForWords } from '../lib/words.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

story('A start after a load that was cut off shows names at once and never says that it is offline', async ({ device }) => {
  const helen = await device('helen');
  await helen.signIn(people.supervisor);
  const board = await BoardPage.open(helen);
  await board.isLive();
  await helen.page.getByRole('article').first().waitFor();

  await forgetRowsAreComplete(helen.page);
  const seen = await watchForWords(helen.page, ['Somebody', 'Offline']);
  await helen.page.reload();
  await board.isLive();
  await helen.page.getByRole('article').first().waitFor();
  assert.deepEqual(await seen(), []);
});

story('A start without a network never says that everything is sent while something is not', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const page = await WorkOrderPage.open(maya, order.id);
  await page.accepted();
  await maya.goOffline();
  await page.addNote('Coupling guard is missing');
  await page.savedMore(0);

  const seen = await watchForWords(maya.page, ['everything is sent', 'All changes saved']);
  await maya.open('/my-work');
  await showsSync(maya.page, '1 change saved on this device');
  assert.deepEqual(await seen(), []);
});

story('A work order that is listed and not here yet says so without a network, and comes with it', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  await allAccepted(maya.page);
  await openRecoveryPage(maya);
  await forgetDocument(maya.page, order.id);
  await maya.goOffline();

  await maya.open(`/work-orders/${order.id}`);
  await maya.page.getByRole('heading', { name: 'Not on this device yet' }).waitFor();
  await maya.goOnline();
  const page = new WorkOrderPage(maya.page);
  await page.isReady();
  await page.shows(order.title);
});

story('A work order on the screen comes with the packs of the first load while nothing is heard on the socket', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const maya = await device('maya', { phone: true });
  const letPacksGo = maya.cable.hold('/api/packs?next=');
  await maya.signIn(people.tech1);
  const listed = maya.page.locator(`a[href="/work-orders/${order.id}"]`);
  await listed.waitFor();
  const letSocketGo = maya.cable.hold('/sync');
  await listed.click();
  await maya.page.getByRole('status', { name: 'Loading' }).waitFor();
  letPacksGo();
  const page = new WorkOrderPage(maya.page);
  await page.isReady();
  letSocketGo();
  await page.addNote('Coupling guard is missing');
  await page.accepted();
});
