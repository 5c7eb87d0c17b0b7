import { InputError } from '@gradstream/numerics';
import { dataset, divided, divisionRules, type Data } from './data.ts';
import { digitsCsvGz } from './digits-bytes.ts';
import type { DivisionOptions } from './partition.ts';
import { inMemory } from './split.ts';

const COUNT = 1_797;

/**
 * UCI optical digits: 1,797 real handwritten digits, 8x8 grey, values 0 … 1 (sixteenths), which ship with this package.
 * By default 1,197 train, 300 validate and 300 test; the set has no official test part, the three come from one seeded permutation.
 */
export const digits = dataset<DivisionOptions, Data<'classes'>>('digits', divisionRules, async ({ validation = 300, test = 300, ...rest }) => {
  const rows = (await gunzip(Uint8Array.from(atob(digitsCsvGz), (c) => c.charCodeAt(0)))).trim().split('\n');
  const inputs = new Float32Array(COUNT * 64);
  const labels = new Int32Array(COUNT);
  rows.forEach((row, r) => {
    const values = row.split(',').map(Number);
    labels[r] = values[64];
    for (let p = 0; p < 64; p++) inputs[r * 64 + p] = values[p] / 16;
  });
  const names = Array.from({ length: 10 }, (_, digit) => String(digit));
  const all = inMemory<'classes'>({ dataset: 'digits', names, store: { inputShape: [8, 8, 1], inputs, targets: { kind: 'classes', width: 10, shape: [COUNT], values: labels } } });
  return divided(all, { validation, test, ...rest }, {
    about: 'handwritten digits, 8x8 grey',
    licence: 'CC BY 4.0, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49',
    note: 'no official test part: validation and test are drawn from the same 1,797 images by the seed',
  });
});

async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (typeof DecompressionStream === 'undefined') throw new InputError('digits: this browser cannot read gzip (DecompressionStream is missing)');
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}
