// Runs the stories: all, or those whose file name contains one of the arguments.

import fs from 'node:fs/promises';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { dist, maintainpro, output, scratch } from './lib/paths.mjs';

const stories = new URL('./stories/', import.meta.url).pathname;
const wanted = process.argv.slice(2);

for (const file of [maintainpro, path.join(dist, 'index.html')]) {
  await fs.access(file).catch(() => {
    console.error(`${file} is missing; \`cargo xtask test --only browser\` builds what the stories need`);
    process.exit(1);
  });
}

const files = (await fs.readdir(stories))
  .filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()
  .map((file) => path.join(stories, file));
if (files.length === 0) {
  console.error(`no story is named like ${wanted.join(', ')}`);
  process.exit(1);
}

await fs.rm(output, { recursive: true, force: true });
await fs.mkdir(output, { recursive: true });
await fs.mkdir(scratch, { recursive: true });
process.env.MAINTAINPRO_STORIES_SCRATCH = scratch;

try {
  await new Promise((resolve) => {
    const stream = run({ files, concurrency: 1 });
    stream.on('test:fail', () => {
      process.exitCode = 1;
    });
    stream.compose(spec).pipe(process.stdout);
    stream.on('close', resolve);
    stream.on('end', resolve);
  });
} finally {
  await fs.rm(scratch, { recursive: true, force: true });
}
