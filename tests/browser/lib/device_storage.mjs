// A device's storage, spoilt from a page that does not run the app; and the page that saves what is left.

import { until } from './until.mjs';

/** Looks in a row that say the same of what does not change any more. */
const SAME = 10;

/** Opens the recovery page; the app and its engine are closed then. */
export async function openRecoveryPage(device) {
  await device.open('/recovery.html');
  await device.page.getByRole('button', { name: 'Save the file' }).waitFor();
}

/** Saves the file of the recovery page and returns what is in it. */
export async function saveRecoveryFile(page) {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  const download = await downloading;
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** As if a later version of the app had changed the database. */
export async function raiseDatabaseVersion(page) {
  await page.evaluate(async () => {
    const [{ name, version }] = await indexedDB.databases();
    const opening = indexedDB.open(name, version + 1);
    const database = await new Promise((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    database.close();
  });
}

/** As a browser does that needs the space, or a person who clears the site's data half. */
export async function deleteDatabase(page) {
  await page.evaluate(async () => {
    const [{ name }] = await indexedDB.databases();
    const deleting = indexedDB.deleteDatabase(name);
    await new Promise((resolve, reject) => {
      deleting.onsuccess = () => resolve();
      deleting.onerror = () => reject(deleting.error);
    });
  });
}

/**
 * How many bytes the origin has on disk once the browser is done with them: opening a database after the browser was
 * closed makes its log a table, and for a moment both are there.
 */
export async function settledUsage(page) {
  await page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      await done(database.transaction('meta').objectStore('meta').count());
      database.close();
    }
  });
  const seen = [];
  await until('the origin takes as much as before', async () => {
    seen.push(await page.evaluate(async () => (await navigator.storage.estimate()).usage));
    return seen.length >= SAME && seen.slice(-SAME).every((each) => each === seen.at(-1));
  });
  return seen.at(-1);
}

/** Writes nonsense over the first entry of the outbox; returns its key and the bytes. */
export async function damageOutbox(page) {
  return page.evaluate(async () => {
    const nonsense = new Uint8Array([1, 0, 255, 255, 7]);
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const [{ name }] = await indexedDB.databases();
    const database = await done(indexedDB.open(name));
    const outbox = database.transaction('outbox', 'readwrite').objectStore('outbox');
    const [key] = await done(outbox.getAllKeys());
    await done(outbox.put(nonsense, key));
    database.close();
    return { key, base64: btoa(String.fromCharCode(...nonsense)) };
  });
}

/** As a first load leaves it that was cut off: the next engine makes all rows again before it says anything. */
export async function forgetRowsAreComplete(page) {
  await forget(page, 'meta', 'rows-version');
}

/** As it is between the list of a first load and its documents. */
export async function forgetDocument(page, id) {
  await forget(page, 'documents', id);
}

async function forget(page, store, key) {
  await page.evaluate(async ({ store, key }) => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('maintainpro:'));
    const database = await done(indexedDB.open(name));
    const open = database.transaction(store, 'readwrite').objectStore(store);
    if ((await done(open.count(key))) !== 1) throw new Error(`${store} has no ${key}`);
    await done(open.delete(key));
    database.close();
  }, { store, key });
}

/** Is this document on disk? */
export async function hasDocument(page, id) {
  return page.evaluate(async (id) => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('maintainpro:'));
    const database = await done(indexedDB.open(name));
    const found = await done(database.transaction('documents').objectStore('documents').count(id));
    database.close();
    return found === 1;
  }, id);
}
