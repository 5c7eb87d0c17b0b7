/** `npm start`: sets up what is missing, then serves the viewer and trains the default run. Flags pass through. */
import { build, install } from './setup.mjs';

install();
await build();
process.env.GRADSTREAM_BUILT = '1';
process.argv.splice(2, 0, 'start');
await import(new URL('../apps/cli/bin/gradstream.mjs', import.meta.url).href);
