// Locking a device and unlocking it, as people do.

import { until } from './until.mjs';

export const pin = '480213';

/** Turns the lock on, on its page; at a desk. */
export async function turnLockOn(device, chosen = pin) {
  await fromAccount(device.page, 'Device lock');
  await choosePin(device.page, chosen);
  await device.page.getByText('The lock is on.').waitFor();
}

/** Chooses from the account's menu. A page that is opened anew would be locked. */
export async function fromAccount(page, item) {
  await page.getByRole('button', { name: /^Account, / }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Fills in the form for a new PIN. */
export async function choosePin(page, chosen = pin) {
  await page.getByLabel('New PIN').fill(chosen);
  await page.getByLabel('The same again').fill(chosen);
  await page.getByRole('button', { name: /Turn the lock on|Save the new PIN/ }).click();
}

/** Makes a passkey of this device that unlocks it as well, on the page of the lock. */
export async function addPasskey(page) {
  await page.getByRole('button', { name: 'Unlock with a passkey too' }).click();
  await page.getByText('A passkey of this device unlocks it.').waitFor();
}

/** What unlocks by it. */
export function byPasskey(page) {
  return page.getByRole('button', { name: 'Unlock with the passkey of this device' });
}

/** Everything stored is sealed, and the files were made anew after that. */
export async function sealedWhole(page) {
  await until('all is sealed', () =>
    page.evaluate(async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.startsWith('maintainpro:'));
      if (names.length !== 1) return false;
      const opening = indexedDB.open(names[0]);
      opening.onupgradeneeded = () => opening.transaction.abort();
      const database = await new Promise((resolve) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => resolve(null);
      });
      if (!database) return false;
      if (!database.objectStoreNames.contains('meta')) return database.close();
      const asked = database.transaction('meta').objectStore('meta').get('sealed');
      const value = await new Promise((resolve) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve(null);
      });
      database.close();
      return value !== undefined && value !== null && new TextDecoder().decode(value.subarray(2)) === 'compacted';
    }),
  );
}

/** Locks the device now; the screen that asks for the PIN is there afterwards. */
export async function lockNow(device) {
  await fromAccount(device.page, 'Lock now');
  await lockedScreen(device.page);
}

export async function lockedScreen(page) {
  await page.getByRole('heading', { name: 'Unlock' }).waitFor();
}

/** Types the PIN. */
export async function unlock(page, typed = pin) {
  await page.getByLabel('PIN', { exact: true }).fill(typed);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}
