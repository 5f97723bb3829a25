// A client that does what it is told, one line of JSON each: a test in Rust holds the strings.

import * as Automerge from '@automerge/automerge';
import readline from 'node:readline';
import { connect, onRefused, open } from './connect.mjs';

const [server, organisation, email, password] = process.argv.slice(2);
const RETRY_MS = 100;

// The client throws what goes wrong while it connects, and goes on trying.
process.on('uncaughtException', (error) => {
  if (error.code === undefined) throw error;
});

const repo = await connect(server, { organisation, email, password }, RETRY_MS);
const handles = new Map();
const refused = [];
const heard = [];

/** The map that holds the last key of a path. */
const holder = (document, path) => path.slice(0, -1).reduce((map, key) => map[key], document);

/** Strings that are replaced as a whole, as most fields have them; other values as they are. */
const value = (given) => (typeof given === 'string' ? new Automerge.ImmutableString(given) : given);

const put = (path, given) => (document) => {
  holder(document, path)[path.at(-1)] = value(given);
};

const actions = {
  /** Is there such a document for this person? */
  async find({ id }) {
    try {
      const handle = await open(repo, id);
      if (!handles.has(id)) {
        onRefused(handle, (notice) => refused.push(notice));
        handle.on('ephemeral-message', ({ senderId, message }) => heard.push({ senderId, message }));
      }
      handles.set(id, handle);
      return true;
    } catch (error) {
      if (!/unavailable/.test(error.message)) throw error;
      return false;
    }
  },
  put: ({ id, path, value }) => handles.get(id).change(put(path, value)),
  remove: ({ id, path }) =>
    handles.get(id).change((document) => {
      delete holder(document, path)[path.at(-1)];
    }),
  /** Replaces a text by the smallest difference. */
  text: ({ id, path, text }) => handles.get(id).change((document) => Automerge.updateText(document, path, text)),
  /** Edits as of older heads. */
  putAt: ({ id, heads, path, value }) =>
    void handles.get(id).update((document) => Automerge.changeAt(document, heads, put(path, value)).newDoc),
  heads: ({ id }) => Automerge.getHeads(handles.get(id).doc()),
  read: ({ id }) => handles.get(id).doc(),
  create: () => repo.create({ kind: new Automerge.ImmutableString('work_order') }).documentId,
  /** The handle's changes as this client made them, for looking at. */
  actor: ({ id }) => Automerge.getActorId(handles.get(id).doc()),
  whisper: ({ id, message }) => handles.get(id).broadcast(message),
  refused: () => refused,
  heard: () => heard,
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { action, ...what } = JSON.parse(line);
  const answer = {};
  try {
    answer.done = (await actions[action](what)) ?? null;
  } catch (error) {
    answer.failed = String(error.stack ?? error);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit();
