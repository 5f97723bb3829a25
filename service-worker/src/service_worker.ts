// The shell's keeper: it makes the app start without a network and hands over to a new version only
// when the page says so. It knows files and addresses, no business rule.

import { install, removeOlderCaches } from './precache';
import { answer } from './routing';

declare const self: ServiceWorkerGlobalScope;

/** What a page may ask of the worker. */
type Message = { type: 'SKIP_WAITING' };

self.addEventListener('install', (event) => {
  // No skipWaiting here: an open page keeps the files it was started with until the person agrees.
  event.waitUntil(install());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(removeOlderCaches().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const response = answer(event.request);
  if (response) event.respondWith(response);
});

self.addEventListener('message', (event) => {
  const message = event.data as Message | null;
  if (message?.type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
});
