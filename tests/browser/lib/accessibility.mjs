// WCAG 2.1 AA, as far as a program can tell.

import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { PATIENCE_MS } from './until.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** Fails with a line per violation: the rule, what to do, and where. In light and in dark. */
export async function assertAccessible(page, what = page.url()) {
  await assertAccessibleInLight(page, what);
  // Dark changes colours and nothing else.
  await wear(page, 'dark');
  await assertNone(page, `${what} in dark`, (axe) => axe.withRules(['color-contrast']));
}

/** All that does not depend on colours, and the colours of light. */
export async function assertAccessibleInLight(page, what = page.url()) {
  await wear(page, 'light');
  await assertNone(page, `${what} in light`, (axe) => axe.withTags(RULES));
}

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };

/** The same on a phone and at a desk, once what is `shown` is there. The page is as wide as a desk then. */
export async function assertAccessibleInBothSizes(page, shown, what = page.url()) {
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    await shown().waitFor();
    await assertAccessible(page, what);
  }
}

/** Each language, and how closely it is looked at: colours are the same in all of them. */
export const languages = [['en-GB', assertAccessible], ['de-DE', assertAccessibleInLight]];

/** Switches the system's scheme and waits until the page wears its colours and nothing moves. */
async function wear(page, colorScheme) {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.waitForFunction(
    (scheme) => {
      const worn = getComputedStyle(document.documentElement).colorScheme === scheme;
      // What loops does not end; with less motion asked for nothing does.
      const moves = document.getAnimations().some(({ effect, playState }) => playState !== 'finished' && effect.getTiming().iterations !== Infinity);
      return worn && !moves;
    },
    colorScheme,
    { timeout: PATIENCE_MS },
  );
}

async function assertNone(page, what, choose) {
  // Without frames there is nothing to put together on a page of its own, which takes longer than to look.
  assert.equal(page.frames().length, 1, `${what} has frames`);
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const { violations } = await choose(axe).analyze();
  const lines = violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, any }) => `${id}: ${help} (${target.join(' ')}) ${any[0]?.message ?? ''}`));
  assert.deepEqual(lines, [], `${what} is not accessible`);
}

/**
 * Elements that take another scheme's colours later than at once, when the person asked for less motion; such
 * moments show one scheme's ink on the other's ground.
 */
export async function lateColours(page) {
  return page.evaluate(async () => {
    const root = document.documentElement;
    const elements = [...document.querySelectorAll('body, body *')];
    const colours = (element) => {
      const { color, backgroundColor, borderTopColor } = getComputedStyle(element);
      return [color, backgroundColor, borderTopColor].join(' ');
    };
    const late = [];
    for (const scheme of ['dark', 'light']) {
      root.dataset.theme = scheme;
      const atOnce = elements.map(colours);
      for (let moves = document.getAnimations(); moves.length > 0; moves = document.getAnimations()) {
        await Promise.allSettled(moves.map(({ finished }) => finished));
      }
      late.push(...elements.filter((element, index) => colours(element) !== atOnce[index]).map((element) => `${scheme}: ${element.outerHTML.slice(0, 80)}`));
    }
    delete root.dataset.theme;
    return late;
  });
}
