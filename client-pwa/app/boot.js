// Starts the app and looks after the service worker. The app hears about a new version through
// `maintainpro:update-ready` and answers with `maintainpro:accept-update` when the person agrees;
// nothing is reloaded before that, so nothing that is being typed is lost.
import init from './app/client_app.js';

// A string becomes code in these two places and nowhere else; the server's headers ask every browser that knows Trusted Types
// to hold the page to it.
const SCRIPTS = ['/engine-worker.js', '/service-worker.js'];
globalThis.trustedTypes?.createPolicy('default', {
  createScriptURL: (url) => (SCRIPTS.includes(url) ? url : null),
});

const CHECK_EVERY_MS = 60 * 60 * 1000;

try {
  await init();
} catch (error) {
  console.error(error);
  document.querySelector('#boot-failed')?.removeAttribute('hidden');
}
// Also after a failed start: the next version may be the cure.
if ('serviceWorker' in navigator) {
  watchForUpdates().catch((error) => console.warn('The offline shell could not be prepared', error));
}

async function watchForUpdates() {
  const container = navigator.serviceWorker;
  let controller = container.controller;
  let accepted = false;
  let waiting = null;

  const announce = (worker) => {
    waiting = worker;
    window.dispatchEvent(new CustomEvent('maintainpro:update-ready'));
  };

  window.addEventListener('maintainpro:accept-update', () => {
    accepted = true;
    if (waiting?.state === 'installed') waiting.postMessage({ type: 'SKIP_WAITING' });
    else location.reload();
  });

  container.addEventListener('controllerchange', () => {
    const replaced = controller !== null;
    controller = container.controller;
    if (accepted) location.reload();
    // Another tab accepted: this one keeps what it shows and offers the reload again.
    else if (replaced) announce(null);
  });

  const registration = await container.register('/service-worker.js', { updateViaCache: 'none' });
  if (registration.waiting && controller) announce(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && controller) announce(worker);
    });
  });

  let checkedAt = performance.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || performance.now() - checkedAt < CHECK_EVERY_MS) return;
    checkedAt = performance.now();
    registration.update().catch(() => {}); // offline: the next look will do
  });
}
