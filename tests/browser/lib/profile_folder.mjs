// What stands in a browser's profile folder, as whoever takes the device apart reads it: every file, its bytes as they
// are, as UTF-16, and unpacked where LevelDB has packed them.

import fs from 'node:fs/promises';
import path from 'node:path';

/** Which of these texts stand anywhere in the folder: `text → files`. Only of those that are found. */
export async function findInProfile(folder, texts) {
  const found = {};
  for (const file of await filesOf(folder)) {
    const bytes = await fs.readFile(file).catch(() => null); // sockets and locks of a browser that runs
    if (!bytes) continue;
    const seen = [bytes, ...unpacked(file, bytes)];
    for (const text of texts) {
      if (writings(text).some((written) => seen.some((content) => content.includes(written)))) {
        (found[text] ??= []).push(path.relative(folder, file));
      }
    }
  }
  return found;
}

async function filesOf(folder) {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

/** A text as UTF-8, in Latin-1 and as UTF-16 in both orders. */
function writings(text) {
  const wide = Buffer.from(text, 'utf16le');
  return [Buffer.from(text, 'utf8'), Buffer.from(text, 'latin1'), wide, Buffer.from(wide).swap16()];
}

/** The blocks of a LevelDB table, unpacked; nothing for other files. */
function unpacked(file, bytes) {
  if (!/\.(ldb|sst)$/.test(file) || bytes.length < 48) return [];
  const blocks = [];
  // The footer names the index, the index every block.
  const footer = bytes.subarray(bytes.length - 48);
  const [, afterMeta] = handle(footer, 0);
  const [index] = handle(footer, afterMeta);
  const indexBlock = block(bytes, index);
  for (const value of entriesOf(indexBlock)) {
    const [where] = handle(value, 0);
    blocks.push(block(bytes, where));
  }
  return blocks;
}

function block(bytes, { offset, size }) {
  const content = bytes.subarray(offset, offset + size);
  return bytes[offset + size] === 1 ? unsnappy(content) : content;
}

function handle(bytes, at) {
  const [offset, next] = varint(bytes, at);
  const [size, end] = varint(bytes, next);
  return [{ offset, size }, end];
}

function varint(bytes, at) {
  let value = 0;
  let shift = 1;
  for (;;) {
    if (at >= bytes.length) throw new RangeError('a number that does not end');
    const byte = bytes[at];
    at += 1;
    value += (byte & 0x7f) * shift;
    if (byte < 0x80) return [value, at];
    shift *= 128;
  }
}

/** The values of a block's entries. */
function* entriesOf(content) {
  const restarts = content.readUInt32LE(content.length - 4);
  const end = content.length - 4 - 4 * restarts;
  let at = 0;
  while (at < end) {
    let shared, rest, length;
    [shared, at] = varint(content, at);
    [rest, at] = varint(content, at);
    [length, at] = varint(content, at);
    at += rest;
    yield content.subarray(at, at + length);
    at += length;
  }
}

function unsnappy(packed) {
  let [length, at] = varint(packed, 0);
  const out = Buffer.alloc(length);
  let to = 0;
  while (at < packed.length) {
    const tag = packed[at];
    at += 1;
    if ((tag & 3) === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = packed.readUIntLE(at, bytes);
        at += bytes;
      }
      packed.copy(out, to, at, at + size + 1);
      at += size + 1;
      to += size + 1;
    } else {
      let size, back;
      if ((tag & 3) === 1) {
        size = ((tag >> 2) & 7) + 4;
        back = ((tag >> 5) << 8) | packed[at];
        at += 1;
      } else {
        const bytes = (tag & 3) === 2 ? 2 : 4;
        size = (tag >> 2) + 1;
        back = packed.readUIntLE(at, bytes);
        at += bytes;
      }
      // What is copied may be what is being written.
      for (; size > 0; size -= 1, to += 1) out[to] = out[to - back];
    }
  }
  return out;
}
