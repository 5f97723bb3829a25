// The clock of a device, for what takes longer than a story.

/**
 * Sets a page's clock back, and that of the workers it runs, the engine's among them; it goes on from there.
 * The page that is loaded next has the right time again: to what was written before, that long has passed.
 */
export async function setClockBack(page, millis) {
  const workers = page.workers();
  if (workers.length === 0) throw new Error('the engine is not in this tab, and its clock cannot be set from here');
  for (const place of [page, ...workers]) {
    await place.evaluate((millis) => {
      const Right = Date;
      globalThis.Date = class extends Right {
        constructor(...parts) {
          super(...(parts.length === 0 ? [Right.now() - millis] : parts));
        }

        static now() {
          return Right.now() - millis;
        }
      };
    }, millis);
  }
}
