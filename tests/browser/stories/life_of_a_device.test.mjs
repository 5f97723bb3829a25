// The life of a device, as one chain: somebody is invited, signs in on a tablet for the first time, unlocks it by its
// passkey without a network, shares it with a colleague, loses access, and has what was theirs erased from it. Every screen on
// the way is accessible.

import assert from 'node:assert/strict';
import { assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { withFinger } from '../lib/authenticator.mjs';
import { BoardPage } from '../lib/board_page.mjs';
import { assignedWorkOrder, ownOrder, rows } from '../lib/demo.mjs';
import { askForWipe, devicesOn, letsGoOf, whatIsStored } from '../lib/erasing.mjs';
import { readDatabases } from '../lib/indexed_db.mjs';
import { choosePassword, invite } from '../lib/invitation.mjs';
import { addPasskey, byPasskey, choosePin, fromAccount, lockedScreen, unlock } from '../lib/lock.mjs';
import { linkIn } from '../lib/mail.mjs';
import { people } from '../lib/people.mjs';
import { findInProfile } from '../lib/profile_folder.mjs';
import { choose, initialsOf, whoIsWorking } from '../lib/shared_tablet.mjs';
import { typePassword } from '../lib/sign_in.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted, showsSync } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

const ZOE = { name: 'Zoë Newcomer', address: 'zoe@demo.example' };
const phrase = 'gland drips at noon';
const ZOES = 'The seal ring is worn on one side';
const MORE_OF_ZOES = 'The spare ring is in the van';
const TOMS = 'Swept the pump house';
const OTHER_PIN = 'blaue Tassen 7';

/** What is `shown` is there, and the page accessible; what was done before has ended then, and no page begins anew under it. */
async function looksRight(page, shown, what) {
  await shown().waitFor();
  await assertAccessibleInBothSizes(page, shown, what);
}

/** Whoever administers wants devices locked, and invites. */
async function ruleAndInvite(admin) {
  const { page } = admin;
  await admin.signIn(people.admin);
  await admin.open('/people');
  await page.getByLabel('Devices must be locked').selectOption('15');
  await page.getByText('Saved.').waitFor();
  await looksRight(page, () => page.getByLabel('Devices must be locked'), 'the rule of the organisation');
  await invite(page, ZOE);
  await page.getByLabel('Role 1', { exact: true }).selectOption('Technician');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText(`An email is on its way to ${ZOE.address}.`).waitFor();
  await looksRight(page, () => page.getByRole('button', { name: 'Send the invitation again' }), 'somebody who is invited');
}

/** The first sign-in, by the link: a password, a PIN, and a passkey of the tablet. */
async function join(tablet, link) {
  const { page } = tablet;
  await page.goto(link);
  await looksRight(page, () => page.getByRole('heading', { name: `Welcome, ${ZOE.name}` }), 'choosing a password');
  await choosePassword(page, phrase);
  await looksRight(page, () => page.getByRole('heading', { name: 'Choose a PIN' }), 'choosing a PIN');
  await choosePin(page);
  await looksRight(page, () => page.getByText('No work is waiting for you'), 'the first page of somebody new');
  await tablet.shellReady();
  await fromAccount(page, 'Device lock');
  await looksRight(page, () => page.getByText('Your organisation wants its devices locked.'), 'the lock of the device');
  await addPasskey(page);
  await looksRight(page, () => page.getByText('A passkey of this device unlocks it.'), 'the lock with a passkey');
}

/** The supervisor, whom the rule asks for a PIN too, gives her something to do. */
async function giveWork(helen, order) {
  const { page } = helen;
  await helen.open('/');
  await typePassword(page, people.supervisor);
  await choosePin(page);
  await page.getByRole('link', { name: 'Live board' }).click();
  const board = new BoardPage(page);
  await board.isLive();
  await board.search(order.number);
  await board.toggleAssignment(order.number, ZOE.name);
}

/** Writes a note that nobody can send now. */
async function noteOffline(tablet, order, text) {
  const shown = await WorkOrderPage.show(tablet, order);
  const before = await shown.saved();
  await shown.addNote(text);
  await shown.savedMore(before);
  return shown.notes.filter({ hasText: text });
}

/** The supervisor takes over what waits: one note of hers. */
async function decide({ page }, text) {
  // What waits is asked for when the page is opened.
  await page.getByRole('link', { name: 'Live board' }).click();
  await page.getByRole('link', { name: 'Held changes' }).click();
  const held = page.getByRole('list', { name: 'Held changes' }).getByRole('listitem');
  await looksRight(page, () => held.filter({ hasText: text }).getByText(ZOE.name), 'what was handed over');
  await until('one waits', async () => (await held.count()) === 1);
  await held.getByRole('button', { name: 'Accept' }).click();
  await looksRight(page, () => page.getByText('Nothing waits for you'), 'all is decided');
}

/** The page of a person, with what the server knows now. A page that is opened anew would be locked. */
async function pageOf(admin, address) {
  await fromAccount(admin.page, 'People');
  await admin.page.getByLabel('Name or email').fill(address);
  await admin.page.getByRole('list', { name: 'People' }).getByRole('link', { name: address }).click();
  await devicesOn(admin.page).first().waitFor();
}

/** How some of what is sealed for somebody ends: no two ends are alike, so where one is found, all of it was. */
async function endsOfSealed(page, person) {
  const databases = Object.entries(await readDatabases(page));
  const [[, { meta: _bare, ...stores }]] = databases.filter(([name]) => name.includes(person));
  return Object.values(stores).flatMap((entries) => entries.slice(0, 8).map(({ value }) => value.slice(-24)));
}

story('A tablet is joined, unlocked, shared, taken from one person and kept by the other', async ({ server, device }) => {
  const order = await assignedWorkOrder(server);
  const his = await ownOrder(server, people.contractor, people.tech1);
  const admin = await device('admin');
  await ruleAndInvite(admin);
  const tablet = await device('tablet');
  const { page } = tablet;
  await withFinger(page);
  await join(tablet, linkIn(await server.mail.emailTo(ZOE.address)));
  const helen = await device('helen');
  await giveWork(helen, order);
  await page.getByRole('link', { name: 'My work' }).click();
  const hers = page.getByRole('link', { name: order.number });
  await hers.waitFor();
  await allAccepted(page);

  // Down in the cellar.
  await tablet.goOffline();
  await page.reload();
  await lockedScreen(page);
  await looksRight(page, () => byPasskey(page), 'a locked tablet without a network');
  await byPasskey(page).click();
  await looksRight(page, () => hers, 'her work without a network');
  const note = await noteOffline(tablet, order, ZOES);
  await looksRight(page, () => note, 'a note that waits');

  // The second person signs in where there is a signal, and works on without one.
  await fromAccount(page, 'Switch person');
  await looksRight(page, () => page.getByText('1 change is waiting to be sent'), 'choosing who works');
  assert.equal(await page.getByText(ZOE.name).count(), 0, 'nobody reads who it is');
  await tablet.goOnline();
  await page.getByRole('button', { name: 'Somebody else' }).click();
  await looksRight(page, () => page.getByLabel('Email'), 'signing in beside somebody');
  await typePassword(page, people.contractor);
  await looksRight(page, () => page.getByRole('heading', { name: 'Choose a PIN' }), 'choosing a PIN beside somebody');
  await choosePin(page, OTHER_PIN);
  await allAccepted(page);
  await tablet.goOffline();
  await noteOffline(tablet, his, TOMS);
  await fromAccount(page, 'Switch person');
  await whoIsWorking(page);
  assert.equal(await page.getByText('1 change is waiting to be sent').count(), 2, 'each has an outbox');
  const noted = (text) => rows(server, 'comment', 'text, author', `text = '${text}'`);
  assert.deepEqual(await noted(ZOES), [], 'nothing of hers went with his session');

  // She loses access before her work is sent: it reaches the supervisor.
  const [[zoe, organisation]] = await server.sql(`select person_id, organization_id from person where email = '${ZOE.address}'`);
  const [[tom, name]] = await server.sql(`select person_id, display_name from person where email = '${people.contractor}'`);
  await pageOf(admin, ZOE.address);
  await admin.page.getByRole('button', { name: 'Deactivate' }).click();
  await admin.page.getByText('Deactivated.', { exact: true }).waitFor();
  await looksRight(admin.page, () => admin.page.getByRole('button', { name: 'Activate' }), 'somebody without access');
  await choose(page, initialsOf(ZOE.name));
  await byPasskey(page).click();
  await page.getByRole('button', { name: /^Account, / }).waitFor();
  await tablet.goOnline();
  await showsSync(page, 'Handed to your supervisor: 1 change');
  const again = page.getByRole('dialog', { name: 'Sign in again' });
  await looksRight(page, () => again, 'work that is handed over');
  await again.getByRole('button', { name: 'Close' }).click();
  await decide(helen, ZOES);
  assert.deepEqual(await noted(ZOES), [[ZOES, zoe]], 'none is lost, and it stays hers');

  // Her part of the tablet is erased; what she has written since then arrives first.
  await tablet.goOffline();
  await noteOffline(tablet, order, MORE_OF_ZOES);
  await fromAccount(page, 'Switch person');
  await whoIsWorking(page);
  const [ends, kept] = [await endsOfSealed(page, zoe), await endsOfSealed(page, tom)];
  await until('there is something to erase', async () => {
    // A browser that runs writes its files meanwhile.
    const there = Object.keys(await findInProfile(tablet.profile, ends).catch(() => ({})));
    return there.length > ends.length / 2;
  });
  await askForWipe(admin.page);
  await looksRight(admin.page, () => devicesOn(admin.page).first(), 'a device that is to be erased');
  await tablet.goOnline();
  await choose(page, initialsOf(ZOE.name));
  await looksRight(page, () => page.getByText('This device is to be erased.'), 'a locked tablet that is to be erased');
  await byPasskey(page).click();
  await looksRight(page, () => page.getByRole('heading', { name: 'Your data on this device was erased' }), 'what was erased');
  await page.getByText('1 change was handed in before.').waitFor();
  await until('the server has heard it', async () => (await rows(server, 'device', 'person_id', 'wiped_at is not null')).length === 1);
  await pageOf(admin, ZOE.address);
  await devicesOn(admin.page).first().getByText(/^Erased .*, after 1 change was handed in$/).waitFor();
  await decide(helen, MORE_OF_ZOES);
  assert.deepEqual(await noted(MORE_OF_ZOES), [[MORE_OF_ZOES, zoe]]);

  // Nothing of hers is there, and all of his.
  const database = `maintainpro:${organisation}:${tom}`;
  assert.deepEqual(await whatIsStored(page), { databases: [database], folders: [database.replaceAll(':', '-')], people: [tom] });
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes(zoe), 'not even her id');
  assert.deepEqual(await endsOfSealed(page, tom), kept, 'his is as it was');
  // Her address is in the browser's own memory of the form that asks for it, which is not ours.
  await letsGoOf(tablet, [...ends, ZOES, MORE_OF_ZOES, ZOE.name]);
  await tablet.switchOn();
  await tablet.goOffline();
  await tablet.open('/');
  await looksRight(tablet.page, () => tablet.page.getByText('1 change is waiting to be sent'), 'one of two is left');
  assert.equal(await tablet.page.getByRole('listitem').count(), 1);
  await choose(tablet.page, initialsOf(name));
  await unlock(tablet.page, OTHER_PIN);
  const stays = await WorkOrderPage.show(tablet, his);
  await stays.notes.filter({ hasText: TOMS }).waitFor();
  assert.equal(await stays.saved(), 1, 'it waits as before');
  await tablet.goOnline();
  await allAccepted(tablet.page);
  assert.deepEqual(await noted(TOMS), [[TOMS, tom]], 'his session still stood');
}, { mail: true, timeout: 600_000 });
