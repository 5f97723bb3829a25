// What a device has stored, read from its page.

/** Every database of the page's origin: name → store → entries; bytes come as text, one letter per byte. */
export async function readDatabases(page) {
  return page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const readable = (value) => {
      if (value instanceof ArrayBuffer) value = new Uint8Array(value);
      if (ArrayBuffer.isView(value)) return Array.from(value, (byte) => String.fromCharCode(byte)).join('');
      if (Array.isArray(value)) return value.map(readable);
      if (value === null || typeof value !== 'object' || value instanceof Date) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
    };
    const found = {};
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      const stores = [...database.objectStoreNames];
      found[name] = {};
      if (stores.length > 0) {
        const transaction = database.transaction(stores, 'readonly');
        for (const store of stores) {
          const [keys, values] = await Promise.all([
            done(transaction.objectStore(store).getAllKeys()),
            done(transaction.objectStore(store).getAll()),
          ]);
          found[name][store] = keys.map((key, index) => ({ key: readable(key), value: readable(values[index]) }));
        }
      }
      database.close();
    }
    return found;
  });
}

/** How many rows of a kind the device holds: those that its pages of rows name. */
export async function countRows(page, kind) {
  return page.evaluate(async (kind) => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('maintainpro:'));
    const database = await done(indexedDB.open(name));
    const range = IDBKeyRange.bound(`${kind}/`, `${kind}/\uffff`);
    const pages = await done(database.transaction('rows').objectStore('rows').getAll(range));
    database.close();
    // Two bytes of the codec, then JSON by document id.
    const ids = pages.flatMap((page) => Object.keys(JSON.parse(new TextDecoder().decode(new Uint8Array(page).subarray(2)))));
    return new Set(ids).size;
  }, kind);
}

/**
 * Everything that is stored, to be searched for many texts: `texts.hold('Pump')`. An id counts as held in its
 * text form and as its sixteen bytes.
 */
export async function textsOfDatabases(page) {
  const everything = [];
  const gather = (value) => {
    if (typeof value === 'string') everything.push(value);
    else if (value !== null && typeof value === 'object') Object.entries(value).flat().forEach(gather);
    else everything.push(String(value));
  };
  gather(await readDatabases(page));
  const all = everything.join('\n');
  const hold = (text) => writings(text).some((written) => all.includes(written));
  return { hold };
}

/** How a text may stand in a value: as it is, as UTF-8 bytes, an id as its bytes. */
function writings(text) {
  const forms = [text, Buffer.from(text, 'utf8').toString('latin1')];
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) {
    forms.push(Buffer.from(text.replaceAll('-', ''), 'hex').toString('latin1'));
  }
  return forms;
}

/** The entries whose key or value contains this text, as `database/store/key`. */
export async function searchDatabases(page, text) {
  const databases = await readDatabases(page);
  const wanted = JSON.stringify(Buffer.from(text, 'utf8').toString('latin1')).slice(1, -1);
  const plain = JSON.stringify(text).slice(1, -1);
  const hits = [];
  for (const [database, stores] of Object.entries(databases)) {
    for (const [store, entries] of Object.entries(stores)) {
      for (const entry of entries) {
        const written = JSON.stringify(entry);
        if (written.includes(wanted) || written.includes(plain)) {
          hits.push(`${database}/${store}/${JSON.stringify(entry.key)}`);
        }
      }
    }
  }
  return hits;
}
