// The post: a real mail server, and what people find in their letter boxes.

import { startMailServer } from '../../mail/server.mjs';
import { until } from './until.mjs';

/** Starts it. */
export async function startPost() {
  const letters = [];
  const { port, close } = await startMailServer({ onletter: (letter) => letters.push(letter) });
  return {
    /** What a server is told to send letters by it. */
    flags: ['--smtp-url', `smtp://127.0.0.1:${port}`, '--mail-from', 'MaintainPro <maintenance@demo.example>'],
    close,
    /** Takes the oldest letter to somebody out of the box, when it comes. */
    async letterTo(address) {
      const index = () => letters.findIndex((letter) => letter.to.includes(address));
      await until(`a letter to ${address} comes`, () => index() >= 0);
      return letters.splice(index(), 1)[0];
    },
  };
}

/** The link that a letter is about. */
export function linkIn(letter) {
  return letter.text.split('\n').find((line) => line.startsWith('http'));
}
