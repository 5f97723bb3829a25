// Automerge's memory in Node grows by 64 KiB, and above some 64 MB each step starts a garbage collection: ten thousand
// documents take minutes to come into memory. What was allocated once and freed is kept, without that.

import { load } from '@automerge/automerge';

/** Lets the memory be so large at once. */
export function growMemory(bytes) {
  try {
    load(new Uint8Array(bytes));
  } catch {
    // These bytes are no document.
  }
}
