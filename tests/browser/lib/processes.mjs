// Which process of the operating system runs what.

const BUSY_MS = 200;

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

/** The one that runs this tab. Chromium tells nobody, so the tab is kept busy and the busy process is the one. */
export async function tabProcess(context, page) {
  const before = new Map((await processes(context)).map(({ id, cpuTime }) => [id, cpuTime]));
  await page.evaluate((busy) => {
    const end = performance.now() + busy;
    while (performance.now() < end);
  }, BUSY_MS);
  const renderers = (await processes(context)).filter(({ type }) => type === 'renderer');
  const worked = ({ id, cpuTime }) => cpuTime - (before.get(id) ?? 0);
  const [busiest, second] = renderers.sort((a, b) => worked(b) - worked(a));
  if (second && worked(second) > worked(busiest) / 2) throw new Error('two tabs were busy; which one is meant is unclear');
  return busiest.id;
}
