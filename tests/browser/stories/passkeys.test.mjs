// Second factors: an authenticator app, recovery codes and a passkey, from setting up to taking away.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { withFinger } from '../lib/authenticator.mjs';
import { rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { typePassword } from '../lib/sign_in.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';

const STEP_MS = 30_000;
const phrase = 'gland drips at noon';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code that an app with this secret shows, after RFC 6238. */
function code(secret, at = Date.now()) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / STEP_MS)));
  const hash = crypto.createHmac('sha1', key).update(counter).digest();
  const place = hash.at(-1) & 15;
  return String((hash.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Both sizes, light and dark. */
async function accessible(page, shown) {
  const before = page.viewportSize();
  await assertAccessibleInBothSizes(page, shown);
  await page.setViewportSize(before);
  await shown().waitFor();
}

/** Passkeys belong to a name: the same machine under it. */
async function underItsName(device) {
  device.url = device.url.replace('127.0.0.1', 'localhost');
}

/** Signed in, wherever that was; on the first page then. */
async function inside(device) {
  await device.page.locator('.cols--signin').waitFor({ state: 'detached' });
  await device.open('/');
  await device.page.getByRole('heading', { name: 'My work' }).waitFor();
}

async function openSecurity(device) {
  await device.open('/security');
  await device.page.getByRole('heading', { name: 'Authenticator app' }).waitFor();
}

async function signOut(device) {
  await device.open('/more');
  await device.page.getByRole('button', { name: 'Sign out' }).click();
  await device.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await device.page.getByLabel('Email').waitFor();
}

/** A code of a later step than any that was taken: the server takes none twice. */
async function freshCode(secret, taken) {
  await until('there is a code that was not taken', () => code(secret, Date.now() + STEP_MS) !== taken);
  return code(secret, Date.now() + STEP_MS);
}

story('Somebody sets up a second factor, signs in with it, and takes it away', async ({ server, device }) => {
  const phone = await device('phone', { phone: true });
  await underItsName(phone);
  const { credentials } = await withFinger(phone.page);
  const { page } = phone;
  await phone.signIn(people.tech1);
  await page.getByRole('heading', { name: 'My work' }).waitFor();

  // The app.
  await phone.open('/more');
  await page.getByRole('link', { name: 'Sign-in and security' }).click();
  await accessible(page, () => page.getByRole('button', { name: 'Set up an authenticator app' }));
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const setUp = page.getByRole('dialog', { name: 'Set up an authenticator app' });
  await setUp.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
  const secret = (await setUp.locator('code').innerText()).replaceAll(' ', '');
  const field = setUp.getByLabel('Code', { exact: true });
  assert.ok(await field.evaluate((input) => input === document.activeElement), 'whoever has the code types it');
  assert.equal(await field.getAttribute('autocomplete'), 'one-time-code');
  await field.fill('000000');
  await field.press('Enter');
  await setUp.getByText('That is not the code.').waitFor();
  await assertAccessible(page);
  const first = code(secret);
  await field.fill(first);
  await field.press('Enter');
  const kept = page.getByRole('dialog', { name: 'Recovery codes' });
  const codes = await until('ten codes are shown', async () => {
    const shown = await kept.getByRole('listitem').allInnerTexts();
    return shown.length === 10 && shown;
  });
  await assertAccessible(page);
  await kept.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('10 codes are left.').waitFor();

  // Signing in with a code.
  await signOut(phone);
  const mine = "person_id = (select person_id from person where email = 'tech1@demo.example')";
  await until('the server has heard it', async () => (await rows(server, 'session', 'count(*)', mine))[0][0] === '0');
  await typePassword(page, people.tech1);
  await accessible(page, () => page.getByRole('heading', { name: 'One more step' }));
  const step = page.getByLabel('Code', { exact: true });
  assert.ok(await step.evaluate((input) => input === document.activeElement), 'the field waits for the code');
  await step.fill(first);
  await step.press('Enter');
  await page.getByText('That does not fit.').waitFor();
  await step.fill(await freshCode(secret, first));
  await step.press('Enter');
  await inside(phone);

  // A passkey.
  await openSecurity(phone);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const naming = page.getByRole('dialog', { name: 'Add a passkey' });
  await naming.getByLabel('Name').fill('Thumb');
  await assertAccessible(page);
  await naming.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('list', { name: 'Passkeys' }).getByText('Thumb').waitFor();
  const [credential] = await credentials();
  assert.ok(credential.isResidentCredential && credential.rpId === 'localhost');
  await accessible(page, () => page.getByRole('list', { name: 'Passkeys' }));

  // Signing in with it, and nothing typed.
  await signOut(phone);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await inside(phone);
  // As the second step, on a browser that never saw this person.
  await signOut(phone);
  await typePassword(page, people.tech1);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await inside(phone);
  // By a recovery code.
  const desk = await device('desk');
  await desk.open('/');
  await typePassword(desk.page, people.tech1);
  await desk.page.getByRole('button', { name: 'Use a recovery code' }).click();
  await desk.page.getByLabel('Recovery code').fill(codes[0].toLowerCase());
  await assertAccessible(desk.page);
  await desk.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await desk.page.getByRole('button', { name: /^Account, / }).waitFor();
  // Under a number there are no passkeys, and the page says where there are.
  await openSecurity(desk);
  await desk.page.getByText('Passkeys of this server belong to localhost.').waitFor();
  await assertAccessible(desk.page);

  // Another password, and taking both away.
  await openSecurity(phone);
  await page.getByRole('button', { name: 'Choose another password' }).click();
  const choosing = page.getByRole('dialog', { name: 'Choose another password' });
  await assertAccessible(page);
  await choosing.getByLabel('New password').fill('zzzzzzzz');
  await choosing.getByRole('button', { name: 'Save' }).click();
  await page.getByText('This password is too easy to guess.').waitFor();
  await page.getByRole('button', { name: 'Choose another password' }).click();
  await choosing.getByLabel('New password').fill(phrase);
  await choosing.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. Your other devices ask for the new password.').waitFor();
  await page.getByRole('button', { name: 'Remove Thumb' }).click();
  const sure = page.getByRole('dialog', { name: 'Remove the passkey?' });
  await assertAccessible(page);
  await sure.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('list', { name: 'Passkeys' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Set up an authenticator app' }).waitFor();
  await signOut(phone);
  await typePassword(page, people.tech1, phrase);
  await inside(phone);

  const actions = (await rows(server, 'audit_entry', 'action', "action like '%factor%' or action like 'recovery%'")).flat();
  for (const action of ['second_factor_added', 'recovery_codes_made', 'second_factor_refused', 'recovery_code_used', 'second_factor_removed']) {
    assert.ok(actions.includes(action), `${action} is in the trail: ${actions}`);
  }
});

story('An organisation asks for a second factor, and work goes on while there is none', async ({ server, device }) => {
  const desk = await device('desk');
  await desk.signIn(people.admin);
  await desk.open('/people');
  await accessible(desk.page, () => desk.page.getByLabel('A second factor is required for'));
  await desk.page.getByLabel('A second factor is required for').selectOption('everybody');
  await desk.page.getByText('Saved.').waitFor();

  const phone = await device('phone', { phone: true });
  await underItsName(phone);
  await withFinger(phone.page);
  const { page } = phone;
  await phone.signIn(people.tech1);
  await page.getByText('Your organisation asks for a second factor.').first().waitFor();
  await accessible(page, () => page.getByRole('button', { name: 'Add a passkey' }));
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('dialog', { name: 'Add a passkey' }).getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog', { name: 'Recovery codes' }).getByRole('button', { name: 'I have kept them' }).click();
  await page.locator('.banner').waitFor({ state: 'detached' });
  await phone.open('/my-work');
  await page.getByRole('link', { name: /WO-/ }).first().waitFor();

  // Who lost everything is let in by an administrator.
  const [[person]] = await rows(server, 'person', 'person_id', `email = '${people.tech1}'`);
  await desk.open(`/people/${person}`);
  await desk.page.getByRole('button', { name: 'Remove second factors' }).click();
  const sure = desk.page.getByRole('dialog', { name: 'Remove all second factors?' });
  await assertAccessible(desk.page);
  await sure.getByRole('button', { name: 'Remove them' }).click();
  await desk.page.getByText('Removed. The password is enough again.').waitFor();
  assert.deepEqual(await rows(server, 'passkey', 'name', 'true'), []);
});
