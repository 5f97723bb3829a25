// Who wrote what in a work order, what stood there before, and what stood there at a moment, on the phone that was away too.

import assert from 'node:assert/strict';
import { assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { assignedWorkOrder, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const MAYA = 'Maya Okafor';

story('The whole history of a work order tells who wrote what, and what stood there then', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const [[before]] = await rows(server, 'work_order', 'priority', `work_order_id = '${order.id}'`);
  const phone = await device('phone', { phone: true });
  await phone.signIn(people.tech1);
  const page = await WorkOrderPage.open(phone, order.id);
  await page.accepted();
  await phone.goOffline();
  await page.addNote('Coupling guard is missing');
  await page.setPriority('Critical');
  await until('both are saved', async () => (await page.saved()) === 2);
  await phone.goOnline();
  await page.accepted();

  const desk = await device('desk');
  await desk.signIn(people.supervisor);
  await WorkOrderPage.open(desk, order.id);
  await desk.page.getByRole('link', { name: 'Whole history' }).click();
  const history = desk.page.getByRole('list', { name: 'Whole history' });
  const hurried = history.getByRole('listitem').filter({ hasText: /Priority: .* → Critical/ });
  await hurried.filter({ hasText: MAYA }).waitFor();
  await history.getByRole('listitem').filter({ hasText: 'Coupling guard is missing' }).filter({ hasText: MAYA }).waitFor();

  // As the first thing here left it, and as the phone's change did.
  const moment = desk.page.getByRole('region', { name: 'Moment' });
  const priority = moment.getByText('Priority', { exact: true }).locator('+ dd');
  await hurried.getByRole('button', { name: 'As it was then' }).click();
  await until('the priority of then', async () => (await priority.textContent()) === 'Critical');
  await history.getByRole('listitem').last().getByRole('button', { name: 'As it was then' }).click();
  await until('the priority of before', async () => (await priority.textContent())?.toLowerCase() === before);

  // On Maya's phone nothing but what she wrote is proven.
  await hurried.getByRole('button', { name: 'As it was then' }).click();
  const [[name]] = await rows(server, 'device', 'name', "person_id = (select person_id from person where email = 'tech1@demo.example') order by created_at desc limit 1");
  await until('the priority of then again', async () => (await priority.textContent()) === 'Critical');
  const onHers = desk.page.waitForResponse((answer) => /as-of\?.*device=/.test(answer.url()));
  await moment.getByRole('combobox', { name: 'Where' }).selectOption({ label: name });
  assert.equal((await onHers).status(), 200);
  await until('her own', async () => (await priority.textContent()) === 'Critical');

  await assertAccessibleInBothSizes(desk.page, () => hurried);
});

story('A page that is talked into running a string does not', async ({ device }) => {
  const desk = await device('desk');
  await desk.signIn(people.supervisor);
  const outcomes = await desk.page.evaluate(() => {
    const tried = (what) => {
      try {
        what();
        return 'done';
      } catch (error) {
        return error.name;
      }
    };
    const blob = URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'text/javascript' }));
    return [
      tried(() => (document.createElement('div').innerHTML = '<img src=x onerror=alert(1)>')),
      tried(() => new Worker(blob)),
      tried(() => (document.createElement('script').src = '/boot.js')),
      tried(() => trustedTypes.createPolicy('mine', { createHTML: (text) => text })),
    ];
  });
  assert.deepEqual(outcomes, ['TypeError', 'TypeError', 'TypeError', 'TypeError']);
});
