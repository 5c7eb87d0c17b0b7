import { add, element, sqrt } from './nodes.ts';
import { schedule } from './schedule.ts';

describe('where a content security policy forbids code from text', () => {
  const { Function: original } = globalThis;
  afterEach(() => void (globalThis.Function = original));

  it('kernels are interpreted, with the same result', async () => {
    let refusals = 0;
    globalThis.Function = function refused(): never {
      refusals++;
      throw new EvalError("Refused to evaluate a string as JavaScript because 'unsafe-eval' is not an allowed source");
    } as unknown as FunctionConstructor;
    const { jsKernel } = await import('./kernels.ts');
    const [pass] = schedule({ g: sqrt(add(element('g'), 1)) }).passes;
    const g = Float32Array.of(3, 8, 15);
    const uniforms = new Float32Array(pass!.uniforms);
    pass!.evaluate([], uniforms);
    jsKernel(pass!)(3, uniforms, [g], new Float64Array(0));
    expect([refusals, [...g]]).toEqual([1, [2, 3, 4]]);
  });
});
