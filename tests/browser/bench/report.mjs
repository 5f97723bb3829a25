// Figures on their way out, in the form the server's benchmarks have.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root } from '../lib/paths.mjs';

const said = (program, ...args) => execFileSync(program, args, { cwd: root, encoding: 'utf8' }).trim();

/** Three digits that count. */
const shown = (value) => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

export function asJson({ metric, ours, unit, goal = '' }) {
  return JSON.stringify({ metric, ours: Number(shown(ours)), peer: null, limit: null, ratio: null, goal, unit });
}

export function asLine({ metric, ours, unit, goal }) {
  return `${metric.padEnd(64)} ${shown(ours).padStart(9)} ${unit.padEnd(12)}${goal ? `  goal: ${goal}` : ''}`;
}

/** Appends a run to docs/benchmarks.md. */
export async function append(metrics, { quick }) {
  if (metrics.length === 0) return;
  const when = said('date', '-u', '+%F %H:%M');
  const commit = said('git', 'describe', '--always', '--dirty');
  const rows = metrics.map(({ metric, ours, unit, goal = '' }) => `| ${metric} | ${shown(ours)} ${unit} | – | – | ${goal} |`);
  const title = `\n## ${when}, commit ${commit}: Chromium${quick ? ', quick' : ''}, ${os.cpus().length} cores\n`;
  const head = ['| what | ours | limit | ratio | goal |', '| --- | --- | --- | --- | --- |'];
  await fs.appendFile(path.join(root, 'docs/benchmarks.md'), [title, ...head, ...rows, ''].join('\n'));
}
