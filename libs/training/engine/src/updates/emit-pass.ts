/**
 * A pass (see `schedule` in numerics) as one WebAssembly function: four elements at a time, in place, one SIMD register for
 * each of the pass's. The same bits as the JavaScript loop: every operation rounds once, sums go in four float64 lanes.
 */
import type { Instruction, PassCode } from '@gradstream/numerics';
import { advance, constant4, get, i32, load4, loadLane, moduleOf, set, simd, splatAt, store4, storeLane, V128, when, whileLoop } from './wasm-writer.ts';

const UNARY = { abs: 0xe0, neg: 0xe1, sqrt: 0xe3 } as const;
const BINARY = { add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, min: 0xe8, max: 0xe9 } as const;
const TESTS = { eq: 0x41, gt: 0x44, ge: 0x46 } as const;
const F64X2_ADD = 0xf0;
const PROMOTE_LOW = 0x5f;
const BITSELECT = 0x52;
const V128_AND = 0x4e;
const I32X4_SPLAT = 0x11;
const I32X4_LT = 0x39;
const SHUFFLE_HIGH = [...simd(0x0d), 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/** Parameters of the function: element count, address of the uniforms, address of the sums, then one address per array used. */
const N = 0;
const UNIFORMS = 1;
const SUMS = 2;
const ARRAYS = 3;

/** The arrays a pass touches, as indices into the program's, in the order of the function's addresses. */
export const arraysOf = ({ loads, stores }: PassCode): number[] => [...new Set([...loads, ...stores.map(({ array }) => array)])];

/** The bytes of a pass's module. A sum is left as four float64 lanes of 32 bytes. */
export function emitPass(pass: PassCode, shared: boolean): Uint8Array<ArrayBuffer> {
  const arrays = arraysOf(pass);
  const pointer = (array: number): number => ARRAYS + arrays.indexOf(array);
  const parameters = ARRAYS + arrays.length;
  const registers = pass.uniforms + pass.loads.length + pass.code.length;
  const register = (i: number): number => parameters + i;
  const lanes = register(registers);
  const lane = (sum: number, half: number): number => lanes + 1 + 2 * sum + half;

  const compute = pass.code.flatMap((instruction, i) => [...instructionOf(instruction, register), ...set(register(pass.uniforms + pass.loads.length + i))]);
  const addUp = (masked: boolean): number[] =>
    pass.sums.flatMap(({ register: r }, i) => {
      const value = [...get(register(r)), ...(masked ? [...get(lanes), ...simd(V128_AND)] : [])];
      return [
        ...get(lane(i, 0)), ...value, ...simd(PROMOTE_LOW), ...simd(F64X2_ADD), ...set(lane(i, 0)),
        ...get(lane(i, 1)), ...value, ...value, ...SHUFFLE_HIGH, ...simd(PROMOTE_LOW), ...simd(F64X2_ADD), ...set(lane(i, 1)),
      ];
    });
  const loaded = (array: number, i: number): number[] => [...load4(pointer(array)), ...set(register(pass.uniforms + i))];

  const four = [
    ...pass.loads.flatMap(loaded),
    ...compute,
    ...pass.stores.flatMap(({ array, register: r }) => store4(pointer(array), get(register(r)))),
    ...addUp(false),
    ...arrays.flatMap((array) => advance(pointer(array), 16)),
    ...advance(N, -4),
  ];
  const atLeast = (count: number): number[] => [...get(N), ...i32(count), 0x4e];
  const eachLane = (use: (lane: number) => number[]): number[] => [0, 1, 2].flatMap((k) => when(atLeast(k + 1), use(k)));
  const rest = [
    ...pass.loads.flatMap((array, i) => [...constant4([0, 0, 0, 0]), ...set(register(pass.uniforms + i)), ...eachLane((k) => loadLane(pointer(array), k, register(pass.uniforms + i)))]),
    ...compute,
    ...pass.stores.flatMap(({ array, register: r }) => eachLane((k) => storeLane(pointer(array), k, register(r)))),
    ...(pass.sums.length > 0 ? [...constant4([0, 1, 2, 3]), ...get(N), ...simd(I32X4_SPLAT), ...simd(I32X4_LT), ...set(lanes), ...addUp(true)] : []),
  ];
  const body = [
    ...Array.from({ length: pass.uniforms }, (_, i) => [...splatAt(UNIFORMS, 4 * i), ...set(register(i))]).flat(),
    ...whileLoop(atLeast(4), four),
    ...when(atLeast(1), rest),
    ...pass.sums.flatMap((_, i) => [0, 1].flatMap((half) => store4(SUMS, get(lane(i, half)), 32 * i + 16 * half))),
  ];
  return moduleOf(parameters, [{ count: registers + 1 + 2 * pass.sums.length, type: V128 }], body, shared);
}

function instructionOf(instruction: Instruction, register: (i: number) => number): number[] {
  const { op } = instruction;
  if (op === 'where') {
    const { test, a, b, then, otherwise } = instruction;
    return [...get(register(then)), ...get(register(otherwise)), ...get(register(a)), ...get(register(b)), ...simd(TESTS[test]), ...simd(BITSELECT)];
  }
  if ('b' in instruction) return [...get(register(instruction.a)), ...get(register(instruction.b)), ...simd(BINARY[op as keyof typeof BINARY])];
  return [...get(register(instruction.a)), ...simd(UNARY[op as keyof typeof UNARY])];
}
