import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipesIn } from '@gradstream/diagnostics/node';

describe('docs/concepts.md', () => {
  it('names only recipes that ship, and every concept has a command', () => {
    const ids = new Set(recipesIn(join(process.cwd(), 'recipes')).map(({ id }) => id));
    const rows = readFileSync(join(process.cwd(), 'docs', 'concepts.md'), 'utf8').split('\n').filter((line) => line.startsWith('| ')).slice(2);
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) expect(ids).toContain(/recipe run ([\w-]+)`/.exec(row)?.[1]);
  });
});
