// Where things are.

import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const output = process.env.MAINTAINPRO_STORIES_OUTPUT ?? path.join(root, 'tests/browser/output');
export const dist = process.env.MAINTAINPRO_PWA ?? path.join(root, 'client-pwa/dist');
export const maintainpro = process.env.MAINTAINPRO_BIN ?? path.join(root, 'target/bin/debug/maintainpro');
export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** PostgreSQL's own user must be able to walk here, which a checkout in a private home does not allow. */
export const scratch = process.env.MAINTAINPRO_STORIES_SCRATCH ?? path.join(os.tmpdir(), `maintainpro-stories-${process.pid}`);
