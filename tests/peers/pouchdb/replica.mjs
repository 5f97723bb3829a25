// A PouchDB client that keeps its documents in memory.

import PouchDB from 'pouchdb';
import memory from 'pouchdb-adapter-memory';

PouchDB.plugin(memory);

/** Batches larger than the hundred documents PouchDB takes by itself. */
export const LARGE_BATCH = 1_000;

export const replica = (name) => new PouchDB(name, { adapter: 'memory' });

export const replicate = (remote, local, options) => PouchDB.replicate(remote, local, options);
