// One device: a Chromium process with a profile of its own on disk, and a cable to the server.

import fs from 'node:fs/promises';
import path from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { layCable } from './cable.mjs';
import { freeze } from './freeze.mjs';
import { chromium, scratch } from './paths.mjs';
import { password } from './people.mjs';
import { browserProcess, tabProcess } from './processes.mjs';
import { PATIENCE_MS } from './until.mjs';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--disable-dev-shm-usage',
];
const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** Switches a device on. `phone: true` gives it a small touch screen; `context` adds Playwright options. */
export async function openDevice(server, name, { phone = false, context = {} } = {}) {
  const profile = await fs.mkdtemp(path.join(scratch, 'profile-'));
  const options = { ...(phone ? PHONE : DESK), locale: 'en-GB', timezoneId: 'Europe/London', ...context };
  const cable = await layCable(server.port);
  const device = new Device(name, profile, cable, options);
  if (server.publicUrl) {
    // The name leads to the server, and the way there is the cable.
    const { hostname } = new URL(server.publicUrl);
    device.url = server.publicUrl;
    options.args = [`--host-resolver-rules=MAP ${hostname} 127.0.0.1:${cable.port}`];
  }
  await device.switchOn();
  return device;
}

export class Device {
  #frozen = new Map();

  constructor(name, profile, cable, options) {
    this.name = name;
    this.profile = profile;
    this.cable = cable;
    /** Where it finds the server. */
    this.url = cable.url;
    this.options = options;
    /** Uncaught errors and console errors of its pages, for the report of a failed story. */
    this.errors = [];
    this.uncaught = [];
  }

  /** The address of a path on this device. */
  at(route = '/') {
    return this.url + route;
  }

  /** Starts the browser; what was saved in the profile is there again. */
  async switchOn() {
    this.context = await playwright.launchPersistentContext(this.profile, {
      executablePath: chromium,
      headless: true,
      ...this.options,
      args: [...ARGUMENTS, ...(this.options.args ?? [])],
    });
    this.context.setDefaultTimeout(PATIENCE_MS);
    this.context.on('page', (page) => this.#listen(page));
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.#listen(this.page);
  }

  #listen(page) {
    if (page.isWatched) return;
    page.isWatched = true;
    page.on('pageerror', (error) => {
      this.uncaught.push(error);
      this.errors.push(`uncaught: ${error.stack}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  async open(route = '/', page = this.page) {
    await page.goto(this.at(route));
    return page;
  }

  async newTab(route = '/') {
    return this.open(route, await this.context.newPage());
  }

  /** Signs in through the screen, as a person does. */
  async signIn(email, { page = this.page } = {}) {
    await this.open('/', page);
    await page.locator('input[type=email]').fill(email);
    await page.locator('input[type=password]').fill(password);
    await page.locator('form .btn--primary').click();
    await page.locator('input[type=password]').waitFor({ state: 'detached' });
  }

  /** No network: the cable is pulled and the browser knows it. */
  async goOffline() {
    await this.cable.pull();
    await this.context.setOffline(true);
  }

  async goOnline() {
    await this.cable.plugIn();
    await this.context.setOffline(false);
  }

  /** The whole shell is on the device and answers this page. */
  async shellReady(page = this.page) {
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }

  /** Closes the browser as a person does. */
  async switchOff() {
    await this.context.close();
  }

  /** kill -9 of the whole browser: no unload handler runs, nothing is flushed. */
  async kill() {
    const closed = new Promise((resolve) => this.context.once('close', resolve));
    process.kill(await browserProcess(this.context), 'SIGKILL');
    await closed;
  }

  /** kill -9 of one tab and its workers. */
  async killTab(page = this.page) {
    const kill = await this.tabKiller(page);
    await kill();
  }

  /** What kills a tab, also when it is frozen by then and answers nobody. */
  async tabKiller(page) {
    const tab = await tabProcess(this.context, page);
    return async () => {
      const crashed = new Promise((resolve) => page.once('crash', resolve));
      process.kill(tab, 'SIGKILL');
      this.#frozen.delete(page);
      await crashed;
      await page.close();
    };
  }

  /**
   * Stops a tab and its workers at their next step, as a phone does with a tab that is out of sight; its locks
   * stay held, and the service worker, which is nobody's tab, goes on. Returns what lets it go on. Until then the
   * page answers no question. `atWrite` stops its workers in the middle of their next
   * transaction.
   */
  async freezeTab(page = this.page, { atWrite = false } = {}) {
    const thaw = await freeze(this.context, page, { atWrite });
    this.#frozen.set(page, thaw);
    return async () => {
      this.#frozen.delete(page);
      await thaw();
    };
  }

  /** Switches the device off and forgets it. */
  async discard() {
    for (const thaw of this.#frozen.values()) await thaw();
    await this.context.close().catch(() => {}); // it may have been killed
    await this.cable.pull();
    await fs.rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
