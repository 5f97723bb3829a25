// What opens over a page (sheets, dialogs, menus, choosers) is as accessible as the pages, in both languages.

import { languages } from '../lib/accessibility.mjs';
import { assignedWorkOrder, partInStock } from '../lib/demo.mjs';
import { speaking } from '../lib/language.mjs';
import { dialogBy, lookAtEach, menuBy } from '../lib/openings.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';

const LIMITS = { timeout: 600_000 };

for (const [tag, look] of languages) {
  story(`Everything that opens on a phone is accessible in ${tag}`, async ({ server, device }) => {
    const { say } = await speaking(tag);
    const order = await assignedWorkOrder(server);
    const part = await partInStock(server);
    const phone = await device('phone', { phone: true, context: { locale: tag } });
    const { page } = phone;
    const button = (key, within = page) => within.getByRole('button', { name: say(key), exact: true });
    await phone.signIn(people.tech1);

    await phone.open('/more');
    await lookAtEach([['signing out', page, dialogBy(page, button('sign-out'))]], look);
    await phone.open('/my-work');
    await lookAtEach([['the sync panel', page, dialogBy(page, page.getByRole('banner').locator('button[aria-haspopup=dialog]'))]], look);
    await phone.open('/work-orders/new');
    await lookAtEach([['choosing an asset', page, dialogBy(page, page.locator('button[aria-describedby=new-asset]'))]], look);

    await phone.open(`/work-orders/${order.id}`);
    const next = page.getByRole('group', { name: say('next-step') });
    await next.waitFor();
    await lookAtEach([
      ['adding labour', page, dialogBy(page, button('add-labour'))],
      ['finding a part', page, dialogBy(page, button('add-part'))],
      ['how many of a part', page, async () => {
        await button('add-part').click();
        await page.getByRole('dialog').getByRole('searchbox').fill(part.number);
        await page.getByRole('dialog').getByRole('button', { name: part.number }).click();
        await page.locator('#quantity').waitFor();
        return page.getByRole('dialog');
      }],
    ], look);
    await button('step-start', next).click();
    await lookAtEach([['putting work on hold', page, dialogBy(page, button('step-hold', next))]], look);
    await next.getByRole('button', { name: say('step-complete') }).click();
    await page.locator('.toast').waitFor();
    await look(page, 'a refusal');
  }, LIMITS);

  story(`Everything that opens on a desk is accessible in ${tag}`, async ({ server, device }) => {
    const { say } = await speaking(tag);
    const order = await assignedWorkOrder(server);
    const desk = await device('desk', { context: { locale: tag } });
    const { page } = desk;
    await desk.signIn(people.supervisor);
    await desk.open('/board');
    const card = page.getByRole('article').first();
    await card.waitFor();
    const [assign, move] = [0, 1].map((index) => card.locator('button[aria-haspopup=menu]').nth(index));
    await lookAtEach([
      ['the account menu', page, menuBy(page, page.locator('.rail__account'))],
      ['the sync panel', page, dialogBy(page, page.locator('.rail__entry[aria-haspopup=dialog]'))],
      ['assigning on the board', page, menuBy(page, assign)],
      ['moving on the board', page, menuBy(page, move)],
      ['the reason for a move', page, async () => {
        await move.click();
        await page.getByRole('menuitem', { name: say('step-cancel') }).click();
        return page.getByRole('dialog');
      }],
    ], look);

    await desk.open('/work-orders');
    await page.getByRole('group', { name: say('filters') }).getByRole('button', { name: say('view-overdue') }).click();
    await page.locator('#filter-priority').selectOption('high');
    await look(page, 'a filtered list');
    await page.getByRole('searchbox').fill('nothing is called like this');
    await page.getByText(say('nothing-found')).waitFor();
    await look(page, 'a search in vain');

    await desk.open(`/work-orders/${order.id}`);
    await page.getByRole('group', { name: say('next-step') }).waitFor();
    await lookAtEach([
      ['assigning', page, menuBy(page, page.getByRole('main').getByRole('button', { name: say('assign'), exact: true }))],
      ['more steps', page, menuBy(page, page.getByRole('button', { name: say('more-actions') }))],
      ['adding labour', page, dialogBy(page, page.getByRole('button', { name: say('add-labour'), exact: true }))],
    ], look);
  }, LIMITS);
}
