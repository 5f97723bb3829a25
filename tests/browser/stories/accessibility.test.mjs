// Everybody can use it: with a screen reader, without a mouse, with a thumb, in light and dark.

import assert from 'node:assert/strict';
import { languages, lateColours } from '../lib/accessibility.mjs';
import { BoardPage } from '../lib/board_page.mjs';
import { assignedWorkOrder, partInStock, rows } from '../lib/demo.mjs';
import { speaking } from '../lib/language.mjs';
import { password, people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted, showsSync } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const TARGET_PX = 48;

for (const [tag, look] of languages) {
  story(`Every page is accessible in ${tag}`, async ({ server, device }) => {
    const { say } = await speaking(tag);
    const order = await assignedWorkOrder(server);
    const [[asset]] = await rows(server, 'asset', 'asset_id', "level = 'equipment_unit' order by tag limit 1");
    const [[part]] = await rows(server, 'part', 'part_id', 'true order by number limit 1');
    const phone = await device('phone', { phone: true, context: { locale: tag } });
    await phone.open('/');
    await phone.page.getByRole('button', { name: say('sign-in'), exact: true }).waitFor();
    await look(phone.page);
    await phone.signIn(people.tech1);
    await showsSync(phone.page, say('sync-accepted'));
    const routes = ['/my-work', '/work-orders', '/work-orders/new', '/assets', '/assets/new', '/parts', `/parts/${part}`, '/more', '/security', '/sessions'];
    for (const route of routes) {
      await phone.open(route);
      await loaded(phone.page);
      await look(phone.page);
    }
    const lookAtOrder = async (each) => {
      const page = await each.open(`/work-orders/${order.id}`);
      await page.getByRole('group', { name: say('next-step') }).waitFor();
      await look(page);
    };
    await lookAtOrder(phone);

    const desk = await device('desk', { context: { locale: tag } });
    await desk.signIn(people.supervisor);
    await desk.page.getByText(say('board-live'), { exact: true }).waitFor();
    for (const route of ['/board', '/work-orders', `/assets/${asset}`, `/assets/${asset}/edit`, `/parts/${part}`]) {
      await desk.open(route);
      await loaded(desk.page);
      await look(desk.page);
    }
    await lookAtOrder(desk);
  }, { timeout: 600_000 });
}

story('Whoever asks for less motion sees light and dark change at once', async ({ device }) => {
  const desk = await device('desk', { context: { reducedMotion: 'reduce' } });
  await desk.signIn(people.supervisor);
  const board = await BoardPage.open(desk);
  await board.isLive();
  await loaded(desk.page);
  assert.deepEqual(await lateColours(desk.page), []);
});

story('Work gets done with the keyboard alone', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const part = await partInStock(server);
  const desk = await device('desk');
  const { page } = desk;
  await desk.open('/');
  await tabTo(page, page.getByLabel('Email'));
  await page.keyboard.type(people.tech1);
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await allAccepted(page);

  await tabTo(page, page.locator(`a[href$="${order.id}"]`));
  await page.keyboard.press('Enter');
  const shown = new WorkOrderPage(page);
  await shown.isReady();
  await tabTo(page, page.getByRole('button', { name: 'Start work' }));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Complete/ }).waitFor();
  const tick = shown.ticks.first();
  await tabTo(page, tick);
  await page.keyboard.press('Space');
  await until('the step is ticked', async () => (await tick.getAttribute('aria-checked')) === 'true');
  await tabTo(page, page.getByRole('button', { name: 'Add part' }));
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog');
  await tabTo(page, sheet.getByRole('searchbox'));
  await page.keyboard.type(part.number);
  await tabTo(page, sheet.getByRole('button', { name: part.number }));
  await page.keyboard.press('Enter');
  await tabTo(page, sheet.getByRole('button', { name: 'Add part' }));
  await page.keyboard.press('Enter');
  await shown.parts.filter({ hasText: part.number }).waitFor();
  await tabTo(page, page.getByRole('textbox', { name: 'Write a note' }));
  await page.keyboard.type('Done without a mouse');
  await tabTo(page, page.getByRole('button', { name: 'Add note' }));
  await page.keyboard.press('Enter');
  await shown.notes.filter({ hasText: 'Done without a mouse' }).waitFor();
  await shown.accepted();
  const here = `work_order_id = '${order.id}'`;
  assert.deepEqual(await rows(server, 'work_order', 'status, steps_answered, parts_used', here), [['in_progress', '1', '1']]);
});

