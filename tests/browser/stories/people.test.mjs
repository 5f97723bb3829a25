// Somebody is invited, joins, forgets their password, and is shut out.

import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { rows } from '../lib/demo.mjs';
import { choosePassword, invite } from '../lib/invitation.mjs';
import { linkIn } from '../lib/mail.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';

const address = 'zoe@demo.example';
const phrase = 'gland drips at noon';

story('Somebody is invited by email, joins, and is shut out', async ({ server, device }) => {
  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  await page.getByRole('button', { name: /^Account, / }).click();
  await page.getByRole('menuitem', { name: 'People' }).click();
  const listed = page.getByRole('list', { name: 'People' });
  await listed.getByRole('link', { name: people.tech1 }).waitFor();
  await assertAccessibleInBothSizes(page, () => listed);

  await invite(page, { name: 'Zoë Newcomer', address });
  await page.getByLabel('Role 1', { exact: true }).selectOption('Technician');
  await page.getByRole('button', { name: 'Add a role' }).click();
  await page.getByLabel('Role 2', { exact: true }).selectOption('Requester');
  await page.getByLabel('Reach of role 2').selectOption('Own work only');
  await page.getByRole('button', { name: 'New team' }).click();
  const dialog = page.getByRole('dialog', { name: 'New team' });
  await dialog.getByLabel('Name').fill('Night shift');
  // Enter is the dialog's here, and not the form's around it.
  await dialog.getByLabel('Name').press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Night shift' }).click();
  await assertAccessible(page);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`An email is on its way to ${address}.`).waitFor();

  const phone = await device('phone', { phone: true });
  await phone.page.goto(linkIn(await server.mail.emailTo(address)));
  await phone.page.getByRole('heading', { name: 'Welcome, Zoë Newcomer' }).waitFor();
  await phone.page.getByLabel('New password').fill('zoenewcomer');
  await phone.page.getByText('Your name, email and organisation are easy to guess.').waitFor();
  await phone.page.getByRole('button', { name: 'Save and sign in' }).click();
  await phone.page.getByText('This password is too easy to guess.').waitFor();
  await assertAccessibleInBothSizes(phone.page, () => phone.page.getByRole('button', { name: 'Save and sign in' }));
  await phone.page.setViewportSize(PHONE);
  await choosePassword(phone.page, phrase);
  await phone.page.getByRole('heading', { name: 'My work' }).waitFor();
  assert.equal(new URL(phone.page.url()).hash, '', 'the secret is not left in the address');
  await phone.shellReady();
  await phone.goOffline();
  await phone.open('/my-work');
  await phone.page.getByRole('heading', { name: 'My work' }).waitFor();
  await phone.goOnline();

  await desk.open('/people');
  await page.getByLabel('Name or email').fill('zoë');
  await until('one is left', async () => (await listed.getByRole('link').count()) === 1);
  await listed.getByRole('link', { name: address }).click();
  await page.getByRole('region', { name: 'Access' }).getByText(/^Last here /).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Night shift' }).getAttribute('aria-pressed'), 'true');
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await page.getByText('Deactivated.', { exact: true }).waitFor();
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Activate' }));
  await phone.page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
  const stored = await rows(server, 'person', 'display_name, active', `email = '${address}'`);
  assert.deepEqual(stored, [['Zoë Newcomer', 'f']]);
}, { mail: true });

story('A forgotten password is chosen anew by whoever reads the email', async ({ server, device }) => {
  const phone = await device('phone', { phone: true });
  const { page } = phone;
  await phone.open('/');
  await page.getByRole('button', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(people.tech1);
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Send the link' }));
  await page.setViewportSize(PHONE);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('Look into your inbox').waitFor();
  await assertAccessible(page);
  const link = linkIn(await server.mail.emailTo(people.tech1));
  await page.goto(link);
  await page.getByRole('heading', { name: 'A new password' }).waitFor();
  await choosePassword(page, phrase);
  await page.getByRole('heading', { name: 'My work' }).waitFor();
  const told = await server.mail.emailTo(people.tech1);
  assert.match(told.subject, /was changed/);

  const tablet = await device('tablet');
  await tablet.page.goto(link);
  await tablet.page.getByRole('heading', { name: 'This link opens nothing' }).waitFor();
  await assertAccessible(tablet.page);
}, { mail: true });

story('A server that sends no emails gives the link to whoever invites', async ({ device }) => {
  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  await desk.open('/people');
  await invite(page, { name: 'Zoë Newcomer', address });
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'A link for Zoë Newcomer' });
  await dialog.waitFor();
  await assertAccessible(page);
  const link = await dialog.getByLabel('Link').inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Send the invitation again' }).waitFor();

  const phone = await device('phone', { phone: true });
  await phone.page.goto(phone.at(new URL(link).pathname + new URL(link).hash));
  await choosePassword(phone.page, phrase);
  await phone.page.getByRole('heading', { name: 'My work' }).waitFor();
  await phone.goOffline();
  await desk.shellReady();
  await desk.goOffline();
  await desk.open('/people');
  await page.getByText('This needs a connection. Nothing was changed.').waitFor();
});
