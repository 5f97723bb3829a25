// Who did what is there to read; a trail that somebody rewrote is noticed by a device that has seen it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { people } from '../lib/people.mjs';
import { ask } from '../lib/rest.mjs';
import { story } from '../lib/story.mjs';
import { until } from '../lib/until.mjs';

const ALEX = 'Alex Morgan';
const MAYA = 'Maya Okafor';

/** What a page's device keeps of the trail, and its place in the storage. */
const kept = (page) =>
  page.evaluate(() => {
    const [name, json] = Object.entries(localStorage).find(([key]) => key.startsWith('maintainpro.audit.')) ?? [];
    return name && { name, ...JSON.parse(json) };
  });

/** Asks once more, as if an hour had passed since it did; it has its answer afterwards. */
async function askAgain(device) {
  await device.page.evaluate(() => {
    for (const [key, json] of Object.entries(localStorage)) {
      if (key.startsWith('maintainpro.audit.')) {
        localStorage.setItem(key, JSON.stringify({ ...JSON.parse(json), heard_at: 0 }));
      }
    }
  });
  await device.open('/my-work');
  await until('it has asked', async () => (await kept(device.page)).heard_at > 0);
}

story('Whoever administers reads who did what, and takes it away', async ({ device }) => {
  const phone = await device('phone', { phone: true });
  await phone.signIn(people.tech1);
  assert.equal((await ask(phone.page, 'GET', '/api/people')).status, 403);

  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  assert.equal((await ask(page, 'POST', '/api/teams', { name: 'Night shift' })).status, 201);
  await page.getByRole('button', { name: /^Account, / }).click();
  await page.getByRole('menuitem', { name: 'Audit trail' }).click();
  const created = page.getByRole('listitem').filter({ hasText: 'Team created: Night shift' });
  await created.filter({ hasText: ALEX }).waitFor();
  const denied = page.getByRole('listitem').filter({ hasText: 'Not permitted' });
  await denied.filter({ hasText: MAYA }).filter({ hasText: 'GET /api/people' }).waitFor();
  await page.getByText(/\d+ entries, sealed today/).waitFor();
  await assertAccessibleInBothSizes(page, () => created);

  await page.getByLabel('What was done').selectOption('Not permitted');
  await until('only refusals are left', async () => (await created.count()) === 0);
  await denied.first().waitFor();
  await page.getByLabel('Who').selectOption(ALEX);
  await page.getByText('Nothing found').waitFor();
  await page.getByLabel('What was done').selectOption('Everything');
  await created.waitFor();

  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'With proof' }).click();
  const bundle = JSON.parse(await readFile(await (await coming).path(), 'utf8'));
  assert.equal(bundle.entries.length, bundle.to - bundle.from + 1);
  assert.match(bundle.entries.at(-1).content, /audit_exported/);
});

story('A device notices that the trail was rewritten, and keeps the evidence', async ({ server, device }) => {
  const phone = await device('phone', { phone: true });
  const { page } = phone;
  await phone.signIn(people.tech1);
  const first = await until('a seal is kept', () => kept(page));
  assert.equal(first.witness.contradicted_by, undefined);

  // Somebody else comes: the trail grows, and the device believes it.
  const desk = await device('desk');
  await desk.signIn(people.admin);
  const size = (witness) => witness.head.entries.size;
  const followed = async () => {
    // The server signs for whoever asks every few seconds.
    await askAgain(phone);
    return size((await kept(page)).witness) > size(first.witness);
  };
  await until('the seal follows', followed, { every: 1_000 });

  await server.sql(`
    update audit_entry set leaf_hash = sha256(leaf_hash) where seq = 2;
    delete from audit_node; delete from audit_head`);
  const alarm = page.getByText('The audit trail is not what this device has seen before.');
  const alarmed = async () => {
    // It looks several times before it says so: a backup may just have been restored.
    await askAgain(phone);
    return (await kept(page)).witness.contradicted_by;
  };
  await until('it is contradicted', alarmed, { every: 1_000 });
  await alarm.waitFor();
  await assertAccessible(page);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save evidence' }).click();
  const evidence = JSON.parse(await readFile(await (await coming).path(), 'utf8'));
  assert.equal(evidence.head.key, evidence.contradicted_by.key, 'both were signed by this server');
  assert.notEqual(evidence.head.entries.root, evidence.contradicted_by.entries.root);
  const after = await kept(page);
  assert.equal(after.witness.contradicted_by, undefined, 'whoever has the file goes on from here');
  assert.deepEqual(after.witness.ended, [evidence.head]);
});
