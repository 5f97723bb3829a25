import { Repo, stringifyAutomergeUrl } from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';

/**
 * Signs in and gives a repo that is connected. The session's token stands in the address of the socket, so that the
 * client connects again by itself; on a page of the same origin the cookie does that and the address needs no token.
 */
export async function connect(server, credentials, retryMs = 5000) {
  const answer = await fetch(new URL('/api/session', server), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  if (!answer.ok) throw new Error(`not signed in: ${answer.status}`);
  const [, token] = /^[^=]+=([^;]+)/.exec(answer.headers.get('set-cookie'));
  const address = new URL('/api/automerge-repo', server);
  address.protocol = address.protocol.replace('http', 'ws');
  address.username = 'session';
  address.password = token;
  const repo = new Repo({ network: [new WebSocketClientAdapter(address.href, retryMs)] });
  // Whoever asks for documents before anybody is there to answer is told that there are none.
  await new Promise((resolve) => repo.networkSubsystem.once('peer', resolve));
  return repo;
}

/** The handle of a document by the id that the app and the API show; rejects when this person may not see it. */
export function open(repo, id) {
  const documentId = Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex'));
  return repo.find(stringifyAutomergeUrl({ documentId }));
}

/** Calls back when the server refuses a change made here: `{ change, code, detail }`. */
export function onRefused(handle, callback) {
  handle.on('ephemeral-message', ({ senderId, message }) => {
    if (senderId === 'maintainpro' && message.type === 'change-refused') callback(message);
  });
}
