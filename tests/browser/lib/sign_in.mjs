// Signing in on whatever page asks for it.

import { password } from './people.mjs';

/** Fills the form in and sends it; what comes next is the organisation's to say. */
export async function typePassword(page, email, typed = password) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(typed);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
