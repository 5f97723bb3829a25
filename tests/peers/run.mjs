// Measures one peer and prints one JSON object a part, with the figures or with why there are none; the limit is how
// long a part waits for one thing.
// run.mjs PEER PART… --file WORK [--runs N] [--seconds LIMIT] [--subscribers N] [--rounds N]

import { parseArgs } from 'node:util';
import { withServer } from './lib/server.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: 'string' },
    runs: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    subscribers: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '50' },
  },
});
const { file, ...numbers } = values;
const options = { file, ...Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, Number(text)])) };
const [name, ...wanted] = positionals;
const peer = await import(new URL(`${name}/index.mjs`, import.meta.url));

await withServer(peer.server, async (server) => {
  const stage = await peer.prepare(server, options);
  for (const part of wanted) {
    try {
      console.log(JSON.stringify({ part, ...(await peer.parts[part](stage, options)) }));
    } catch (error) {
      console.error(error);
      console.log(JSON.stringify({ part, failed: error.message }));
    }
  }
});
// Clients of some peers try to connect again for ever.
process.exit(0);
