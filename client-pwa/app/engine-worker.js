// The module worker that runs the engine. A dedicated worker delivers messages from the moment this
// script first waits, so those that arrive while the WASM loads are kept and handed over in order.
import init, { start } from './engine/client_engine.js';

const early = [];
const keep = (event) => early.push(event);
self.addEventListener('message', keep);

await init();
start();

self.removeEventListener('message', keep);
for (const { data, ports } of early) {
  self.dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
}
