// An organisation has a name, a colour and a logo of its own, on every device and without a network; and people have their own
// language, time zone and notifications.

import assert from 'node:assert/strict';
import path from 'node:path';
import { DESK, PHONE, assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { rows } from '../lib/demo.mjs';
import { root } from '../lib/paths.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';

const NAME = 'Riverside Plant';
const PURPLE = '#7a1fa2';
const PURPLE_DRAWN = 'rgb(122, 31, 162)';
const ICON = path.join(root, 'client-pwa/app/assets/icons/icon-192.png');

const fromMenu = async (page, item) => {
  await page.getByRole('button', { name: /^Account, / }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};

/** The logo over the pages, drawn: how wide the picture in it is. */
const logoWidth = (page) => page.locator('.mark--logo').first().evaluate((logo) => logo.naturalWidth);

/** The colour that buttons have, as it is drawn. */
const accent = (page) =>
  page.evaluate(() => {
    const button = document.body.appendChild(document.createElement('button'));
    button.className = 'btn btn--primary';
    const { backgroundColor } = getComputedStyle(button);
    button.remove();
    return backgroundColor;
  });

const wearsPurple = (page) => until('it is purple', async () => (await accent(page)) === PURPLE_DRAWN);

story('An organisation looks like itself on every device, offline too', async ({ server, device }) => {
  const phone = await device('phone', { phone: true });
  await phone.signIn(people.tech1);
  await phone.page.getByRole('heading', { name: 'My work' }).waitFor();
  const standard = await accent(phone.page);

  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  await fromMenu(page, 'Organisation');
  await page.getByLabel('Name', { exact: true }).waitFor();
  await assertAccessibleInBothSizes(page, () => page.getByLabel('Name', { exact: true }));
  await page.getByLabel('Accent colour').fill('#ffeb3b');
  await page.getByText(/White cannot be read well enough on this colour: its contrast is 1\.\d+, and 4\.5 is needed/).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await assertAccessible(page);
  assert.deepEqual(await rows(server, 'organisation', "coalesce(accent_colour, 'none')", 'true'), [['none']], 'a light one is not saved');
  await page.getByLabel('Accent colour').fill(PURPLE);
  await page.getByLabel('Name', { exact: true }).fill(NAME);
  await page.getByLabel('Time zone of whoever chose none').selectOption('America/New_York');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();
  await wearsPurple(page);
  await page.getByRole('navigation').getByText(NAME).waitFor();

  const svg = { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') };
  await page.locator('input[type=file]').setInputFiles(svg);
  await page.getByText('This is no PNG, JPEG or WebP picture.').waitFor();
  await page.locator('input[type=file]').setInputFiles(ICON);
  await until('the logo is drawn', async () => (await page.locator('.mark--logo').count()) > 0 && (await logoWidth(page)) === 192);
  await page.getByText('This is no PNG, JPEG or WebP picture.').waitFor({ state: 'detached' });
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Remove the logo' }));

  // The phone was open all the while.
  await wearsPurple(phone.page);
  assert.equal(await logoWidth(phone.page), 192);
  await phone.shellReady();
  await phone.goOffline();
  await phone.open('/more');
  await phone.page.getByText(NAME).waitFor();
  await wearsPurple(phone.page);
  assert.equal(await logoWidth(phone.page), 192, 'a picture is kept on the device');
  await assertAccessibleInBothSizes(phone.page, () => phone.page.getByText(NAME).first());
  await phone.page.setViewportSize(PHONE);
  await phone.open('/organisation');
  await phone.page.getByRole('heading', { name: 'Not open to you', level: 1 }).waitFor();
  await phone.goOnline();

  await page.setViewportSize(DESK);
  await page.getByRole('button', { name: 'Remove the logo' }).click();
  await page.locator('.mark--logo').first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Standard colour' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await phone.page.emulateMedia({ colorScheme: 'light' });
  await until('the phone is as before', async () => (await accent(phone.page)) === standard);
  assert.equal(await phone.page.locator('.mark--logo').count(), 0);
  await fromMenu(page, 'Audit trail');
  const changed = page.getByRole('listitem').filter({ hasText: 'Organisation settings changed' });
  await changed.filter({ hasText: PURPLE }).first().waitFor();
  await changed.filter({ hasText: 'image/png 192 × 192' }).first().waitFor();
});

story('Everybody has a language, a time zone and notifications of their own', async ({ server, device }) => {
  const phone = await device('phone', { phone: true });
  const { page } = phone;
  await phone.signIn(people.tech1);
  await page.getByRole('link', { name: 'More' }).click();
  await page.getByRole('link', { name: 'My settings' }).click();
  const overdue = page.getByRole('group', { name: 'My work is overdue' });
  await overdue.waitFor();
  await assertAccessibleInBothSizes(page, () => overdue);
  await page.setViewportSize(PHONE);
  assert.equal(await overdue.getByLabel('Email').isChecked(), true);
  await overdue.getByLabel('Email').uncheck();
  await page.getByRole('group', { name: 'Somebody commented on my work' }).getByLabel('Email').check();
  await page.getByRole('switch', { name: 'Quiet hours' }).check();
  await page.getByLabel('From', { exact: true }).fill('21:30');
  await page.getByLabel('To', { exact: true }).fill('21:30');
  await page.getByText('It has to end at another time than it begins.').waitFor();
  await assertAccessible(page);
  await page.getByLabel('To', { exact: true }).fill('05:45');
  await page.getByLabel('Time zone', { exact: true }).selectOption('America/New_York');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();

  // Signing in was at another time there.
  const [[since]] = await server.sql(`
    select extract(epoch from min(session.created_at)) from session join person using (organization_id, person_id)
    where person.email = '${people.tech1}'`);
  const time = (timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(Number(since) * 1_000);
  await phone.open('/sessions');
  await page.getByText(new RegExp(`Signed in (today|yesterday) ${time('America/New_York')}`)).first().waitFor();
  assert.notEqual(time('America/New_York'), time('Europe/London'));

  await phone.open('/settings');
  await overdue.waitFor();
  assert.equal(await overdue.getByLabel('Email').isChecked(), false);
  assert.equal(await overdue.getByLabel('On my devices').isChecked(), true);
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '21:30');
  assert.equal(await page.getByLabel('To', { exact: true }).inputValue(), '05:45');
  await page.getByLabel('Language', { exact: true }).selectOption('Deutsch');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Meine Einstellungen' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  await page.getByLabel('Zeitzone', { exact: true }).waitFor();
  await assertAccessible(page);

  await phone.shellReady();
  await phone.goOffline();
  await phone.open('/more');
  await page.getByRole('link', { name: 'Meine Einstellungen' }).click();
  await page.getByText('Das geht nur mit Verbindung.').waitFor();
  await assertAccessible(page);

  // Where they sign in next, it is there from the start.
  const tablet = await device('tablet', { context: { timezoneId: 'Asia/Tokyo' } });
  await tablet.signIn(people.tech1);
  await tablet.page.getByRole('heading', { name: 'Meine Arbeit' }).waitFor();
  await tablet.open('/sessions');
  await tablet.page.getByText(time('America/New_York')).first().waitFor();
  const stored = await server.sql(`
    select kind, by_email, by_push from notification_setting join person using (organization_id, person_id)
    where person.email = '${people.tech1}' order by kind`);
  assert.deepEqual(stored, [['commented', 't', 't'], ['overdue', 'f', 't']]);
});
