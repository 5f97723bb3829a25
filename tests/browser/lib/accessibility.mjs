// WCAG 2.1 AA, as far as a program can tell.

import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** Fails with a line per violation: the rule, what to do, and where. In light and in dark. */
export async function assertAccessible(page) {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await assertNone(page, new AxeBuilder({ page }).withTags(RULES));
  // Dark changes colours and nothing else.
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await assertNone(page, new AxeBuilder({ page }).withRules(['color-contrast']));
}

async function assertNone(page, builder) {
  // Colours begin to change with the frame after the scheme did.
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const passing = document.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity);
    await Promise.allSettled(passing.map(({ finished }) => finished));
  });
  const { violations } = await builder.analyze();
  const lines = violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, any }) => `${id}: ${help} (${target.join(' ')}) ${any[0]?.message ?? ''}`));
  assert.deepEqual(lines, [], `${page.url()} is not accessible`);
}
