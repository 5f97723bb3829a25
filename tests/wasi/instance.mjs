// One instance of a test binary that was built for WASI, with the folder of attacks.
// instance.mjs BINARY FOLDER [ARGUMENT…]

import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [binary, folder, ...args] = process.argv.slice(2);
const { ATTACK } = process.env;
const wasi = new WASI({
  version: 'preview1',
  args: [binary, ...args],
  env: ATTACK ? { ATTACK } : {},
  preopens: { '/attacks': folder },
});
const { instance } = await WebAssembly.instantiate(readFileSync(binary), wasi.getImportObject());
process.exitCode = wasi.start(instance);
