// Two people give two machines the same tag without knowing of each other: both are written down, and both are told.

import assert from 'node:assert/strict';
import { rows } from '../lib/demo.mjs';
import { people } from '../lib/people.mjs';
import { ask } from '../lib/rest.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';

/** Read off two plates; a tag is the same in any case of letters. */
const [MAYAS, HELENS] = ['P-9050', 'p-9050'];

story('A tag two people type offline lands twice, and both of them are told', async ({ server, device }) => {
  const maya = await device('maya', { phone: true });
  const helen = await device('helen');
  for (const [each, email] of [[maya, people.tech1], [helen, people.supervisor]]) {
    await each.signIn(email);
    await each.shellReady();
    await allAccepted(each.page);
  }
  for (const each of [maya, helen]) await each.goOffline();
  const mayas = await writeDown(maya, MAYAS, 'Spare feed pump');
  const helens = await writeDown(helen, HELENS, 'Dosing pump');
  for (const [{ page }, tag] of [[maya, MAYAS], [helen, HELENS]]) {
    await page.reload();
    await page.getByRole('main').getByText(tag).first().waitFor();
    assert.equal(await toldTwice(page).count(), 0, 'nobody knows of the other one yet');
  }

  await Promise.all([maya.goOnline(), helen.goOnline()]);
  await toldTwice(maya.page).getByRole('link', { name: `${HELENS} · Dosing pump`, exact: true }).waitFor();
  await toldTwice(helen.page).getByRole('link', { name: `${MAYAS} · Spare feed pump`, exact: true }).waitFor();
  for (const each of [maya, helen]) {
    assert.deepEqual(await listedTwice(each), [`${HELENS} Dosing pump`, `${MAYAS} Spare feed pump`].sort());
  }
  const stored = await rows(server, 'asset', 'asset_id, tag, name', `lower(tag) = '${HELENS}' order by name`);
  assert.deepEqual(stored, [[helens, HELENS, 'Dosing pump'], [mayas, MAYAS, 'Spare feed pump']]);
  assert.deepEqual(await duplicates(helen.page), [[mayas, helens].sort()]);

  await helen.open(`/assets/${helens}`);
  await maya.open(`/assets/${mayas}`);
  await toldTwice(maya.page).waitFor();
  await helen.page.getByRole('link', { name: 'Edit' }).click();
  await helen.page.getByLabel('Tag').fill('P-9051');
  await helen.page.getByRole('button', { name: 'Save', exact: true }).click();
  for (const each of [maya, helen]) await toldTwice(each.page).waitFor({ state: 'detached' });
  await until('the server says so too', async () => (await duplicates(helen.page)).length === 0);
});

/** Writes an asset down through the screen, and returns its id. */
async function writeDown({ page }, tag, name) {
  await page.getByRole('link', { name: 'Assets' }).click();
  await page.getByRole('link', { name: 'New asset' }).click();
  await page.getByLabel('Tag').fill(tag);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: /^Location/ }).click();
  const sheet = page.getByRole('dialog', { name: 'Location' });
  await sheet.getByRole('searchbox').fill('packing hall');
  await until('the search is done', async () => (await sheet.getByRole('button', { name: 'Leeds plant' }).count()) === 1);
  await sheet.getByRole('button', { name: 'Packing hall' }).click();
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/\/assets\/[0-9a-f-]{36}$/);
  return page.url().split('/').at(-1);
}

/** What the page of an asset says when another one has its tag. */
function toldTwice(page) {
  return page.getByRole('note').filter({ hasText: 'Tag used twice' });
}

/** What the tree of assets marks, chosen by its filter. */
async function listedTwice(device) {
  await device.open('/assets');
  await allAccepted(device.page);
  await device.page.getByRole('button', { name: 'Tag used twice' }).click();
  const marked = device.page.getByRole('navigation', { name: 'Asset tree' }).getByRole('link', { name: 'Tag used twice' });
  await marked.nth(1).waitFor();
  return (await marked.locator('.clip').allInnerTexts()).sort();
}

/** What the server says of tags used twice, each as the assets that share one. */
async function duplicates(page) {
  const answer = await ask(page, 'GET', '/api/assets/duplicate-tags');
  return answer.json.map(({ assets }) => assets.sort());
}
