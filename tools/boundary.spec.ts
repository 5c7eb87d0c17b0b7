import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Lints a text as if it stood at a path, and gives the rules that it breaks. */
function rulesBroken(path: string, text: string): string[] {
  const result = spawnSync(process.execPath, [join('node_modules', 'eslint', 'bin', 'eslint.js'), '--stdin', '--stdin-filename', path, '--format', 'json'], { input: text, encoding: 'utf8', env: { ...process.env, NX_DAEMON: 'false' } });
  const [file] = JSON.parse(result.stdout) as { messages: { ruleId: string | null }[] }[];
  return file.messages.map(({ ruleId }) => String(ruleId));
}

const boundary = '@nx/enforce-module-boundaries';

describe('the floors of the house', () => {
  test('an import of a higher floor is an error', () => {
    expect(rulesBroken('libs/training/losses/src/canary.ts', "import { batches } from '@gradstream/pipeline';\nexport const canary = batches;\n")).toContain(boundary);
  });

  test('a sideways import is an error', () => {
    expect(rulesBroken('libs/training/losses/src/canary.ts', "import { mlp } from '@gradstream/models';\nexport const canary = mlp;\n")).toContain(boundary);
  });

  test('an import of a lower floor is none', () => {
    expect(rulesBroken('libs/training/pipeline/src/canary.ts', "import { mlp } from '@gradstream/models';\nexport const canary = mlp;\n")).not.toContain(boundary);
  });
});
