import { get, i32, moduleOf, set, simd, splatAt, store4, V128, whileLoop } from '../updates/wasm-writer.ts';
import { hasRelaxedSimd } from './kernels.ts';

/** Independent chains, more than a processor needs to hide the latency of a multiply-add. */
const CHAINS = 10;

/** A loop of multiply-adds and nothing else: what 128-bit SIMD can do here at most. `run` does `flops` operations. */
export function simdPeak(): { readonly flops: number; run(): void } {
  const [count, at, factor] = [0, 1, 2 + CHAINS];
  const chains = Array.from({ length: CHAINS }, (_, i) => 2 + i);
  const relaxed = hasRelaxedSimd();
  const multiplyAdd = (sum: number): number[] =>
    relaxed ? [...get(factor), ...get(factor), ...get(sum), ...simd(0x105), ...set(sum)] : [...get(factor), ...get(factor), ...simd(0xe6), ...get(sum), ...simd(0xe4), ...set(sum)];
  const body = [
    ...splatAt(at, 0), ...set(factor),
    ...whileLoop([...get(count), ...i32(0), 0x4a], [...chains.flatMap(multiplyAdd), ...get(count), ...i32(1), 0x6b, ...set(count)]),
    ...chains.flatMap((sum, i) => store4(at, get(sum), 64 + 16 * i)),
  ];
  const module = new WebAssembly.Module(moduleOf(2, [{ count: CHAINS + 1, type: V128 }], body, false));
  const { run } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } }).exports as { run(count: number, at: number): void };
  const steps = 100_000;
  return { flops: steps * CHAINS * 8, run: () => run(steps, 0) };
}
