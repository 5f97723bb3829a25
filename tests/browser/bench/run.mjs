// Runs the browser benchmarks: all, or those whose file name contains an argument. Each exports
// `measure({ quick })`, which returns metrics `{ metric, value, unit }`.

import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { scratch } from '../lib/paths.mjs';

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
});

const here = new URL('.', import.meta.url).pathname;
const files = (await fs.readdir(here))
  .filter((file) => file.endsWith('.bench.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

try {
  for (const file of files) {
    const { measure } = await import(path.join(here, file));
    const bench = file.replace('.bench.mjs', '');
    for (const { metric, value, unit } of await measure({ quick: options.quick })) {
      if (options.json) console.log(JSON.stringify({ bench, metric, value, unit }));
      else console.log(`${bench.padEnd(20)} ${metric.padEnd(44)} ${value} ${unit}`);
    }
  }
} finally {
  await fs.rm(scratch, { recursive: true, force: true });
}
