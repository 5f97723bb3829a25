// PouchDB as a server: express-pouchdb with what replication needs and no more, documents in LevelDB.

import express from 'express';
import expressPouchdb from 'express-pouchdb';
import PouchDB from 'pouchdb';
import { answer } from '../lib/server.mjs';
import { devices } from '../lib/work.mjs';

const SEEDED_AT_ONCE = 1_000;

const folder = process.argv[2];
const Server = PouchDB.defaults({ prefix: `${folder}/` });
const traffic = { requests: 0, bytes: 0 };

const app = express();
app.use((request, response, next) => {
  traffic.requests += 1;
  traffic.bytes += request.url.length + Number(request.headers['content-length'] ?? 0);
  for (const name of ['write', 'end']) {
    const send = response[name].bind(response);
    response[name] = (data, ...rest) => {
      if (typeof data === 'string' || data instanceof Uint8Array) traffic.bytes += Buffer.byteLength(data);
      return send(data, ...rest);
    };
  }
  next();
});
app.use('/', expressPouchdb(Server, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log` }));

const listening = app.listen(0, '127.0.0.1', () =>
  answer(listening.address().port, {
    /** Puts all work orders into a database; gives their revisions by id. */
    seed: async (file) => {
      const database = new Server('work');
      const documents = (await devices(file)).flatMap(({ workOrders }) =>
        workOrders.map(({ id, fields }) => ({ ...fields, _id: id })),
      );
      const revisions = [];
      for (let first = 0; first < documents.length; first += SEEDED_AT_ONCE) {
        for (const { id, rev } of await database.bulkDocs(documents.slice(first, first + SEEDED_AT_ONCE))) {
          revisions.push([id, rev]);
        }
      }
      return revisions;
    },
    traffic: () => traffic,
  }),
);
