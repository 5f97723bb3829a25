// Stops a tab between two steps. Stopping its process would stop the service worker too, which Chromium may run
// in the same one; the debugger stops just the tab and its workers.

/** Stops the page and its workers; returns what lets them go on. */
export async function freeze(context, page) {
  const session = await context.newCDPSession(page);
  const workers = [];
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.push(sessionId);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  let number = 0;
  const tell = async (method) => {
    for (const sessionId of workers) {
      const message = JSON.stringify({ id: (number += 1), method, params: {} });
      await session.send('Target.sendMessageToTarget', { sessionId, message });
    }
    await session.send(method);
  };
  await tell('Debugger.enable');
  await tell('Debugger.pause');
  // Whoever is no longer debugged goes on.
  return () => session.detach();
}
