// Stops a tab between two steps. Stopping its process would stop the service worker too, which Chromium may run
// in the same one; the debugger stops just the tab and its workers.

/** Run in the engine: it stops at its next write, with the transaction open and its stores locked. */
const STOP_AT_WRITE = `{
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) { debugger; return put.apply(this, given); };
}`;

/** Stops the page and its workers at their next step, the workers `atWrite` at that; returns what lets them go on. */
export async function freeze(context, page, { atWrite = false } = {}) {
  const session = await context.newCDPSession(page);
  const workers = [];
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.push(sessionId);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  let number = 0;
  const tellWorkers = async (method, params = {}) => {
    for (const sessionId of workers) {
      const message = JSON.stringify({ id: (number += 1), method, params });
      await session.send('Target.sendMessageToTarget', { sessionId, message });
    }
  };
  await tellWorkers('Debugger.enable');
  await session.send('Debugger.enable');
  if (atWrite) await tellWorkers('Runtime.evaluate', { expression: STOP_AT_WRITE });
  else await tellWorkers('Debugger.pause');
  await session.send('Debugger.pause');
  // Whoever is no longer debugged goes on.
  return () => session.detach();
}
