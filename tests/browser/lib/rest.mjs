// The API of the server, asked by a program or from a page.

import { password } from './people.mjs';

/** Signs in and returns what gives commands, each executed by the server when its answer is there. */
export async function signInProgram(server, organisation, email) {
  const body = JSON.stringify({ organisation, email, password });
  const json = { 'content-type': 'application/json' };
  const session = await fetch(`${server.url}/api/session`, { method: 'POST', headers: json, body });
  if (!session.ok) throw new Error(`signing in was answered with ${session.status}`);
  const [cookie] = session.headers.getSetCookie()[0].split(';');
  return async (command) => {
    const body = JSON.stringify({ command });
    const answer = await fetch(`${server.url}/api/commands`, { method: 'POST', headers: { ...json, cookie }, body });
    if (!answer.ok) throw new Error(`${body} was answered with ${answer.status}: ${await answer.text()}`);
  };
}

/** A request from a page, by the session of its install: its status, and its answer where that is JSON. */
export function ask(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'content-type': 'application/json', 'maintainpro-device': localStorage.getItem('maintainpro.current') };
      const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
      const isJson = response.headers.get('content-type')?.includes('json');
      return { status: response.status, json: isJson ? await response.json() : null };
    },
    [method, path, body],
  );
}
