// What the app says, in the languages it speaks: read from its own files, so that a story can be told in any.

import fs from 'node:fs/promises';
import path from 'node:path';
import { root } from './paths.mjs';

const LOCALES = path.join(root, 'client-pwa/app/locales');

/** A language as a browser asks for it, and `say('sign-in')`: the app's words, as far as they are always the same. */
export async function speaking(tag) {
  const folder = path.join(LOCALES, tag.split('-')[0]);
  const words = new Map();
  for (const file of await fs.readdir(folder)) {
    const lines = (await fs.readFile(path.join(folder, file), 'utf8')).split('\n');
    for (const line of lines) {
      const [, key, text] = /^([a-z][\w-]*) = ([^{]+)$/.exec(line) ?? [];
      if (key) words.set(key, text.trim());
    }
  }
  const say = (key) => {
    if (!words.has(key)) throw new Error(`${tag} has no words for ${key}`);
    return words.get(key);
  };
  return { tag, say };
}
