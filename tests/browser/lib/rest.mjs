// A program at the API of the server, signed in as one of the people.

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
