// Inviting somebody, and joining, as people do.

import { assertAccessibleInBothSizes } from './accessibility.mjs';

/** Begins an invitation, on the page of people. Both sizes, light and dark, with what must be there in each. */
export async function invite(page, { name, address }) {
  await page.getByRole('link', { name: 'Invite someone' }).click();
  // A page begins anew where it changes between a phone's and a desk's.
  await assertAccessibleInBothSizes(page, () => page.getByRole('button', { name: 'Invite', exact: true }));
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Email', { exact: true }).fill(address);
}

/** Chooses a password where the link of an email leads. */
export async function choosePassword(page, password) {
  await page.getByLabel('New password').fill(password);
  await page.getByText('Hard to guess.').waitFor();
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByLabel('New password').waitFor({ state: 'detached' });
}
