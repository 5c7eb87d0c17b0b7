/**
 * What a pass (see `schedule` in numerics) stores in one array as a fragment program of TensorFlow.js's WebGL backend: four
 * elements at a time, packed two by two as the backend packs them.
 *
 * Ways this goes silently wrong, stepped around here: reading an unpacked texture as a packed one (the backend repacks where
 * `packedInputs` says so), leaving other numbers than 0 in the places of a texel that lie outside the array (packed products
 * read them), GLSL's `max` and `min` of NaN (undefined), and selecting by arithmetic (a NaN leaks; `mix` with booleans selects).
 */
import type { GPGPUProgram } from '@tensorflow/tfjs-backend-webgl';
import type { Instruction, PassCode } from '@gradstream/numerics';

/** A program, and which arrays and uniforms of its pass it reads. */
export interface StoreProgram extends GPGPUProgram {
  /** Places in the pass's `loads`, in the order of the program's inputs. */
  readonly inputs: readonly number[];
  /** Uniform registers, in the order of its uniforms. */
  readonly uniforms: readonly number[];
}

/** GLSL beyond the four operations; all hand NaN on. */
const FUNCTIONS = `
vec4 larger(vec4 a, vec4 b) { return mix(mix(b, a, greaterThan(a, b)), a, isnan(a)); }
vec4 smaller(vec4 a, vec4 b) { return mix(mix(b, a, lessThan(a, b)), a, isnan(a)); }
`;
const TESTS = { gt: 'greaterThan', ge: 'greaterThanEqual', eq: 'equal' } as const;
const OPERATORS = { add: '+', sub: '-', mul: '*', div: '/' } as const;

/** The largest rank that the backend packs by its last two axes without reshaping. */
export const LARGEST_RANK = 4;

/** The program that computes a register of a pass for an array of this shape. */
export function storeProgram({ uniforms, loads, code }: PassCode, register: number, shape: readonly number[]): StoreProgram {
  const firstInstruction = uniforms + loads.length;
  const needed = new Set([register]);
  for (let r = firstInstruction + code.length - 1; r >= firstInstruction; r--) if (needed.has(r)) operandsOf(code[r - firstInstruction]).forEach((operand) => needed.add(operand));
  const used = [...needed].sort((a, b) => a - b);
  const inputs = used.filter((r) => r >= uniforms && r < firstInstruction).map((r) => r - uniforms);
  const read = used.filter((r) => r < uniforms);
  const lines = used.map((r) => {
    if (r < uniforms) return `vec4 r${r} = vec4(u${r});`;
    if (r < firstInstruction) return `vec4 r${r} = getX${r - uniforms}AtOutCoords();`;
    return `vec4 r${r} = ${sourceOf(code[r - firstInstruction])};`;
  });
  return {
    inputs,
    uniforms: read,
    variableNames: inputs.map((i) => `X${i}`),
    customUniforms: read.map((r) => ({ name: `u${r}`, type: 'float' as const })),
    outputShape: [...shape],
    // Arrays of one rank share a compiled program.
    enableShapeUniforms: true,
    packedInputs: true,
    packedOutput: true,
    userCode: `${FUNCTIONS}
void main() {
  ${[...lines, ...outsideIsZero(`r${register}`, shape)].join('\n  ')}
  setOutput(r${register});
}`,
  };
}

const operandsOf = (instruction: Instruction): number[] =>
  instruction.op === 'where' ? [instruction.a, instruction.b, instruction.then, instruction.otherwise] : 'b' in instruction ? [instruction.a, instruction.b] : [instruction.a];

function sourceOf(instruction: Instruction): string {
  const { op } = instruction;
  switch (op) {
    case 'where': return `mix(r${instruction.otherwise}, r${instruction.then}, ${TESTS[instruction.test]}(r${instruction.a}, r${instruction.b}))`;
    case 'neg': return `-r${instruction.a}`;
    case 'abs':
    case 'sqrt': return `${op}(r${instruction.a})`;
    case 'max': return `larger(r${instruction.a}, r${instruction.b})`;
    case 'min': return `smaller(r${instruction.a}, r${instruction.b})`;
    default: return `r${instruction.a} ${OPERATORS[op]} r${instruction.b}`;
  }
}

/** Zeros where a texel hangs over the last row or column; `outShape` is the backend's uniform. */
function outsideIsZero(register: string, shape: readonly number[]): string[] {
  const rank = shape.length;
  if (shape.every((n) => n === 1)) return [`${register}.yzw = vec3(0.);`];
  if (rank === 1) return [`${register}.zw = vec2(0.);`, `if (getOutputCoords() + 1 >= outShape) ${register}.y = 0.;`];
  const [row, column] = [rank - 2, rank - 1];
  return [
    `if (getOutputCoords().${'xyzw'[column]} + 1 >= outShape[${column}]) ${register}.yw = vec2(0.);`,
    `if (getOutputCoords().${'xyzw'[row]} + 1 >= outShape[${row}]) ${register}.zw = vec2(0.);`,
  ];
}
