/**
 * Passes as loops over Float32Arrays: generated JavaScript, and, where a content security policy forbids `new Function`,
 * the same pass interpreted block by block. Both round every instruction to float32 and agree bit for bit.
 */
import type { Instruction, PassCode } from './schedule.ts';

/**
 * Runs one pass over `n` elements, in place.
 *
 * @param uniforms one number per uniform register
 * @param arrays the arrays of the program, in its order
 * @param sums where the totals of the pass go, in its order
 */
export type Kernel = (n: number, uniforms: Float32Array, arrays: readonly Float32Array[], sums: Float64Array) => void;

const generated = new Map<string, Kernel>();

/** The kernel of a pass: generated once for each structure. */
export function jsKernel(pass: PassCode): Kernel {
  const source = loopSource(pass);
  let kernel = generated.get(source);
  if (!kernel) generated.set(source, (kernel = mayGenerate() ? (new Function('n', 'U', 'A', 'S', source) as Kernel) : blocksKernel(pass)));
  return kernel;
}

let allowed: boolean | undefined;

function mayGenerate(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function('return true')() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

const TESTS = { gt: '>', ge: '>=', eq: '===' } as const;
const OPERATORS = { add: '+', sub: '-', mul: '*', div: '/' } as const;

/** One instruction; `rounded` puts the rounding to float32 around it. */
function instructionSource(instruction: Instruction, rounded: (source: string) => string): string {
  switch (instruction.op) {
    case 'neg': return `-r${instruction.a}`;
    case 'abs': return `Math.abs(r${instruction.a})`;
    case 'sqrt': return rounded(`Math.sqrt(r${instruction.a})`);
    case 'max':
    case 'min': return `Math.${instruction.op}(r${instruction.a}, r${instruction.b})`;
    case 'where': return `r${instruction.a} ${TESTS[instruction.test]} r${instruction.b} ? r${instruction.then} : r${instruction.otherwise}`;
    default: return rounded(`r${instruction.a} ${OPERATORS[instruction.op]} r${instruction.b}`);
  }
}

const operandsOf = (instruction: Instruction): number[] =>
  instruction.op === 'where' ? [instruction.a, instruction.b, instruction.then, instruction.otherwise] : 'b' in instruction ? [instruction.a, instruction.b] : [instruction.a];

/** The body of `(n, U, A, S) => void`. Sums go in four lanes by element index; what is only stored is rounded by the store. */
export function loopSource({ uniforms, loads, code, stores, sums }: PassCode): string {
  const read = new Set([...code.flatMap(operandsOf), ...sums.map(({ register }) => register)]);
  const used = [...new Set([...loads, ...stores.map(({ array }) => array)])];
  const body = (index: string, lane: string): string[] => [
    ...loads.map((array, i) => `const r${uniforms + i} = a${array}[${index}];`),
    ...code.map((instruction, i) => {
      const register = uniforms + loads.length + i;
      return `const r${register} = ${instructionSource(instruction, (source) => (read.has(register) ? `f(${source})` : source))};`;
    }),
    ...stores.map(({ array, register }) => `a${array}[${index}] = r${register};`),
    ...sums.map(({ register }, i) => `s${i}${lane} += r${register};`),
  ];
  const lanes = ['_0', '_1', '_2', '_3'];
  return [
    'const f = Math.fround;',
    ...Array.from({ length: uniforms }, (_, i) => `const r${i} = U[${i}];`),
    ...used.map((array) => `const a${array} = A[${array}];`),
    ...sums.map((_, i) => `let ${lanes.map((lane) => `s${i}${lane} = 0`).join(', ')};`),
    'let i = 0;',
    ...(sums.length === 0
      ? ['for (; i < n; i++) {', ...body('i', ''), '}']
      : [
          'for (; i + 3 < n; i += 4) {',
          ...lanes.flatMap((lane, k) => ['{', ...body(k === 0 ? 'i' : `i + ${k}`, lane), '}']),
          '}',
          ...lanes.slice(0, 3).flatMap((lane) => ['if (i < n) {', ...body('i', lane), 'i++;', '}']),
          ...sums.map((_, i) => `S[${i}] = (s${i}_0 + s${i}_1) + (s${i}_2 + s${i}_3);`),
        ]),
  ].join('\n');
}

const BLOCK = 256;

/** The same without code generation: one instruction at a time over blocks of elements. */
export function blocksKernel({ uniforms, loads, code, stores, sums }: PassCode): Kernel {
  const registers = Array.from({ length: uniforms + loads.length + code.length }, () => new Float32Array(BLOCK));
  return (n, U, A, S) => {
    for (let u = 0; u < uniforms; u++) registers[u].fill(U[u]);
    const lanes = sums.map(() => new Float64Array(4));
    for (let start = 0; start < n; start += BLOCK) {
      const count = Math.min(BLOCK, n - start);
      loads.forEach((array, i) => registers[uniforms + i].set(A[array].subarray(start, start + count)));
      code.forEach((instruction, i) => runInstruction(instruction, registers, registers[uniforms + loads.length + i], count));
      for (const { array, register } of stores) A[array].set(registers[register].subarray(0, count), start);
      sums.forEach(({ register }, s) => {
        for (let i = 0; i < count; i++) lanes[s][i & 3] += registers[register][i];
      });
    }
    lanes.forEach(([s0, s1, s2, s3], s) => void (S[s] = s0 + s1 + (s2 + s3)));
  };
}

function runInstruction(instruction: Instruction, registers: readonly Float32Array[], out: Float32Array, count: number): void {
  const a = registers[instruction.a];
  switch (instruction.op) {
    case 'neg': for (let i = 0; i < count; i++) out[i] = -a[i]; return;
    case 'abs': for (let i = 0; i < count; i++) out[i] = Math.abs(a[i]); return;
    case 'sqrt': for (let i = 0; i < count; i++) out[i] = Math.sqrt(a[i]); return;
  }
  const b = registers[instruction.b];
  switch (instruction.op) {
    case 'add': for (let i = 0; i < count; i++) out[i] = a[i] + b[i]; return;
    case 'sub': for (let i = 0; i < count; i++) out[i] = a[i] - b[i]; return;
    case 'mul': for (let i = 0; i < count; i++) out[i] = a[i] * b[i]; return;
    case 'div': for (let i = 0; i < count; i++) out[i] = a[i] / b[i]; return;
    case 'max': for (let i = 0; i < count; i++) out[i] = Math.max(a[i], b[i]); return;
    case 'min': for (let i = 0; i < count; i++) out[i] = Math.min(a[i], b[i]); return;
  }
  const then = registers[instruction.then];
  const otherwise = registers[instruction.otherwise];
  switch (instruction.test) {
    case 'gt': for (let i = 0; i < count; i++) out[i] = a[i] > b[i] ? then[i] : otherwise[i]; return;
    case 'ge': for (let i = 0; i < count; i++) out[i] = a[i] >= b[i] ? then[i] : otherwise[i]; return;
    case 'eq': for (let i = 0; i < count; i++) out[i] = a[i] === b[i] ? then[i] : otherwise[i]; return;
  }
}
