// Runs the stories: all, or those whose file name contains one of the arguments. As many files at a time as there are
// cores; then, one after the other, those in `stories/alone`, which hold screens to a time.

import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { dist, maintainpro, output, scratch } from './lib/paths.mjs';
import { prepareData } from './lib/server.mjs';

const stories = new URL('./stories/', import.meta.url).pathname;
const wanted = process.argv.slice(2);

/** Browsers are large: a machine of many cores has no memory for one on each. */
const AT_A_TIME = Math.min(os.availableParallelism(), 4);
/** They begin, so that none of them is told alone at the end. */
const LONGEST = ['accessibility', 'open_things', 'cold_start'];

for (const file of [maintainpro, path.join(dist, 'index.html')]) {
  await fs.access(file).catch(() => {
    console.error(`${file} is missing; \`cargo xtask test --only browser\` builds what the stories need`);
    process.exit(1);
  });
}

const together = await storiesIn(stories);
const alone = await storiesIn(path.join(stories, 'alone'));
if (together.length + alone.length === 0) {
  console.error(`no story is named like ${wanted.join(', ')}`);
  process.exit(1);
}

await fs.rm(output, { recursive: true, force: true });
await fs.mkdir(output, { recursive: true });
await fs.mkdir(scratch, { recursive: true });
process.env.MAINTAINPRO_STORIES_SCRATCH = scratch;

try {
  await prepareData();
  await pipeline(Readable.from(tell()), new spec(), process.stdout, { end: false });
} finally {
  await fs.rm(scratch, { recursive: true, force: true });
}

/** The wanted files of a folder, the longest first. */
async function storiesIn(folder) {
  const rank = (name) => LONGEST.toReversed().findIndex((long) => name.startsWith(long));
  return (await fs.readdir(folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .sort()
    .sort((one, other) => rank(other) - rank(one))
    .map((name) => path.join(folder, name));
}

/** What happens, event by event. */
async function* tell() {
  for (const [files, concurrency] of [[together, AT_A_TIME], [alone, 1]]) {
    if (files.length === 0) continue;
    for await (const event of run({ files, concurrency })) {
      if (event.type === 'test:fail') process.exitCode = 1;
      yield event;
    }
  }
}
