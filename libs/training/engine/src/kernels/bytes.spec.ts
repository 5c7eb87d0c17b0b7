import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELAXED, SOURCES, STRICT } from './bytes.ts';
import { withSharedMemory } from './shared-import.ts';
import { hasRelaxedSimd, kernelsOn } from './kernels.ts';

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

it('is made from the sources that stand beside it (npm run build makes it anew)', () => {
  const folder = join(__dirname, '../../assembly');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts')).sort();
  const digest = createHash('sha256').update(sources.map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`).join('\n')).digest('hex');
  expect(SOURCES).toBe(digest);
});

it('has no memory of its own: it must not write over the tensors it is put beside', () => {
  for (const build of [STRICT, RELAXED]) expect(sections(bytes(build))).not.toContain(11);
});

it('links with plain and with shared memory', () => {
  expect(hasRelaxedSimd()).toBe(true);
  for (const rounding of ['strict', 'relaxed'] as const) {
    for (const memory of [new WebAssembly.Memory({ initial: 1 }), new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true })]) {
      const kernels = kernelsOn(memory, 0, rounding);
      const floats = new Float32Array(memory.buffer);
      floats.set([1, 2, 3, 4], 64);
      kernels.gemm(0, 0, 2, 2, 2, 256, 2, 256, 2, 512, 2, 0, 0, 0, 1024);
      expect([...floats.subarray(128, 132)]).toEqual([7, 10, 15, 22]);
    }
  }
  expect(WebAssembly.validate(withSharedMemory(bytes(STRICT)) as Uint8Array<ArrayBuffer>)).toBe(true);
});

/** Ids of a module's sections, in order. */
function sections(module: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < module.length; ) {
    ids.push(module[at++]);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += length;
  }
  return ids;
}
