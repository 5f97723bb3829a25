// Which process of the operating system runs what.

const BUSY_MS = 200;
const ATTEMPTS = 50;

async function processes(context) {
  const cdp = await context.browser().newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  return processInfo;
}

/** The browser itself. */
export async function browserProcess(context) {
  return (await processes(context)).find(({ type }) => type === 'browser').id;
}

/** The one that runs this tab. Chromium tells nobody, so the tab is kept busy until it is clear which process is. */
export async function tabProcess(context, page) {
  let before = await cpuTimes(context);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await page.evaluate((busy) => {
      const end = performance.now() + busy;
      while (performance.now() < end);
    }, BUSY_MS);
    const after = await cpuTimes(context);
    const worked = [...after].map(([id, time]) => ({ id, time: time - (before.get(id) ?? 0) }));
    const [busiest, second] = worked.sort((a, b) => b.time - a.time);
    if (!second || second.time < busiest.time / 3) return busiest.id;
    // Another one has work of its own, which ends.
    before = after;
  }
  throw new Error('two tabs were busy; which one is meant is unclear');
}

/** How long each process of a tab has run. */
async function cpuTimes(context) {
  const renderers = (await processes(context)).filter(({ type }) => type === 'renderer');
  return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]));
}
