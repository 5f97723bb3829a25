// Years of work orders as another system exports them, made up with a fixed seed.

import fs from 'node:fs/promises';

const MACHINES = ['A', 'B', 'C', 'D', 'E'];
const DEEDS = ['REPLACE', 'REPAIR', 'CHECK', 'SWAP', 'WELD', 'GREASE'];
const THINGS = ['BUCKET TEETH', "L/H TRACK", 'BOOM CYL', 'SLEW RING', 'FAN BELT', 'HYD HOSE', "CAB DOOR WON'T SHUT"];
const DAY_MS = 86_400_000;

/** Writes a file of this many rows; a few repeat, as in real life. Returns its path. */
export async function writeHistory(file, count) {
  let state = 42;
  const below = (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const pick = (list) => list[below(list.length)];
  const lines = ['BscStartDate,Asset,OriginalShorttext,PMType,Cost'];
  while (lines.length <= count) {
    const date = new Date(Date.UTC(2001, 0, 1) + below(4_000) * DAY_MS).toISOString().slice(0, 10);
    const text = `${pick(DEEDS)} ${pick(THINGS)} ${below(400)}`;
    const line = [date, pick(MACHINES), text, pick(['PM01', 'PM01', 'PM02']), (below(400_000) / 100).toFixed(2)].join(',');
    lines.push(line);
    if (below(16) === 0 && lines.length <= count) lines.push(line);
  }
  await fs.writeFile(file, `${lines.join('\n')}\n`);
  return file;
}
