import { readFileSync } from 'node:fs';
import type { Factory } from '@gradstream/numerics';
import { bind, optimizers, type Transformation } from '@gradstream/optimizers';
import { buildPlain, commentOf, defaultOf, optimizersPage, PAGE } from './optimizers-page.ts';

const members = Object.entries(optimizers) as unknown as [string, Factory<Record<string, unknown>, Transformation>][];

const page = optimizersPage();

describe('docs/optimizers.md', () => {
  it('is what the code says (write it again with tools/optimizers-page.ts)', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it.each(members)('tells the real defaults of %s', (name, make) => {
    const optimizer = bind(buildPlain(make), [{ name: 'x', shape: [2, 2], role: 'kernel' }], { executor: 'js' });
    optimizer.update({ step: 0, params: new Map([['x', new Float32Array(4)]]), gradients: new Map([['x', new Float32Array(4)]]) });
    const entry = page.slice(page.indexOf(`\n### ${name}\n`)).split('\n### ')[1];
    for (const [option, value] of Object.entries(optimizer.hyper)) {
      const documented = new RegExp(`^\\| \`${option}\` \\| ([^|]+) \\|`, 'm').exec(entry)?.[1].trim();
      if (documented !== undefined && documented !== 'required') expect([option, Number(documented)]).toEqual([option, value]);
    }
    optimizer.close();
  });

  it('reads defaults and meanings from the comments', () => {
    expect(defaultOf('Added to the root, at least 0. Default 1e-8.')).toBe('1e-8');
    expect(defaultOf("Which params decay. Default 'kernels': no biases.")).toBe("'kernels'");
    expect(defaultOf('Decay of both averages, in [0, 1). Default 0.9.')).toBe('0.9');
    expect(defaultOf('Step size, at least 0.')).toBeUndefined();
    expect(commentOf('momentumDecay', 'optimizers/nadam.ts')).toBe('How fast the momentum rises from b1 / 2 to b1, at least 0. Default 0.004.');
    expect(commentOf('learningRate', 'optimizers/lion.ts')).toBe('Step size, at least 0.');
    expect(commentOf('nobody', 'optimizers/lion.ts')).toBeUndefined();
  });
});
