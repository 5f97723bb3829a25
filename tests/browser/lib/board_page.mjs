// The live board, as a supervisor watches it.

import { allAccepted } from './sync_panel.mjs';
import { PATIENCE_MS } from './until.mjs';

export class BoardPage {
  static async open(device) {
    await device.open('/board');
    const board = new BoardPage(device.page);
    await device.page.getByRole('heading', { name: 'Live board' }).waitFor();
    return board;
  }

  constructor(page) {
    this.page = page;
    /** Requests the page or its engine made since `countRequests`. */
    this.requests = [];
  }

  /** Connected, with every row on the device. */
  async isLive() {
    await this.page.getByText('Live', { exact: true }).waitFor();
    await allAccepted(this.page);
  }

  countRequests() {
    this.page.on('request', (request) => this.requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  }

  card(number) {
    return this.page.getByRole('article', { name: number });
  }

  column(status) {
    return this.page.getByRole('group', { name: status, exact: true });
  }

  /** Assigns a person, or takes them off again. */
  async toggleAssignment(number, person) {
    await this.card(number).getByRole('button', { name: `Assign ${number}` }).click();
    await this.card(number).getByRole('menuitemradio', { name: person }).click();
  }

  /** Finds work by its number; the board shows its first cards only. */
  async search(text) {
    await this.page.getByRole('searchbox', { name: 'Find work or asset' }).fill(text);
  }

  /** When a card first shows a text, in milliseconds since 1970. */
  async whenCardShows(number, text, { within = PATIENCE_MS } = {}) {
    return this.page.evaluate(
      ([number, text, within]) =>
        new Promise((resolve, reject) => {
          setTimeout(() => reject(new Error(`the card of ${number} never showed “${text}”`)), within);
          const look = () => {
            // Its text as it stands, without a layout of the page for every look.
            const card = document.querySelector(`article[aria-label^="${number} "]`);
            if (!card?.textContent.includes(text)) return;
            observer.disconnect();
            resolve(Date.now());
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
          look();
        }),
      [number, text, within],
    );
  }
}
