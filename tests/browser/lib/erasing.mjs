// Having a device erased, as whoever administers the organisation does, and what is left on it.

import assert from 'node:assert/strict';
import { assertAccessible } from './accessibility.mjs';
import { findInProfile } from './profile_folder.mjs';
import { until } from './until.mjs';

/** The devices of somebody, on their page. */
export function devicesOn(page) {
  return page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
}

/** Asks for the device that was heard last, on the page of its person. */
export async function askForWipe(page) {
  const device = devicesOn(page).first();
  await device.getByRole('button', { name: /^Erase / }).click();
  const question = page.getByRole('dialog', { name: /^Erase / });
  await assertAccessible(page, 'asking whether to erase');
  await question.getByRole('button', { name: 'Erase' }).click();
  await device.getByText('Is to be erased since').waitFor();
}

/** Databases and folders of the app on a device, and whose they are. */
export async function whatIsStored(page) {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folders = [];
    for await (const name of root.keys()) folders.push(name);
    const names = (await indexedDB.databases()).map(({ name }) => name);
    const people = JSON.parse(localStorage.getItem('maintainpro.people')).map(({ person }) => person);
    return { databases: names.filter((name) => name.startsWith('maintainpro')), folders, people };
  });
}

/** The browser lets go of these texts, as `find` finds them; it is switched off then. */
export async function letsGoOf(device, texts, find = inProfile) {
  // A browser answers that a database is gone and cleans its files up behind the answer, in this run or in the next one.
  let found = {};
  const isClean = async () => {
    found = await find(device, texts).catch(() => ({ 'a file that is being written': [] }));
    return Object.keys(found).length === 0;
  };
  await until(() => `the browser has let go of what it deleted: ${JSON.stringify(found)}`, isClean, { every: 500 });
  await device.switchOff();
  assert.deepEqual(await find(device, texts), {}, 'nothing is left on the disk');
}

const inProfile = (device, texts) => findInProfile(device.profile, texts);
