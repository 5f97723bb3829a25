// A key for a program is made on screen, works within what was chosen, and is revoked.

import assert from 'node:assert/strict';
import { assertAccessible, assertAccessibleInBothSizes } from '../lib/accessibility.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';


story('A key for a program is made, used and revoked', async ({ server, device }) => {
  const status = async (secret, path) => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers })).status;
  };
  const desk = await device('desk');
  const { page } = desk;
  await desk.signIn(people.admin);
  await page.getByRole('button', { name: /^Account, / }).click();
  await page.getByRole('menuitem', { name: 'API keys' }).click();
  await assertAccessibleInBothSizes(page, () => page.getByRole('heading', { name: 'No API keys' }));
  await page.getByRole('link', { name: 'New API key' }).click();
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Make the key' }));
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('Enter a name and choose at least one permission.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('ERP bridge');
  await page.getByRole('checkbox', { name: 'See work orders' }).check();
  await page.getByLabel('Good for').selectOption('30 days');
  await page.getByRole('button', { name: 'Make the key' }).click();
  const dialog = page.getByRole('dialog', { name: 'The secret of ERP bridge' });
  await dialog.waitFor();
  await assertAccessible(page);
  const secret = await dialog.getByLabel('Secret').inputValue();
  assert.match(secret, /^mp_/);
  await dialog.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'ERP bridge' });
  await row.getByText(/never used · ends /).waitFor();
  await assertAccessibleInBothSizes(page, () => row);

  assert.equal(await status(secret, '/api/work-orders'), 200);
  assert.equal(await status(secret, '/api/assets'), 403, 'only what was chosen');
  await desk.open('/api-keys');
  await row.getByText(/last used /).waitFor();
  assert.ok(!(await page.getByRole('main').innerText()).includes(secret), 'the secret is shown once');
  await row.getByRole('button', { name: 'Revoke ERP bridge' }).click();
  const question = page.getByRole('dialog', { name: 'Revoke ERP bridge?' });
  await question.waitFor();
  await assertAccessible(page);
  await question.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('heading', { name: 'No API keys' }).waitFor();
  assert.equal(await status(secret, '/api/work-orders'), 401);
});
