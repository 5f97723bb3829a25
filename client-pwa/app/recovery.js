// Takes all unsent work of this device away as one file, when the app cannot: it needs no WASM and no engine,
// reads whatever version of the database there is, and changes nothing. The values are as they are on disk;
// beside them stand the commands that can be read in them. Of a locked device it is all sealed; beside it stands how it
// is locked, so that whoever has the PIN can open it later.

/** Stores of a database that hold work the server may not have. */
const STORES = ['outbox', 'attention'];
const DATABASE = 'maintainpro:';
const FOLDER = 'maintainpro-';
/** What the text of a command begins with. */
const COMMAND = '{"on":';

const GERMAN = {
  title: 'Eine Kopie deiner ungesendeten Arbeit sichern',
  text: 'Alles, was dieses Gerät gespeichert und nicht gesendet hat, kommt in eine Datei. Auf dem Gerät ändert sich nichts. Behalte die Datei oder gib sie der Verwaltung.',
  save: 'Datei sichern',
  back: 'MaintainPro öffnen',
};
const SEALED = {
  en: 'What is stored here is locked. Unlock MaintainPro and save your unsent work there: that file can be read. This one keeps everything as it is, sealed.',
  de: 'Was hier gespeichert ist, ist gesperrt. Entsperre MaintainPro und sichere deine ungesendete Arbeit dort: Jene Datei kann gelesen werden. Diese hier bewahrt alles, wie es ist, versiegelt.',
};
const german = (document.documentElement.lang || navigator.language).startsWith('de');
const element = (id) => document.querySelector(`#${id}`);

if (german) for (const [id, text] of Object.entries(GERMAN)) element(id).textContent = text;

const file = {
  maintainpro_recovery: 1,
  exported_at: new Date().toISOString(),
  browser: navigator.userAgent,
  databases: await databases(),
  journals: await journals(),
};
const entries = file.databases.reduce((sum, database) => sum + (database.entries?.length ?? 0), 0);
element('found').textContent = german
  ? `Gefunden: ${entries} gespeicherte Änderungen, ${file.journals.length} Sicherungsdateien.`
  : `Found: ${entries} stored changes, ${file.journals.length} backup files.`;
const stored = [...file.databases.flatMap((database) => database.entries ?? []), ...file.journals];
if (stored.some(({ sealed }) => sealed)) element('sealed').textContent = german ? SEALED.de : SEALED.en;
element('save').disabled = false;
element('save').addEventListener('click', save);

function save() {
  const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `maintainpro-recovery-${file.exported_at.slice(0, 19).replaceAll(':', '-')}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

/** What cannot be read is named with its error; the rest is read all the same. */
async function databases() {
  const found = [];
  const all = await indexedDB.databases().catch(() => []);
  for (const { name, version } of all.filter(({ name }) => name.startsWith(DATABASE))) {
    try {
      found.push({ name, version, ...(await storedIn(name)) });
    } catch (error) {
      found.push({ name, version, error: String(error) });
    }
  }
  return found;
}

async function storedIn(name) {
  const opening = indexedDB.open(name);
  // It exists, so nothing is upgraded; should it have gone meanwhile, no empty one may take its place.
  opening.onupgradeneeded = () => opening.transaction.abort();
  const database = await done(opening);
  try {
    const stores = STORES.filter((store) => database.objectStoreNames.contains(store));
    if (stores.length === 0) return { entries: [] };
    const lock = await lockOf(database);
    const transaction = database.transaction(stores, 'readonly');
    const read = stores.map(async (store) => {
      const source = transaction.objectStore(store);
      const [keys, values] = await Promise.all([done(source.getAllKeys()), done(source.getAll())]);
      return keys.map((key, index) => ({ store, key: String(key), ...readable(values[index]) }));
    });
    return { ...(lock && { lock }), entries: (await Promise.all(read)).flat() };
  } finally {
    database.close();
  }
}

/** How the database is locked; it opens nothing by itself. */
async function lockOf(database) {
  if (!database.objectStoreNames.contains('meta')) return null;
  const value = await done(database.transaction('meta', 'readonly').objectStore('meta').get('lock'));
  return value ? new TextDecoder().decode(value.subarray(2)) : null;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function journals() {
  const found = [];
  try {
    const root = await navigator.storage.getDirectory();
    for await (const [folder, handle] of root.entries()) {
      if (handle.kind !== 'directory' || !folder.startsWith(FOLDER)) continue;
      for await (const [name, file] of handle.entries()) {
        if (file.kind !== 'file' || !name.endsWith('.journal')) continue;
        const bytes = await file.getFile().then((content) => content.arrayBuffer()).catch(() => null);
        // A journal's first value comes after its length and checksum.
        found.push({ folder, name, ...(bytes ? readable(new Uint8Array(bytes), 8) : { error: 'it cannot be read' }) });
      }
    }
  } catch (error) {
    console.warn('no private file system', error);
  }
  return found;
}

/** Bytes as base64, the commands in them, and whether they are sealed. */
function readable(value, at = 0) {
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value) ?? '');
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const sealed = bytes[at] === 1 && bytes[at + 1] > 0;
  return { base64: btoa(letters), commands: commandsIn(new TextDecoder().decode(bytes)), ...(sealed && { sealed }) };
}

function commandsIn(text) {
  const commands = [];
  for (let start = text.indexOf(COMMAND); start >= 0; start = text.indexOf(COMMAND, start + 1)) {
    const command = objectAt(text, start);
    if (command) commands.push(command);
  }
  return commands;
}

/** The JSON object that begins here, when there is one. */
function objectAt(text, start) {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter === '\\') at += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '{') depth += 1;
    else if (letter === '}' && (depth -= 1) === 0) {
      try {
        return JSON.parse(text.slice(start, at + 1));
      } catch {
        return null; // bytes that only look like a command
      }
    }
  }
  return null;
}
