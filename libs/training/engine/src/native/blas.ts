/**
 * OpenBLAS of the system, called in place on a WebAssembly memory through koffi (an optional dependency): no copies, no
 * compiler. Native code has registers twice to four times as wide as WebAssembly's.
 */

/** C[m, n] = op(A)·op(B), row-major; addresses in the memory, leading dimensions in elements. */
export type NativeGemm = (transA: boolean, transB: boolean, m: number, n: number, k: number, a: number, lda: number, b: number, ldb: number, c: number, ldc: number) => () => void;

export interface NativeBlas {
  /** As the library says it: `OpenBLAS 0.3.21 … Zen`. */
  readonly version: string;
  /** Prepares products on a memory; what it returns carries one out. */
  gemmOn(memory: WebAssembly.Memory): NativeGemm;
}

/** What is used of koffi. */
interface Koffi {
  load(path: string): { func(prototype: string): (...values: readonly (number | bigint)[]) => unknown };
  address(view: ArrayBufferView): bigint;
}

const LIBRARIES = ['libopenblas.so.0', 'libopenblas.so', '/opt/homebrew/opt/openblas/lib/libopenblas.dylib', '/usr/local/opt/openblas/lib/libopenblas.dylib', 'libopenblas.dll'];
const [ROW_MAJOR, PLAIN, TRANSPOSED] = [101, 111, 112];

let found: NativeBlas | string | undefined;

/** The library, or a sentence why it is not there. Looked for once. */
export const nativeBlas = (): NativeBlas | string => (found ??= find());

function find(): NativeBlas | string {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: 'node:module'): typeof import('node:module') } };
  const module = process?.getBuiltinModule?.('node:module');
  if (!module) return 'native code needs Node 20.16 or later';
  let koffi: Koffi;
  try {
    koffi = module.createRequire(import.meta.url)('koffi') as Koffi;
  } catch {
    return 'the optional package koffi is not installed';
  }
  for (const path of LIBRARIES) {
    try {
      return open(koffi, path);
    } catch {
      continue;
    }
  }
  return 'no OpenBLAS is installed (on Debian: libopenblas0)';
}

function open(koffi: Koffi, path: string): NativeBlas {
  const library = koffi.load(path);
  const sgemm = library.func('void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, void *a, int lda, void *b, int ldb, float beta, void *c, int ldc)');
  // The plan has threads of its own, and a spinning pool suffers on a busy machine.
  library.func('void openblas_set_num_threads(int n)')(1);
  return {
    version: String(library.func('const char *openblas_get_config()')()),
    gemmOn: (memory) => {
      // A WebAssembly memory stays where it is when it grows.
      const base = koffi.address(new Uint8Array(memory.buffer));
      return (transA, transB, m, n, k, a, lda, b, ldb, c, ldc) => {
        const [from, by, to] = [a, b, c].map((at) => base + BigInt(at));
        const [ta, tb] = [transA, transB].map((transposed) => (transposed ? TRANSPOSED : PLAIN));
        return () => void sgemm(ROW_MAJOR, ta, tb, m, n, k, 1, from, lda, by, ldb, 0, to, ldc);
      };
    },
  };
}
