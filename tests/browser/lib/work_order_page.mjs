// A work order on a screen, as the person in front of it uses it.

import { PATIENCE_MS, until } from './until.mjs';

const SAVED_HERE = /(\d+) changes? saved on this device/;

export class WorkOrderPage {
  /** Opens a work order on a device, in one of its tabs. */
  static async open(device, id, page = device.page) {
    await device.open(`/work-orders/${id}`, page);
    const shown = new WorkOrderPage(page);
    await shown.isReady();
    return shown;
  }

  /** The same within the app that is open, as by a link: a page that is opened anew would be locked. */
  static async show(device, { id }, page = device.page) {
    await page.evaluate((path) => {
      history.pushState(null, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    }, `/work-orders/${id}`);
    const shown = new WorkOrderPage(page);
    await shown.isReady();
    return shown;
  }

  constructor(page) {
    this.page = page;
    this.main = page.getByRole('main');
    this.next = page.getByRole('group', { name: 'Next step' });
    this.description = page.getByRole('textbox', { name: 'Description' });
    this.resolution = this.main.getByRole('textbox', { name: 'What was done' });
    this.priority = page.getByRole('combobox', { name: 'Priority' });
    this.notes = page.getByRole('list', { name: 'Notes' }).getByRole('listitem');
    this.labour = page.getByRole('list', { name: 'Labour' }).getByRole('listitem');
    this.time = page.getByRole('region', { name: 'Time', exact: true });
    this.parts = page.getByRole('list', { name: 'Parts used' }).getByRole('listitem');
    /** Steps of checklists that are done by a tick. */
    this.ticks = this.main.getByRole('checkbox');
  }

  async isReady() {
    await this.next.waitFor();
  }

  /** Ticks the first steps of the checklist that are not done, and returns what they ask. */
  async tick(count) {
    const asked = [];
    for (let done = 0; done < count; done += 1) {
      const open = this.main.getByRole('checkbox', { checked: false }).first();
      const step = (await open.getAttribute('aria-labelledby')).trim();
      asked.push(await this.page.locator(`#${step}`).evaluate((node) => node.firstChild.textContent.trim()));
      await open.click();
      await this.page.locator(`[role=checkbox][aria-labelledby="${step}"][aria-checked=true]`).waitFor();
    }
    return asked;
  }

  async addNote(text) {
    await this.giveNote(text);
    await this.notes.filter({ hasText: text }).waitFor();
  }

  /** Writes a note and hands it in, whatever becomes of it. */
  async giveNote(text) {
    await this.page.getByRole('textbox', { name: 'Write a note' }).fill(text);
    await this.page.getByRole('button', { name: 'Add note' }).click();
  }

  async addLabour({ hours, minutes, done }) {
    await this.page.getByRole('button', { name: 'Add labour' }).click();
    const sheet = this.page.getByRole('dialog', { name: 'Add labour' });
    await sheet.getByLabel('Hours').fill(String(hours));
    await sheet.getByLabel('Minutes').fill(String(minutes));
    await sheet.getByLabel('What was done').fill(done);
    await sheet.getByRole('button', { name: 'Add labour' }).click();
    await this.labour.filter({ hasText: done }).waitFor();
  }

  /** Takes a part out of the first storeroom that keeps it. */
  async addPart(number, quantity) {
    await this.page.getByRole('button', { name: 'Add part' }).click();
    await this.page.getByRole('searchbox', { name: 'Search parts' }).fill(number);
    await this.page.getByRole('dialog').getByRole('button', { name: number }).click();
    await this.page.getByLabel(/^Quantity/).fill(String(quantity));
    await this.page.getByRole('dialog').getByRole('button', { name: 'Add part' }).click();
    await this.parts.filter({ hasText: number }).waitFor();
  }

  async setPriority(label) {
    await this.priority.selectOption({ label });
  }

  /** Writes before and behind what the description says, letter by letter, and leaves the field. */
  async describe({ before = '', after = '' }) {
    await this.description.press('Control+Home');
    await this.description.pressSequentially(before);
    await this.description.press('Control+End');
    await this.description.pressSequentially(after);
    await this.description.blur();
  }

  /** Adds to what was done, letter by letter, and leaves the field. */
  async resolve(text) {
    await this.resolution.press('Control+End');
    await this.resolution.pressSequentially(text);
    await this.resolution.blur();
  }

  /** The two versions of a field, and the buttons that choose. */
  versions(field) {
    return this.page.getByRole('group', { name: `Two versions of ${field}` });
  }

  /** How many changes the page says are on this device and not with the server. */
  async saved() {
    const [said] = await this.page.getByRole('status').filter({ hasText: SAVED_HERE }).allInnerTexts();
    return said ? Number(SAVED_HERE.exec(said)[1]) : 0;
  }

  /** What was done last is on the device's disk: so many `more` changes than the `before` that were there. */
  async savedMore(before, more = 1) {
    return until(`${more} more saved on this device`, async () => (await this.saved()) >= before + more);
  }

  /** The page admits that something typed here is not on the disk. */
  async notSaved() {
    await this.page.getByRole('status').filter({ hasText: 'Not saved yet' }).first().waitFor();
  }

  /** The server has everything that was done here. */
  async accepted() {
    await this.page.getByRole('status').filter({ hasText: 'All changes saved' }).first().waitFor();
  }

  /** All of these lines stand on the page, in its fields too. */
  async shows(...lines) {
    for (const line of lines) {
      await until(`“${line}” on ${this.page.url()}`, async () => (await this.text()).includes(line));
    }
  }

  /** When each of these lines first stood on the page, in milliseconds since 1970: `{ line: time }`. */
  async whenShows(lines, { within = PATIENCE_MS } = {}) {
    return this.page.evaluate(
      ([lines, within]) =>
        new Promise((resolve, reject) => {
          const seen = {};
          const missing = () => lines.filter((line) => !(line in seen));
          const late = setTimeout(() => reject(new Error(`never shown: ${missing().join(', ')}`)), within);
          const look = () => {
            const main = document.querySelector('main');
            const fields = [...main.querySelectorAll('textarea, input')].map((field) => field.value);
            const text = [main.textContent, ...fields].join('\n');
            for (const line of missing()) if (text.includes(line)) seen[line] = Date.now();
            if (missing().length > 0) return;
            clearInterval(looking);
            clearTimeout(late);
            resolve(seen);
          };
          // What a field holds changes without a mutation.
          const looking = setInterval(look, 20);
        }),
      [lines, within],
    );
  }

  async text() {
    return this.main.evaluate((main) => {
      const fields = [...main.querySelectorAll('textarea, input')].map((field) => field.value);
      return [main.innerText, ...fields].join('\n');
    });
  }
}
