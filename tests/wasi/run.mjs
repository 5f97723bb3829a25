// Runs a test binary that was built for WASI. Attacks that it writes down, because Automerge may not come back from them,
// are tried one by one afterwards, each in a process of its own.
// run.mjs BINARY [ARGUMENT…]

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Fewer than this and somebody has taken some away. */
const AT_LEAST = 100;
/** Nothing takes so long that comes to an end. */
const LIMIT_MS = 300_000;

const [binary, ...wanted] = process.argv.slice(2);
const folder = mkdtempSync(path.join(os.tmpdir(), 'attacks-'));
const instance = fileURLToPath(new URL('instance.mjs', import.meta.url));

/** Runs the binary in a fresh instance; gives its exit code and what it said. */
function run(wanted, stdio, env = {}) {
  const args = ['--no-warnings', instance, binary, folder, ...wanted, '--test-threads=1'];
  const child = spawn(process.execPath, args, {
    stdio,
    env: { ...process.env, ...env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let [said, cried] = ['', ''];
  child.stdout?.on('data', (data) => {
    said += data;
  });
  child.stderr?.on('data', (data) => {
    cried += data;
  });
  return new Promise((resolve) => {
    child.once('close', (status) => resolve({ status: status ?? 1, said, cried }));
  });
}

/** What an attack comes to, in the words of `Harm`. */
async function harmOf(attack) {
  const heard = ['ignore', 'pipe', 'pipe'];
  const env = { ATTACK: `/attacks/${attack}` };
  const { status, said, cried } = await run(['one_attack', '--nocapture'], heard, env);
  // Said is said: Node may fall over when an instance has grown large.
  const harm = /came to (\w+)/.exec(said)?.[1];
  if (harm) return harm;
  if (status === 0) return 'nothing';
  if (!/panicked at|RuntimeError/.test(cried)) return 'an end that nobody explains';
  return /^applied$/m.test(said) ? 'Unloadable' : 'Panics';
}

/** Tries attacks until there are none left; gives what was not as it is natively. */
async function tryAll(attacks, found) {
  for (let attack = attacks.pop(); attack; attack = attacks.pop()) {
    const [expected] = readFileSync(path.join(folder, attack), 'utf8').split('\n');
    const harm = await harmOf(attack);
    // What cannot be loaded natively may not even be applied where a number has 32 bits.
    if (harm === expected) found.same += 1;
    else if (expected === 'Unloadable' && harm === 'Panics') found.atOnce += 1;
    else found.other.push(`${attack} comes to ${harm} in WebAssembly and to ${expected} natively`);
  }
}

let { status } = await run(wanted, 'inherit');
try {
  const attacks = status ? [] : readdirSync(folder);
  const found = { same: 0, atOnce: 0, other: [] };
  await Promise.all(Array.from({ length: os.availableParallelism() }, () => tryAll(attacks, found)));
  for (const line of found.other) console.error(line);
  if (!status) console.log(`${found.same} attacks do the same harm as natively, ${found.atOnce} do it at once`);
  const few = !status && found.same < AT_LEAST;
  if (few) console.error(`there were ${AT_LEAST} attacks and more`);
  if (few || found.other.length) status = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status;
