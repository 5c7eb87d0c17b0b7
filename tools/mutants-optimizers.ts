/**
 * Shows that the tests catch mistakes: `node --conditions=@gradstream/source --import tsx tools/mutants-optimizers.ts`.
 *
 * Each mutant is a copy of the optimizers with one deliberate mistake; the specs of the semantics run against it and must fail. The copy without a
 * mistake must pass. Exit code 1 where either does not happen.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const SOURCE = join(root, 'libs/training/optimizers/src');

export interface Mutant {
  readonly mistake: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

export const MUTANTS: readonly Mutant[] = [
  { mistake: 'Adam without bias correction', file: 'optimizers/adam.ts', right: '[sub(1, pow(b1, t)), sub(1, pow(b2, t))]', wrong: '[sub(1, mul(0, pow(b1, t))), sub(1, mul(0, pow(b2, t)))]' },
  { mistake: 'Adadelta dividing by its old accumulator', file: 'optimizers/adadelta.ts', right: 'sqrt(add(v, eps))', wrong: 'sqrt(add(old.v, eps))' },
  {
    mistake: 'AdamW with coupled decay',
    file: 'optimizers/adamw.ts',
    right: 'chain(amsgrad ? scaleByAmsgrad(options) : scaleByAdam(options), addDecayedWeights({ weightDecay, mask }), scaleByLearningRate(learningRate))',
    wrong: 'chain(addDecayedWeights({ weightDecay, mask }), amsgrad ? scaleByAmsgrad(options) : scaleByAdam(options), scaleByLearningRate(learningRate))',
  },
  { mistake: "Nesterov's momentum as plain momentum", file: 'optimizers/nesterov.ts', right: 'g: add(g, mul(momentum, m))', wrong: 'g: m' },
  { mistake: 'RMSprop with epsilon under the root', file: 'optimizers/rmsprop.ts', right: ': add(sqrt(spread), eps))', wrong: ': sqrt(add(spread, eps)))' },
  { mistake: 'momentum damping its first gradient', file: 'optimizers/momentum.ts', right: 'where(eq(t, 1), 1, sub(1, dampening))', wrong: 'where(eq(t, 0), 1, sub(1, dampening))' },
  { mistake: 'the global norm taken tensor by tensor', file: 'transformations/clip-by-global-norm.ts', right: "sqrt(sum(square(g), 'all'))", wrong: "sqrt(sum(square(g), 'tensor'))" },
  { mistake: 'accumulation as a sum', file: 'wrappers/accumulate.ts', right: "div(element('total'), uniform('size'))", wrong: "mul(element('total'), div(uniform('size'), uniform('size')))" },
  { mistake: 'SAM climbing down', file: 'wrappers/sam.ts', right: 'add(p, mul(where', wrong: 'add(p, mul(-1, where' },
  { mistake: 'decay of biases by default', file: 'mask.ts', right: "role !== 'bias' && role !== 'norm'", wrong: "role !== 'norm'" },
];

/** The source of a file with the mistake in it; throws where what is right is not there once. */
export function mutated({ file, right, wrong }: Mutant): string {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  if (text.split(right).length !== 2) throw new Error(`mutants: '${right}' must stand in ${file} exactly once`);
  return text.replace(right, () => wrong);
}

interface Outcome {
  readonly failed: readonly string[];
  readonly passed: number;
}

/** Runs the specs of the semantics against a copy of the source. */
function run(mutant: Mutant | undefined): Outcome {
  const dir = join(root, '.cache', `mutant-${process.pid}`);
  try {
    mkdirSync(dir, { recursive: true });
    cpSync(SOURCE, join(dir, 'src'), { recursive: true });
    if (mutant) writeFileSync(join(dir, 'src', mutant.file), mutated(mutant));
    const config = {
      rootDir: dir,
      testMatch: ['**/semantics/*.spec.ts'],
      testEnvironmentOptions: { customExportConditions: ['@gradstream/source', 'node', 'require', 'default'] },
      transform: { '^.+\\.(t|j)sx?$': ['@swc/jest', { swcrc: false, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }] },
      transformIgnorePatterns: ['/node_modules/(?!@noble/)'],
    };
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), '--json', '--silent', '--config', JSON.stringify(config)], { cwd: root, encoding: 'utf8' });
    const result = JSON.parse(stdout) as { testResults: { assertionResults: { status: string; fullName: string }[] }[] };
    const tests = result.testResults.flatMap(({ assertionResults }) => assertionResults);
    return { failed: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName), passed: tests.filter(({ status }) => status === 'passed').length };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[1] && existsSync(process.argv[1]) && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const control = run(undefined);
  console.log(`without a mistake: ${control.passed} passed, ${control.failed.length} failed`);
  let survived = control.failed.length > 0 || control.passed === 0 ? 1 : 0;
  for (const mutant of MUTANTS) {
    const { failed } = run(mutant);
    if (failed.length === 0) survived++;
    console.log(`${failed.length > 0 ? 'caught' : 'SURVIVED'}: ${mutant.mistake}${failed.length > 0 ? ` (${failed.length}: ${failed[0]})` : ''}`);
  }
  process.exitCode = survived === 0 ? 0 : 1;
}
