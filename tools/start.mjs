/** `npm start`: sets up what is missing, then serves the viewer and trains the default run. Flags pass through. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, install, root } from './setup.mjs';

install();
await build();
const child = spawn(process.execPath, [join(root, 'apps/cli/bin/gradstream.mjs'), 'start', ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, GRADSTREAM_BUILT: '1' } });
// Ctrl-C reaches the child too; this process waits for it to end cleanly.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
