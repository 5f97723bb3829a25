// A mail server on a free port of this machine. The first line it writes is {"port":…}; then a line for each email it
// took: {"from":…,"to":…,"subject":…,"text":…,"html":…}. `node server.mjs 2` refuses the first two emails, as a mail server
// does that is busy, and writes {"refused":…} for each.

import { simpleParser } from 'mailparser';
import { pathToFileURL } from 'node:url';
import { SMTPServer } from 'smtp-server';

/** Starts a mail server; `onemail` hears of every email it took, `onrefused` of every one it did not. */
export function startMailServer({ onemail, onrefused = () => {}, refuse = 0 }) {
  let left = refuse;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(address, _session, done) {
      if (left <= 0) return done();
      left -= 1;
      onrefused(address.address);
      return done(Object.assign(new Error('Busy, come back later'), { responseCode: 451 }));
    },
    onData(stream, session, done) {
      simpleParser(stream).then((email) => {
        const [from, to] = [session.envelope.mailFrom.address, session.envelope.rcptTo.map((each) => each.address)];
        onemail({ from, to, subject: email.subject, text: email.text, html: email.html });
        done();
      }, done);
    },
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const close = () => new Promise((closed) => server.close(closed));
      resolve({ port: server.server.address().port, close });
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const refuse = Number(process.argv[2] ?? 0);
  const { port } = await startMailServer({ onemail: say, onrefused: (refused) => say({ refused }), refuse });
  say({ port });
}
