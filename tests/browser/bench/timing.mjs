// Taking times, in a page and beside it.

export const median = (values) => percentile(values, 0.5);

/** The value below which this share of the values lies. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

/** Milliseconds something takes. */
export async function timed(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

const sessions = new WeakMap();

/** Slows the page's main thread; workers keep their pace, which Chromium cannot change. Lasts as long as its session. */
export async function throttle(page, rate) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  await sessions.get(page).send('Emulation.setCPUThrottlingRate', { rate });
}

/** Waits for an element with the precision of a frame; milliseconds since the page's navigation began. */
export async function appears(page, selector) {
  const found = await page.waitForFunction(
    (selector) => (document.querySelector(selector) ? performance.now() : false),
    selector,
    { polling: 'raf', timeout: 120_000 },
  );
  return found.jsonValue();
}

/** From now on notes how long the main thread was busy without a pause. */
export async function watchLongTasks(page) {
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
}

/** How long each task took that kept the main thread busy for more than 50 ms, in milliseconds. */
export async function longTasks(page) {
  return page.evaluate(() => window.longTasks);
}

export async function longestTask(page) {
  return Math.max(0, ...(await longTasks(page)));
}

/** How long a page may keep somebody waiting who waits for it to have nothing to do, in milliseconds. */
const NEVER_IDLE_MS = 2_000;

/** What was to be done is done and drawn, as far as the page ever comes to rest. */
export async function atRest(page) {
  await page.evaluate((timeout) => {
    const idle = () => new Promise((resolve) => requestIdleCallback(resolve, { timeout }));
    const drawn = () => new Promise((resolve) => requestAnimationFrame(resolve));
    return idle().then(drawn).then(idle);
  }, NEVER_IDLE_MS);
}
