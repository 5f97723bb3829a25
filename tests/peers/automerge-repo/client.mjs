// Unmodified clients of automerge-repo.

import { Repo } from '@automerge/automerge-repo';
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket';
import { documentId } from './document_id.mjs';

/** A client that holds these work orders and is not connected yet. */
export function client(workOrders) {
  const repo = new Repo({});
  const handles = workOrders.map(({ id, saved }) => repo.import(saved, { docId: documentId(id) }));
  return { repo, handles };
}

/** Connects; the adapter that does it may be told to disconnect. */
export function connect({ repo }, port) {
  const adapter = new WebSocketClientAdapter(`ws://127.0.0.1:${port}`);
  repo.networkSubsystem.addNetworkAdapter(adapter);
  return adapter;
}

/** Calls back with the handle each time the server says which heads it has. */
export function onServerHeads({ handles }, callback) {
  for (const handle of handles) handle.on('remote-heads', ({ heads }) => callback(handle, heads));
}

/** Resolves when the server has said of each document that it has what this client has. */
export function inSync(clients, missing) {
  return new Promise((resolve) => {
    for (const handle of clients.flatMap(({ handles }) => handles)) {
      let said = '';
      const compare = () => {
        if (said !== String(handle.heads()) || !missing.delete(handle.documentId)) return;
        if (missing.size === 0) resolve();
      };
      handle.on('remote-heads', ({ heads }) => {
        said = String(heads);
        compare();
      });
      handle.on('heads-changed', compare);
    }
  });
}
