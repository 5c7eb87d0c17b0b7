import type { BinaryOp, Test, UnaryOp } from './nodes.ts';

/** The meaning of each operation on two numbers, in float64. */
export const UNARY: Readonly<Record<UnaryOp, (a: number) => number>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  square: (a) => a * a,
  sign: (a) => (a > 0 ? 1 : a < 0 ? -1 : a),
  exp: Math.exp,
  log: Math.log,
  floor: Math.floor,
  fround: Math.fround,
};

export const BINARY: Readonly<Record<BinaryOp, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  pow: Math.pow,
  mod: (a, b) => a - b * Math.floor(a / b),
};

export const TEST: Readonly<Record<Test, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  eq: (a, b) => a === b,
};
