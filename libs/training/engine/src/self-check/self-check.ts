import { nativeBlas } from '../native/blas.ts';
import { kernelsMissing, roundingOf, type Kernels, type Rounding } from '../kernels/kernels.ts';
import { Arena } from '../plan/arena.ts';
import { families, nativeProducts } from './families.ts';
import type { Family } from './family.ts';
import { Workbench } from './workbench.ts';

/** Sums of a few hundred products in float32 stay far below; a wrong index is far above. */
const LARGEST_ERROR = 2e-5;

/** How the kernels of one family fared. */
export interface KernelCheck {
  readonly name: string;
  readonly rounding: Rounding | 'native';
  readonly ok: boolean;
  /** Largest difference from a plain float64 reference, relative to the largest number. */
  readonly error: number;
  /** Random shapes that were tried. */
  readonly shapes: number;
  readonly rate?: { readonly value: number; readonly unit: 'GFLOP/s' | 'GB/s' };
}

export interface SelfCheckOptions {
  /** Seed of the shapes and numbers. Default 1. */
  readonly seed?: number;
  /** About how long it may take. Default 2. */
  readonly seconds?: number;
  /** Puts kernels in the place of those to be checked; so a test sees that a broken one is found. */
  readonly kernels?: (kernels: Kernels) => Kernels;
}

/**
 * Holds each family of kernels to a plain reference on random shapes, in each rounding there is, and times the heavy ones.
 *
 * @throws Error where the runtime has no WebAssembly SIMD
 */
export function selfCheck({ seed = 1, seconds = 2, kernels = (own) => own }: SelfCheckOptions = {}): KernelCheck[] {
  const missing = kernelsMissing();
  if (missing) throw new Error(`selfCheck: ${missing}`);
  const roundings = [...new Set<Rounding>(['strict', roundingOf({})])];
  const blas = nativeBlas();
  const native = typeof blas === 'string' ? [] : [nativeProducts(blas)];
  const each = (1000 * seconds) / (roundings.length * families.length + native.length);
  const check = (rounding: Rounding, members: readonly Family[], label: Rounding | 'native'): KernelCheck[] => {
    const arena = new Arena(rounding);
    try {
      return members.map((family) => checked(new Workbench(arena, seed, kernels(arena.kernels)), family, each, label));
    } finally {
      arena.dispose();
    }
  };
  return [...roundings.flatMap((rounding) => check(rounding, families, rounding)), ...(native.length > 0 ? check('strict', native, 'native') : [])];
}

/** Tries shapes for half of its time and takes the rate in the other half. */
function checked(bench: Workbench, family: Family, milliseconds: number, rounding: KernelCheck['rounding']): KernelCheck {
  let error = 0;
  let shapes = 0;
  const until = performance.now() + milliseconds / 2;
  do {
    error = Math.max(error, family.error(bench));
    bench.clear();
    shapes++;
  } while (performance.now() < until);
  const rate = family.rate && { value: fastest(family.rate.work(bench), milliseconds / 2), unit: family.rate.unit };
  bench.clear();
  return { name: family.name, rounding, ok: error <= LARGEST_ERROR, error, shapes, ...(rate ? { rate } : {}) };
}

/** Units per nanosecond of the fastest run: what the kernel can do when nobody else is in its way. */
function fastest({ units, run }: { readonly units: number; run(): void }, milliseconds: number): number {
  let best = 0;
  const until = performance.now() + milliseconds;
  run();
  do {
    const start = performance.now();
    run();
    best = Math.max(best, units / (performance.now() - start) / 1e6);
  } while (performance.now() < until);
  return best;
}
