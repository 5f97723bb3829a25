// The post: a real mail server, and what people find in their inboxes.

import { startMailServer } from '../../mail/server.mjs';
import { until } from './until.mjs';

/** Starts it. */
export async function startMail() {
  const emails = [];
  const { port, close } = await startMailServer({ onemail: (email) => emails.push(email) });
  return {
    /** What a server is told to send emails by it. */
    flags: ['--smtp-url', `smtp://127.0.0.1:${port}`, '--mail-from', 'MaintainPro <maintenance@demo.example>'],
    close,
    /** Takes the oldest email to somebody out of the box, when it comes. */
    async emailTo(address) {
      const index = () => emails.findIndex((email) => email.to.includes(address));
      await until(`an email to ${address} comes`, () => index() >= 0);
      return emails.splice(index(), 1)[0];
    },
  };
}

/** The link that an email is about. */
export function linkIn(email) {
  return email.text.split('\n').find((line) => line.startsWith('http'));
}
