// Which requests the shell answers. Everything that is not a file of the shell or an address of the app
// goes to the network untouched.

import { SHELL_PAGE, fromShell, isShellFile } from './precache';

/** Paths that belong to the server, also when somebody opens one in a tab. */
const SERVER_PATHS = ['/api', '/sync', '/blobs', '/healthz', '/readyz', '/metrics'];

/** The response the shell gives, or nothing when the request is none of its business. */
export function answer(request: Request): Promise<Response> | null {
  if (request.method !== 'GET') return null;
  const url = new URL(request.url);
  if (url.origin !== location.origin || belongsToServer(url.pathname)) return null;
  if (isShellFile(url.pathname)) return fromShell(url.pathname);
  // A deep link: the app has its own router, and one page opens them all.
  if (request.mode === 'navigate' && !hasExtension(url.pathname)) return fromShell(SHELL_PAGE);
  return null;
}

function belongsToServer(path: string): boolean {
  return SERVER_PATHS.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

function hasExtension(path: string): boolean {
  return /\.[a-z0-9]+$/i.test(path);
}
