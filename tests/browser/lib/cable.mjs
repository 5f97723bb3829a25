// The network cable between one device and the server. Pulling it cuts every open connection, sockets of
// workers included, which the browser's own offline switch does not promise.

import net from 'node:net';
import { freePort } from './ports.mjs';

export async function layCable(serverPort) {
  const cable = new Cable(serverPort, await freePort());
  await cable.plugIn();
  return cable;
}

class Cable {
  #wires = new Set();
  #listener = null;

  constructor(serverPort, port) {
    this.serverPort = serverPort;
    this.port = port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connects; the device keeps its address over its whole life, because its stored work belongs to it. */
  async plugIn() {
    if (this.#listener) return;
    this.#listener = net.createServer((near) => this.#join(near));
    await new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(this.port, '127.0.0.1', resolve);
    });
  }

  /** Cuts what is open and refuses what comes. */
  async pull() {
    if (!this.#listener) return;
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    this.#listener = null;
    for (const wire of this.#wires) wire.destroy();
    await closed;
  }

  #join(near) {
    const far = net.connect(this.serverPort, '127.0.0.1');
    for (const [wire, other] of [[near, far], [far, near]]) {
      this.#wires.add(wire);
      wire.setNoDelay(true);
      wire.pipe(other);
      wire.on('error', () => other.destroy());
      wire.on('close', () => {
        this.#wires.delete(wire);
        other.destroy();
      });
    }
  }
}
