// A real server on a data folder and a port of its own: started, killed, started again.

import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { dist, maintainpro, scratch } from './paths.mjs';
import { freePort } from './ports.mjs';
import { startMail } from './mail.mjs';
import { until } from './until.mjs';

const execute = promisify(execFile);

/** A data folder, with the demo or without, which every server gets a copy of: made by the first who wants it. */
async function preparedData(seeded) {
  const folder = path.join(scratch, seeded ? 'seeded' : 'empty');
  const made = await fs.access(folder).then(() => true, () => false);
  if (!made) {
    const unfinished = `${folder}.unfinished`;
    await execute(maintainpro, [seeded ? 'seed' : 'migrate', '--data', unfinished], { maxBuffer: 1 << 26 });
    await fs.rename(unfinished, folder);
  }
  return folder;
}

/** Makes both data folders, before stories that are told at the same time want them. */
export async function prepareData() {
  await Promise.all([preparedData(true), preparedData(false)]);
}

/**
 * Starts a server. `seeded: false` gives one without the demo organisations, `pwa` another build of the client, `mail: true`
 * a mail server, and an address of its own for emails to lead to.
 */
export async function startServer(name, { seeded = true, pwa = dist, mail = false } = {}) {
  await fs.mkdir(scratch, { recursive: true });
  const folder = await fs.mkdtemp(path.join(scratch, `${name}-`));
  await fs.chmod(folder, 0o711);
  const data = path.join(folder, 'data');
  await execute('cp', ['-a', await preparedData(seeded), data]);
  const server = new Server(folder, data, await freePort(), pwa);
  if (mail) server.mail = await startMail();
  await server.start();
  return server;
}

export class Server {
  #process = null;
  /** PostgreSQL does not stop while somebody holds a table. */
  #letGo = async () => {};

  constructor(folder, data, port, pwa) {
    this.folder = folder;
    this.data = data;
    this.port = port;
    this.pwa = pwa;
    this.url = `http://127.0.0.1:${port}`;
    this.log = path.join(folder, 'server.log');
    /** The mail server, where there is one. */
    this.mail = null;
  }

  /** The address that people type, when it is not where the server listens; a name of this machine counts as safe. */
  get publicUrl() {
    return this.mail ? `http://maintenance.localhost:${this.port}` : null;
  }

  /**
   * Starts the process, also after `kill` or `stop`: same port, same data. `dieAt: 'after-commit:2'` ends it when it
   * passes that point of its work for the second time, as abruptly as `kill` does, be it before anybody sees that it is
   * ready; debug builds only.
   */
  async start({ dieAt } = {}) {
    const log = openSync(this.log, 'a');
    const args = ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, '--pwa', this.pwa];
    if (this.mail) args.push('--public-url', this.publicUrl, ...this.mail.flags);
    const env = dieAt ? { ...process.env, MAINTAINPRO_CRASH_AT: dieAt } : process.env;
    const child = spawn(maintainpro, args, { env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#process = child;
    child.ended = new Promise((resolve) => child.once('exit', resolve));
    await until('the server is ready', async () => {
      if (dieAt && child.signalCode !== null) return true;
      const ended = child.exitCode ?? child.signalCode;
      if (ended !== null) throw new Error(`the server ended with ${ended}:\n${await this.logTail()}`);
      return fetch(`${this.url}/readyz`).then((response) => response.ok, () => false);
    });
  }

  /** kill -9: nothing is flushed, nobody is told. PostgreSQL, a process of its own, lives on. */
  async kill() {
    this.#process.kill('SIGKILL');
    await this.#process.ended;
  }

  /** The process that was to die has died. */
  async died() {
    await until('the server has died', () => this.#process.exitCode !== null || this.#process.signalCode !== null);
  }

  /** PostgreSQL ends as with `pg_ctl stop -m immediate`: no transaction under way is finished, nothing is flushed. */
  async killDatabase() {
    const [postmaster] = await this.#postmaster();
    process.kill(Number(postmaster), 'SIGQUIT');
  }

  /** Nothing is written to the feed from now on, as when the disk hangs; reading goes on. Returns what lets go. */
  async holdFeed() {
    const holder = spawn('psql', [...(await this.#whereIsDatabase()), '-X', '-q', '-A', '-t'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    holder.stdin.on('error', () => {}); // the database may be killed under it
    const held = new Promise((resolve) => holder.stdout.once('data', resolve));
    holder.stdin.write("begin; lock table feed in share mode; select 'held';\n");
    await held;
    this.#letGo = async () => {
      holder.stdin.end();
      await ended;
    };
    return this.#letGo;
  }

  /** Somebody's transaction is under way and cannot go on while the feed is held. */
  async isHeldUp() {
    const query = "select count(*) from pg_locks where relation = 'feed'::regclass and not granted";
    await until('a transaction waits', async () => Number((await this.sql(query))[0][0]) > 0);
  }

  /** A clean stop, PostgreSQL included. */
  async stop() {
    this.#process.kill('SIGTERM');
    await this.#process.ended;
  }

  /** Copies the data while the server stands still, and returns what puts the copy in its place again. */
  async backUp() {
    const backup = path.join(this.folder, 'backup');
    await this.stop();
    await execute('cp', ['-a', this.data, backup]);
    await this.start();
    return async () => {
      await this.stop();
      await fs.rm(this.data, { recursive: true });
      await fs.rename(backup, this.data);
      await this.start();
    };
  }

  /** Stops whatever runs and removes the data. */
  async discard() {
    await this.#letGo();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      await this.start(); // a killed server left its PostgreSQL running
    }
    await this.stop();
    await this.mail?.close();
    await fs.rm(this.folder, { recursive: true, force: true });
  }

  /** Runs the program itself on this data: `server.run('verify-projections')`. */
  async run(...args) {
    const [command, ...rest] = args;
    return execute(maintainpro, [command, '--data', this.data, ...rest], { maxBuffer: 1 << 26 });
  }

  /** What psql answers, past every row policy: an array of rows, each an array of strings. */
  async sql(query) {
    const where = await this.#whereIsDatabase();
    // Texts have line ends and tabs of their own.
    const shape = ['-X', '-A', '-t', '-F', '\x1f', '-R', '\x1e', '-v', 'ON_ERROR_STOP=1'];
    const { stdout } = await execute('psql', [...where, ...shape, '-c', query], { maxBuffer: 1 << 26 });
    return stdout.replace(/\n$/, '').split('\x1e').filter(Boolean).map((row) => row.split('\x1f'));
  }

  /** The lines of the postmaster's pid file. */
  async #postmaster() {
    const text = await fs.readFile(path.join(this.data, 'postgres/cluster/postmaster.pid'), 'utf8');
    return text.split('\n');
  }

  async #whereIsDatabase() {
    const socket = (await this.#postmaster())[4];
    return ['-h', socket, '-U', 'postgres', '-d', 'maintainpro'];
  }

  async logTail() {
    const text = await fs.readFile(this.log, 'utf8').catch(() => '');
    return text.split('\n').slice(-40).join('\n');
  }
}