story('A board is kept with the keyboard alone', async ({ server, device }) => {
  const toms = `(select person_id from person where email = '${people.tech2}')`;
  const [[id, number]] = await rows(server, 'work_order', 'work_order_id, number',
    `status = 'assigned' and not ${toms} = any (people) order by number desc limit 1`);
  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.supervisor);
  const board = await BoardPage.open(desk);
  await board.isLive();
  await tabTo(page, page.getByRole('searchbox'));
  await page.keyboard.type(number);
  const card = board.card(number);
  await until('one card is left', async () => (await page.getByRole('article').count()) === 1);
  const choose = async (menu, item) => {
    await tabTo(page, card.locator('button[aria-haspopup=menu]').nth(menu));
    await page.keyboard.press('Enter');
    const wanted = card.locator('[role^=menuitem]').filter({ hasText: item });
    await wanted.waitFor();
    for (let presses = 0; !(await wanted.evaluate((node) => node === document.activeElement)); presses += 1) {
      assert.ok(presses < 40, `the arrow keys never came to ${item}`);
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
  };
  await choose(0, 'Tom Lindqvist');
  await choose(1, 'Start work');
  const done = () => rows(server, 'work_order', 'number',
    `work_order_id = '${id}' and status = 'in_progress' and ${toms} = any (people)`);
  await until('both are with the server', async () => (await done()).length === 1);
});

story('Everything to touch on a phone is large enough', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const phone = await device('phone', { phone: true });
  await phone.open('/');
  await phone.page.getByLabel('Email').waitFor();
  const small = await smallTargets(phone.page);
  await phone.signIn(people.tech1);
  await allAccepted(phone.page);
  for (const route of ['/my-work', '/work-orders', '/work-orders/new', '/assets', '/assets/new', '/parts', '/parts/new', '/more', `/work-orders/${order.id}`]) {
    await phone.open(route);
    await loaded(phone.page);
    small.push(...(await smallTargets(phone.page)).map((target) => `${route}: ${target}`));
  }
  assert.deepEqual(small, []);
});

/** The page has its rows. */
async function loaded(page) {
  await page.getByRole('main').waitFor();
  await until('the page has loaded', async () => (await page.locator('.skel').count()) === 0);
}

/** Presses Tab until the focus is where it should be, as a person without a mouse does. */
async function tabTo(page, target) {
  for (let presses = 0; presses < 400; presses += 1) {
    if (await target.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key never came to ${target}`);
}

/** Visible controls whose sensitive area is narrower or lower than a thumb needs. */
async function smallTargets(page) {
  return page.evaluate((least) => {
    const controls = document.querySelectorAll('button, a[href], input, select, textarea, [role=button]');
    const small = [];
    for (const control of controls) {
      const box = (control.closest('label') ?? control).getBoundingClientRect();
      if (box.width === 0 || getComputedStyle(control).visibility === 'hidden') continue;
      const reach = getComputedStyle(control, '::after');
      const [width, height] = reach.position === 'absolute' && reach.content !== 'none'
        ? [Math.max(box.width, parseFloat(reach.width)), Math.max(box.height, parseFloat(reach.height))]
        : [box.width, box.height];
      const text = (control.ariaLabel ?? control.innerText ?? control.name).trim().slice(0, 40);
      if (Math.round(width) < least || Math.round(height) < least) small.push(`${text || control.id} ${Math.round(width)}×${Math.round(height)}`);
    }
    return small;
  }, TARGET_PX);
}
