/** The little of WebAssembly's binary format that one function on an imported memory needs. */

export const I32 = 0x7f;
export const V128 = 0x7b;

/** Unsigned LEB128. */
export const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);

/** Signed LEB128. */
export function sleb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  return (rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40) ? [low] : [low | 0x80, ...sleb(rest)];
}

const text = (s: string): number[] => [...leb(s.length), ...[...s].map((c) => c.charCodeAt(0))];
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];

/** Locals behind the parameters: so many of a type. */
export interface Locals {
  readonly count: number;
  readonly type: number;
}

/**
 * A module of one exported function `run` that takes `parameters` whole numbers and gives nothing.
 *
 * @param body instructions, without the final `end`
 */
export function moduleOf(parameters: number, locals: readonly Locals[], body: readonly number[], shared: boolean): Uint8Array<ArrayBuffer> {
  const limits = shared ? [0x03, 0x00, ...leb(65536)] : [0x00, 0x00];
  const code = [...vector(locals.map(({ count, type }) => [...leb(count), type])), ...body, 0x0b];
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    ...section(1, vector([[0x60, ...vector(Array.from({ length: parameters }, () => [I32])), 0x00]])),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, ...limits]])),
    ...section(3, vector([[0x00]])),
    ...section(7, vector([[...text('run'), 0x00, 0x00]])),
    ...section(10, vector([[...leb(code.length), ...code]])),
  ]);
}

/** A local's value. */
export const get = (local: number): number[] => [0x20, ...leb(local)];
export const set = (local: number): number[] => [0x21, ...leb(local)];
export const i32 = (value: number): number[] => [0x41, ...sleb(value)];
/** Adds a number of bytes to a pointer. */
export const advance = (local: number, bytes: number): number[] => [...get(local), ...i32(bytes), 0x6a, ...set(local)];
/** A SIMD operation. */
export const simd = (opcode: number): number[] => [0xfd, ...leb(opcode)];
/** Memory immediate: alignment of 2^n bytes, offset. */
const memory = (align: number, offset: number): number[] => [align, ...leb(offset)];

export const load4 = (pointer: number, offset = 0): number[] => [...get(pointer), ...simd(0x00), ...memory(2, offset)];
/** Stores what `value` leaves on the stack. */
export const store4 = (pointer: number, value: readonly number[], offset = 0): number[] => [...get(pointer), ...value, ...simd(0x0b), ...memory(2, offset)];
export const loadLane = (pointer: number, lane: number, into: number): number[] => [...get(pointer), ...get(into), ...simd(0x56), ...memory(2, 4 * lane), lane, ...set(into)];
export const storeLane = (pointer: number, lane: number, from: number): number[] => [...get(pointer), ...get(from), ...simd(0x5a), ...memory(2, 4 * lane), lane];
/** Four copies of the float at a pointer. */
export const splatAt = (pointer: number, offset: number): number[] => [...get(pointer), ...simd(0x09), ...memory(2, offset)];
export const constant4 = (lanes: readonly number[]): number[] => [...simd(0x0c), ...new Uint8Array(Int32Array.from(lanes).buffer)];

/** Runs `body` until `condition` fails: tested before the first time and at the end of each. */
export const whileLoop = (condition: readonly number[], body: readonly number[]): number[] => [...condition, 0x04, 0x40, 0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b, 0x0b];
export const when = (condition: readonly number[], body: readonly number[]): number[] => [...condition, 0x04, 0x40, ...body, 0x0b];
