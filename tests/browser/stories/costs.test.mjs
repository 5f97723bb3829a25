// What work cost is on the page of those who may read costs, and on nobody else's.

import assert from 'node:assert/strict';
import { rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

story('Whoever may read costs sees what the work cost', async ({ server, device }) => {
  const [[id, minor, currency]] = await rows(server, 'cost_entry', 'doc_id, sum(minor), currency', `
    kind = 'part' and exists (
      select from work_order join person on person.person_id = any (work_order.people)
      where work_order_id = doc_id and person.email = '${people.tech1}')
    group by doc_id, currency order by doc_id limit 1`);
  const spent = new Intl.NumberFormat('en-GB', { style: 'currency', currency }).format(Number(minor) / 100);

  const grace = await device('grace');
  await grace.signIn(people.manager);
  const seen = await WorkOrderPage.open(grace, id);
  const costs = grace.page.getByRole('region', { name: 'Costs' });
  await costs.getByRole('listitem').filter({ hasText: 'Parts and material' }).getByText(spent).waitFor();

  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  const hers = await WorkOrderPage.open(maya, id);
  await hers.accepted();
  assert.equal(await maya.page.getByRole('region', { name: 'Costs' }).count(), 0);
  assert.ok(!(await hers.text()).includes(spent));
  assert.ok((await seen.text()).includes(spent));
});
