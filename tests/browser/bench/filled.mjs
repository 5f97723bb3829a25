// A server with the demo organisation and so much imported history that there are `count` work orders.

import fs from 'node:fs/promises';
import path from 'node:path';
import { startServer } from '../lib/server.mjs';

const FAULTS = ['REPLACE BUCKET TOOTH', 'ENGINE OIL LEAK', 'TRACK PAD WORN', 'SWING MOTOR NOISY', 'AIR CONDITIONER'];

export async function filledServer(name, count) {
  const server = await startServer(name);
  const [[present]] = await server.sql('select count(*) from work_order');
  const file = path.join(server.folder, 'history.csv');
  await fs.writeFile(file, history(count - Number(present)));
  await server.run('import', 'work-orders', file, '--organisation', 'demo', '--preset', 'excavator', '--json');
  const [[now]] = await server.sql('select count(*) from work_order');
  if (Number(now) !== count) throw new Error(`${now} work orders instead of ${count}`);
  return server;
}

function history(count) {
  const two = (number) => String(number).padStart(2, '0');
  const rows = Array.from({ length: count }, (_, row) => {
    const date = `${2001 + (row % 12)}-${two(1 + (row % 11))}-${two(1 + (row % 28))}`;
    return `${date},E${row % 5},${FAULTS[row % FAULTS.length]} ${row},PM0${1 + (row % 2)},${row}.50`;
  });
  return ['BscStartDate,Asset,OriginalShorttext,PMType,Cost', ...rows, ''].join('\n');
}

/** Waits until everything is on the device. */
export async function everythingLoaded(page) {
  await page.waitForFunction(() => document.body.textContent.includes('All changes saved'), null, {
    polling: 50,
    timeout: 120_000,
  });
}
