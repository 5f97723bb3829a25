// A peer's server in a process of its own, and the questions it answers about itself.

import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Starts a server script with an empty folder; gives its port, a way to ask, and a way to stop it. */
export async function start(script) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'peer-'));
  const child = fork(new URL(script), [folder], {
    execArgv: ['--expose-gc', '--max-old-space-size=4096'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map();
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const port = await new Promise((resolve, reject) => {
    child.once('message', ({ port }) => resolve(port));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  child.on('message', ({ id, answer, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(error));
    else resolve?.(answer);
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the server ended with ${code}`));
  });
  let asked = 0;
  const ask = (what, argument) =>
    new Promise((resolve, reject) => {
      waiting.set(asked, { resolve, reject });
      child.send({ id: asked, what, argument });
      asked += 1;
    });
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    await fs.rm(folder, { recursive: true, force: true });
  };
  return { port, ask, stop };
}

/** Runs something with a server and takes the server down afterwards. */
export async function withServer(script, work) {
  const server = await start(script);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** In the server's process: says where it listens and answers questions from then on. */
export function answer(port, questions) {
  const known = {
    /** Processor time of all threads so far, in microseconds. */
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    /** Bytes of memory that are in use. */
    memory: () => {
      globalThis.gc();
      return process.memoryUsage().rss;
    },
    ...questions,
  };
  process.on('message', async ({ id, what, argument }) => {
    try {
      process.send({ id, answer: await known[what](argument) });
    } catch (error) {
      process.send({ id, error: String(error.stack ?? error) });
    }
  });
  // Whoever asked is gone, perhaps without having stopped this server.
  process.on('disconnect', () => {
    rmSync(process.argv[2], { recursive: true, force: true });
    process.exit();
  });
  process.send({ port });
}
