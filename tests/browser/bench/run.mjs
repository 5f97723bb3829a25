// Runs the browser benchmarks: all, or those whose file name contains an argument. Each exports
// `measure({ runs, quick })`, which returns metrics `{ metric, ours, unit, goal }`. They are printed, and appended to
// docs/benchmarks.md.

import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { scratch } from '../lib/paths.mjs';
import { append, asJson, asLine } from './report.mjs';

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
});

const here = new URL('.', import.meta.url).pathname;
const files = (await fs.readdir(here))
  .filter((file) => file.endsWith('.bench.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

const all = [];
try {
  for (const file of files) {
    console.error(`${file.replace('.bench.mjs', '')} in Chromium …`);
    const { measure } = await import(path.join(here, file));
    const metrics = await measure({ quick: options.quick, runs: options.quick ? 3 : 5 });
    for (const metric of metrics) console.log(options.json ? asJson(metric) : asLine(metric));
    all.push(...metrics);
  }
  await append(all, options);
} finally {
  await fs.rm(scratch, { recursive: true, force: true });
}
