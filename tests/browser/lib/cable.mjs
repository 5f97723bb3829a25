// The network cable between one device and the server. Pulling it cuts every open connection, sockets of
// workers included, which the browser's own offline switch does not promise.

import net from 'node:net';
import { Transform } from 'node:stream';
import { freePort } from './ports.mjs';

export async function layCable(serverPort) {
  const cable = new Cable(serverPort, await freePort());
  await cable.plugIn();
  return cable;
}

/** The target of a request that begins here, as `/api/session`. */
const REQUEST = /^[A-Z]+ (\S+) HTTP\/1\.1\r\n/;

class Cable {
  #wires = new Set();
  /** What the device says to these targets waits. */
  #held = new Map();
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

  /** What the device says from now on where a request began with this is kept back; returns what lets it go. */
  hold(target) {
    const waiting = [];
    this.#held.set(target, waiting);
    return () => {
      this.#held.delete(target);
      for (const pass of waiting) pass();
    };
  }

  #join(near) {
    const far = net.connect(this.serverPort, '127.0.0.1');
    let target = '';
    const outward = new Transform({
      transform: (bytes, _encoding, pass) => {
        target = REQUEST.exec(bytes.toString('latin1'))?.[1] ?? target;
        const held = [...this.#held].find(([beginning]) => target.startsWith(beginning));
        if (held) held[1].push(() => pass(null, bytes));
        else pass(null, bytes);
      },
    });
    near.pipe(outward).pipe(far);
    far.pipe(near);
    for (const [wire, other] of [[near, far], [far, near]]) {
      this.#wires.add(wire);
      wire.setNoDelay(true);
      wire.on('error', () => other.destroy());
      wire.on('close', () => {
        this.#wires.delete(wire);
        other.destroy();
      });
    }
  }
}
