import fc from 'fast-check';
import { copyInputs, gatherFrom, gatherLater, hasBytes, isWaiting, sizeOf, type ExampleStore, type InputValues } from './index.ts';

const stores = fc.record({
  inputs: fc.constantFrom<(n: number) => InputValues>((n) => Uint8Array.from({ length: n }, (_, i) => (i * i) % 251), (n) => Float32Array.from({ length: n }, (_, i) => Math.sin(i)), (n) => Int32Array.from({ length: n }, (_, i) => 7 * i)),
  inputShape: fc.constantFrom([3], [], [4, 5], [2, 3, 3]),
  targets: fc.constantFrom<ExampleStore['targets']>(
    { kind: 'classes', width: 9, shape: [6], values: Int32Array.from({ length: 6 }, (_, i) => i) },
    { kind: 'values', width: 2, shape: [6, 2], values: Float32Array.from({ length: 12 }, (_, i) => i / 3) },
  ),
  positions: fc.constantFrom(undefined, Uint32Array.of(5, 3, 1, 0)),
}).map(({ inputs, inputShape, targets, positions }): ExampleStore => ({ inputShape, inputs: inputs(6 * sizeOf(inputShape)), targets, ...(positions ? { positions } : {}) }));
const indices = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 9 });

it('gathers rows of inputs and targets in the order asked for', () => {
  fc.assert(fc.property(stores, indices, (store, rows) => {
    const { inputs, targets, inputShape, size } = gatherFrom(store, rows);
    const from = rows.map((i) => store.positions?.[i] ?? i);
    const [length, width] = [sizeOf(store.inputShape), sizeOf(store.targets.shape.slice(1))];
    expect([...inputs]).toEqual(from.flatMap((i) => [...store.inputs.subarray(i * length, (i + 1) * length)]));
    expect([...targets.values]).toEqual(from.flatMap((i) => [...store.targets.values.subarray(i * width, (i + 1) * width)]));
    expect([size, inputShape, targets.shape]).toEqual([rows.length, [rows.length, ...store.inputShape], [rows.length, ...store.targets.shape.slice(1)]]);
  }));
});

describe('examples whose inputs are copied later', () => {
  it('are the same, read, spread, or copied where they are needed', () => {
    fc.assert(fc.property(stores, indices, (store, rows) => {
      const now = gatherFrom(store, rows);
      expect(gatherLater(store, rows)).toEqual(now);
      expect({ ...gatherLater(store, rows) }).toEqual(now);
      const to = now.inputs.slice().fill(0);
      const later = gatherLater(store, rows);
      copyInputs(later, to);
      expect(to).toEqual(now.inputs);
      expect(hasBytes(later)).toBe(hasBytes(now));
      expect([isWaiting(later), isWaiting(now), isWaiting({ ...later })]).toEqual([true, false, false]);
    }));
  });

  it('keep what somebody wrote into the inputs that he had read', () => {
    const later = gatherLater({ inputShape: [2], inputs: Float32Array.of(1, 2, 3, 4), targets: { kind: 'classes', width: 2, shape: [2], values: Int32Array.of(0, 1) } }, [1, 0]);
    later.inputs[0] = 9;
    const to = new Float32Array(4);
    copyInputs(later, to);
    expect([...to]).toEqual([9, 4, 1, 2]);
  });
});
