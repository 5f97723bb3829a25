// The sync panel: where every change of this device stands.

/** The line that is always in sight says so. */
export async function showsSync(page, text, options = {}) {
  await page.getByText(text).first().waitFor({ state: 'attached', ...options });
}

/** The server has everything, and the device has everything of the server. */
export async function allAccepted(page, options = {}) {
  await showsSync(page, 'All changes saved', options);
}

export class SyncPanel {
  /** Opens it from the bar of a phone's main pages. */
  static async open(page) {
    await page.getByRole('banner').locator('button[aria-haspopup=dialog]').click();
    const panel = new SyncPanel(page);
    await panel.sheet.waitFor();
    return panel;
  }

  constructor(page) {
    this.page = page;
    this.sheet = page.getByRole('dialog', { name: 'Sync and storage' });
    this.changes = this.sheet.getByRole('list', { name: 'Changes from this device' }).getByRole('listitem');
  }

  /** Waits for a change in a state. */
  async shows(change, state) {
    await this.changes.filter({ hasText: change }).filter({ hasText: state }).first().waitFor();
  }

  /** From now on notes each state a change is shown in, and when (in milliseconds since 1970); returns what reads it. */
  async follow(change) {
    await this.sheet.evaluate((sheet, change) => {
      window.told = [];
      const look = () => {
        const row = [...sheet.querySelectorAll('li')].find((row) => row.textContent.includes(change));
        const state = row?.querySelector('.sync').textContent.trim();
        if (state && state !== window.told.at(-1)?.state) window.told.push({ state, at: Date.now() });
      };
      new MutationObserver(look).observe(sheet, { subtree: true, childList: true, characterData: true });
      look();
    }, change);
    return () => this.page.evaluate(() => window.told);
  }

  async isConnected() {
    await this.sheet.getByText('Connected. Changes go out as you make them.').waitFor();
  }

  async isCutOff() {
    await this.sheet.getByText('No connection right now. Your work is safe on this device.').waitFor();
  }

  async close() {
    await this.sheet.getByRole('button', { name: 'Close' }).click();
    await this.sheet.waitFor({ state: 'detached' });
  }

  /** Exports the unsent work and returns what is in the file. */
  async export() {
    const downloading = this.page.waitForEvent('download');
    await this.sheet.getByRole('button', { name: /^Export/ }).click();
    const download = await downloading;
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return { name: download.suggestedFilename(), file: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  }
}
