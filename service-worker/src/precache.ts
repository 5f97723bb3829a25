// One cache per version of the shell. It is filled completely or the installation fails, and each file is
// checked against the hash it was built with, so a half-finished deployment or a captive portal can
// never become part of it.

const PREFIX = 'maintainpro-shell-';
const CACHE = PREFIX + SHELL_VERSION;
const CONCURRENT_DOWNLOADS = 6;

const urls = new Set(SHELL_FILES.map((file) => file.url));

/** The page that every address of the app opens. */
export const SHELL_PAGE = '/';

/** Whether this path is a file of the shell. */
export function isShellFile(path: string): boolean {
  return urls.has(path);
}

/** Downloads every file of this version, or leaves nothing behind. */
export async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  const queue = [...SHELL_FILES];
  const worker = async () => {
    for (let file = queue.pop(); file; file = queue.pop()) await keep(cache, file);
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENT_DOWNLOADS }, worker));
  } catch (error) {
    queue.length = 0;
    await caches.delete(CACHE);
    throw error;
  }
}

async function keep(cache: Cache, file: { url: string; sha256: string }): Promise<void> {
  // `no-cache` asks the server whether the browser's copy is still right: an unchanged file costs a header.
  const response = await fetch(file.url, { cache: 'no-cache', integrity: `sha256-${file.sha256}` });
  if (!response.ok || response.redirected) throw new Error(`${file.url} answered ${response.status}`);
  await cache.put(file.url, response);
}

/** The kept copy of a file. A browser may have evicted it: then the network is asked. */
export async function fromShell(url: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(url, { ignoreVary: true });
  return kept ?? fetch(url);
}

/** Only this version stays, once it is the one in charge. */
export async function removeOlderCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}
