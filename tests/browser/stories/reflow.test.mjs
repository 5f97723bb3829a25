// A small screen: everything is still there, one column wide.

import assert from 'node:assert/strict';
import { assignedWorkOrder, partInStock, rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';

/** As narrow as phones are; a desk of 1,280 px shows the same at 400 %. */
const viewport = { width: 320, height: 640 };

story('A phone 320 px wide shows everything in one column', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const part = await partInStock(server);
  const [[asset]] = await rows(server, 'asset', 'asset_id', "level = 'equipment_unit' order by tag limit 1");
  const phone = await device('phone', { phone: true, context: { viewport } });
  const { page } = phone;
  await phone.open('/');
  await page.getByLabel('Email').waitFor();
  const wide = await tooWide(page, 'signing in');
  await phone.signIn(people.tech1);
  await allAccepted(page);
  const main = page.getByRole('main');
  const pages = [
    ['/my-work', main.getByText(/^WO-\d{6}$/).first()],
    ['/work-orders', main.getByText(/^WO-\d{6}$/).first()],
    ['/work-orders/new', main.getByRole('textbox').first()],
    [`/work-orders/${order.id}`, page.getByRole('group', { name: 'Next step' })],
    ['/assets', page.getByRole('navigation', { name: 'Asset tree' }).getByRole('button').first()],
    [`/assets/${asset}`, main.getByRole('heading').first()],
    ['/parts', main.getByRole('link').first()],
    [`/parts/${part.id}`, main.getByRole('term').first()],
    ['/more', main.getByRole('button', { name: 'Sign out' })],
  ];
  for (const [route, content] of pages) {
    await phone.open(route);
    await content.waitFor();
    await until('the page has loaded', async () => (await page.locator('.skel').count()) === 0);
    wide.push(...(await tooWide(page, route)));
  }
  await phone.open('/assets');
  await page.getByRole('searchbox').fill('compressor');
  await page.getByRole('navigation', { name: 'Asset tree' }).getByRole('link').first().waitFor();
  wide.push(...(await tooWide(page, 'assets that were found')));
  await phone.open(`/work-orders/${order.id}`);
  await page.getByRole('button', { name: 'Add labour' }).click();
  await page.getByRole('dialog').waitFor();
  wide.push(...(await tooWide(page, 'a sheet')));
  assert.deepEqual(wide, []);
});

/** What makes the page scroll sideways, or stands where it cannot be seen at all. */
async function tooWide(page, where) {
  const found = await page.evaluate(async () => {
    await document.fonts.ready;
    const width = document.documentElement.clientWidth;
    const scrolls = (node) => ['auto', 'scroll'].includes(getComputedStyle(node).overflowX);
    const found = [];
    for (const node of document.querySelectorAll('body *')) {
      const box = node.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || !node.checkVisibility({ visibilityProperty: true })) continue;
      const name = `${node.tagName.toLowerCase()}.${node.className?.baseVal ?? node.className} “${(node.textContent ?? '').trim().slice(0, 30)}”`;
      // A row of filters may be pushed along with the thumb; a page may not.
      const row = node.closest('.toolbar, .chips, [role=group], [role=tablist], table');
      if (scrolls(node) && node.scrollWidth > node.clientWidth + 1 && !row) found.push(`${name} scrolls sideways`);
      // What is too long for its place ends in dots, and stands in full on a page of its own.
      const shortened = node.parentElement.closest('.clip');
      if (box.right > width + 1 && !row && !shortened) found.push(`${name} ends at ${Math.round(box.right)} of ${width} px`);
    }
    if (document.documentElement.scrollWidth > width) found.push('the whole page scrolls sideways');
    return found;
  });
  return found.map((line) => `${where}: ${line}`);
}
