// The checklists of a work order on a screen, step by step, each answered as the person in front of it does.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { until } from './until.mjs';

export class ChecklistPage {
  constructor(page) {
    this.page = page;
  }

  /** A step by what it asks. */
  step(label) {
    return this.page.getByRole('group', { name: label }).first();
  }

  async tick(label) {
    await this.step(label).getByRole('checkbox', { name: label }).click();
  }

  /** Pass, Fail or N/A. */
  async judge(label, result) {
    await this.step(label).getByRole('radio', { name: result, exact: true }).click();
  }

  /** One of some options, or one more of several. */
  async choose(label, option) {
    await this.step(label).getByText(option, { exact: true }).click();
  }

  /** Types into the step's own field and leaves it. */
  async write(label, text) {
    const field = this.step(label).getByRole('textbox', { name: label });
    await field.fill(text);
    await field.blur();
  }

  /** Types into the field that has the focus, and leaves it. */
  async writeAgain(label, text) {
    await this.step(label).getByRole('button', { name: 'Take again' }).click();
    const field = this.step(label).locator('input:focus');
    await field.fill(text);
    await field.blur();
  }

  async remark(label, text) {
    const field = this.step(label).getByLabel('Why is that?');
    await field.fill(text);
    await field.blur();
  }

  /** A day and a time on the device's own calendar: `2026-07-03T06:45`. */
  async date(label, text) {
    await this.step(label).locator('input[type=datetime-local]').fill(text);
  }

  /** Every line of the checklists: what it asks, what is chosen and what stands in its fields. */
  async lines() {
    return this.page.getByRole('main').evaluate((main) =>
      [...main.querySelectorAll('.step, .step__section')].map((line) => {
        const question = line.querySelector('.step__q');
        if (!question) return [line.textContent.trim()];
        const chosen = [...line.querySelectorAll('[aria-checked=true]')].map((choice) => choice.textContent.trim());
        const written = [...line.querySelectorAll('input, textarea')].map((field) => field.value);
        return [question.firstChild.textContent.trim(), ...chosen, ...written];
      }),
    );
  }

  /** The checklists show these lines and no other. */
  async shows(lines) {
    let shown;
    const same = async () => {
      shown = await this.lines();
      return isDeepStrictEqual(shown, lines);
    };
    await until('the checklists show what was answered', same).catch(() => assert.deepEqual(shown, lines));
  }
}
