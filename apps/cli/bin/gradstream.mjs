#!/usr/bin/env node
/** The `gradstream` command. In a checkout it builds what it needs before its first use. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const setup = new URL('../../../tools/setup.mjs', import.meta.url);
if (!process.env.GRADSTREAM_BUILT && existsSync(fileURLToPath(setup))) {
  const { build } = await import(setup.href);
  await build();
}
await import('../dist/main.js');
