// What a tab says to the engine, for commands that have no screen yet.

import { randomUUID } from 'node:crypto';

/** Gives a command to the engine of the page's person and waits until it is saved on the device. */
export async function giveCommand(page, command) {
  const answer = await page.evaluate(
    async ({ id, command }) => {
      const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('maintainpro:'));
      const channel = new BroadcastChannel(name);
      const answered = new Promise((resolve) => {
        channel.onmessage = ({ data }) => {
          const heard = JSON.parse(data);
          if (heard.command_id === id) resolve(heard);
        };
      });
      channel.postMessage(JSON.stringify({ ask: 'execute', command_id: id, command }));
      const heard = await answered;
      channel.close();
      return heard;
    },
    { id: uuidV7(), command },
  );
  if (answer.tell !== 'saved') throw new Error(`the engine answered ${JSON.stringify(answer)}`);
}

/** Command ids carry their time. */
function uuidV7() {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
