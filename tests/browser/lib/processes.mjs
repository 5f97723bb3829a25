// Which process of the operating system runs what.

const BUSY_MS = 200;
const ATTEMPTS = 10;

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
  const before = new Map((await processes(context)).map(({ id, cpuTime }) => [id, cpuTime]));
  const worked = ({ id, cpuTime }) => cpuTime - (before.get(id) ?? 0);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await page.evaluate((busy) => {
      const end = performance.now() + busy;
      while (performance.now() < end);
    }, BUSY_MS);
    const renderers = (await processes(context)).filter(({ type }) => type === 'renderer');
    const [busiest, second] = renderers.sort((a, b) => worked(b) - worked(a));
    if (!second || worked(second) < worked(busiest) / 3) return busiest.id;
  }
  throw new Error('two tabs were busy; which one is meant is unclear');
}
