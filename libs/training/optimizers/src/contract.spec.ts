/** What every optimizer, wrapper and transformation of the index keeps; a new one joins by being exported. */
import * as tf from '@tensorflow/tfjs';
import { blocksKernel, fold, key, normals, shown, sizeOf, specOf, type Factory, type Hyper, type ParamInfo, type Rule } from '@gradstream/numerics';
import { BehaviorSubject } from 'rxjs';
import * as library from './index.ts';
import { bind, fromSpec, isTransformation, kernelExecutor, optimizers, schedules, transformations, type BoundOptimizer, type Named, type Transformation } from './index.ts';

tf.env().set('PROD', true);
beforeAll(() => tf.setBackend('cpu'));

type Make = Factory<Record<string, unknown>, Transformation>;

/** An option that must be given, for any member that has it. */
const REQUIRED: Readonly<Record<string, unknown>> = {
  learningRate: 1e-3, maxNorm: 1, limit: 0.5, maxRms: 0.5, factor: 0.5, weightDecay: 0.01, every: 2, inner: library.momentum({ learningRate: 1e-3 }), links: [], mask: 'all',
};

const exported = (Object.entries(library) as unknown as [string, Make][]).filter(([, member]) => typeof member === 'function' && 'factoryName' in member);
const members = exported.filter(([name]) => !Object.hasOwn(schedules, name));
const requiredOf = ({ required }: Make): Record<string, unknown> => Object.fromEntries(required.map((option) => [option, REQUIRED[option]]));
const build = (make: Make, more: Record<string, unknown> = {}): Transformation => make({ ...requiredOf(make), ...more });
const needsMatrices = (name: string): boolean => name === 'orthogonalize';

const MIXED: readonly ParamInfo[] = [
  { name: 'hidden/kernel', shape: [3, 5], role: 'kernel' },
  { name: 'hidden/bias', shape: [5], role: 'bias' },
  { name: 'conv/kernel', shape: [2, 2, 1, 3], role: 'kernel' },
];
const paramsFor = (name: string): readonly ParamInfo[] => (needsMatrices(name) ? MIXED.filter(({ shape }) => shape.length === 2) : MIXED);

const draw = (params: readonly ParamInfo[], seed: number): Map<string, Float32Array> => new Map(params.map(({ name, shape }) => [name, normals(fold(key(seed), name), sizeOf(shape))]));

interface Side<A> {
  bind(transformation: Transformation, params: readonly ParamInfo[]): BoundOptimizer<A, Float32Array | Float64Array>;
  from(values: Float32Array, shape: readonly number[]): A;
  read(x: A): number[];
}

const js: Side<Float32Array> = { bind: (t, params) => bind(t, params, { executor: 'js' }) as BoundOptimizer<Float32Array, never>, from: (values) => values.slice(), read: (x) => [...x] };
const blocks: Side<Float32Array> = { ...js, bind: (t, params) => bind(t, params, { executor: kernelExecutor(blocksKernel) }) as BoundOptimizer<Float32Array, never> };
const float64: Side<Float64Array> = { bind: (t, params) => bind(t, params, { executor: 'float64' }) as BoundOptimizer<Float64Array, never>, from: (values) => Float64Array.from(values), read: (x) => [...x] };
const tensors: Side<tf.Tensor> = { bind: (t, params) => bind(t, params, { executor: 'tf' }) as BoundOptimizer<tf.Tensor, never>, from: (values, shape) => tf.tensor(values, [...shape]), read: (x) => [...x.dataSync()] };
const SIDES = { js, float64, tensors } as Readonly<Record<string, Side<unknown>>>;

type Gradient = (step: number) => Map<string, Float32Array>;

/** Steps on scripted gradients; a wrapper that asks again gets the same ones scaled. */
function steps<A>(side: Side<A>, optimizer: BoundOptimizer<A, Float32Array | Float64Array>, params: readonly ParamInfo[], start: Named<A>, range: readonly number[], gradient: Gradient): Named<A> {
  const shapes = new Map(params.map(({ name, shape }) => [name, shape]));
  const lend = (values: Map<string, Float32Array>): Map<string, A> => new Map([...values].map(([name, x]) => [name, side.from(x, shapes.get(name)!)]));
  return range.reduce<Named<A>>((now, step) => optimizer.update({ step, params: now, gradients: lend(gradient(step)), gradientsAt: () => lend(gradient(step)), size: 4 }), start);
}

const startOf = <A>(side: Side<A>, params: readonly ParamInfo[]): Map<string, A> => new Map([...draw(params, 0)].map(([name, values], i) => [name, side.from(values, params[i].shape)]));
const readAll = <A>(side: Side<A>, named: Named<A>): Record<string, number[]> => Object.fromEntries([...named].map(([name, x]) => [name, side.read(x)]));
const upTo = (n: number, from = 0): number[] => Array.from({ length: n - from }, (_, i) => from + i);

function trained(side: Side<unknown>, transformation: Transformation, params: readonly ParamInfo[], n = 5, gradient: Gradient = (step) => draw(params, step + 1)): Record<string, number[]> {
  const optimizer = side.bind(transformation, params);
  const result = readAll(side, steps(side, optimizer, params, startOf(side, params), upTo(n), gradient));
  optimizer.close();
  return result;
}

describe('the index', () => {
  it('exports members that documents can name, and names nothing that it does not export', () => {
    for (const [name, make] of exported) {
      expect(make.factoryName).toBe(name);
      expect(Object.hasOwn(schedules, name) || Object.hasOwn(transformations, name)).toBe(true);
    }
    const named = [...Object.keys(transformations), ...Object.keys(schedules)].filter((name) => !name.includes('.') && name !== 'chain' && name !== 'masked');
    expect(named.filter((name) => !(name in library))).toEqual([]);
  });

  it('has every member of the plan', () => {
    const planned = ['sgd', 'momentum', 'nesterov', 'nesterovLookahead', 'adagrad', 'adadelta', 'rmsprop', 'adam', 'amsgrad', 'adamw', 'nadam', 'radam', 'adamax', 'rprop', 'asgd', 'signSgd', 'signum', 'lion', 'adabelief', 'yogi', 'adan', 'lamb', 'lars', 'adafactor', 'muon', 'scheduleFreeSgd', 'scheduleFreeAdamW', 'sgdw'];
    expect(Object.keys(optimizers).sort()).toEqual([...planned].sort());
  });
});

describe.each(members)('%s', (name, make) => {
  const params = paramsFor(name);

  it('makes a transformation from its required options, and describes it', () => {
    const made = build(make);
    expect(isTransformation(made)).toBe(true);
    expect(specOf(made)).toMatchObject({ name });
  });

  it.each(Object.keys(SIDES))('gives the names and shapes it was given, and leaves gradients alone, on %s', (which) => {
    const side = SIDES[which];
    const optimizer = side.bind(build(make), params);
    const given = startOf(side, params);
    const gradients = new Map([...draw(params, 1)].map(([param, values], i) => [param, side.from(values, params[i].shape)]));
    const before = readAll(side, gradients);
    const next = optimizer.update({ step: 0, params: given, gradients, gradientsAt: () => gradients });
    expect([...next.keys()]).toEqual(params.map(({ name: param }) => param));
    for (const param of params) {
      expect(side.read(next.get(param.name)!)).toHaveLength(sizeOf(param.shape));
      if (which === 'tensors') expect((next.get(param.name) as tf.Tensor).shape).toEqual([...param.shape]);
      else expect(next.get(param.name)).toBe(given.get(param.name));
    }
    expect(readAll(side, gradients)).toEqual(before);
    if (which === 'tensors') for (const lent of [...given.values(), ...gradients.values()]) expect((lent as tf.Tensor).isDisposed).toBe(false);
    optimizer.close();
  });

  it('gives the same for the same, and the same bits from interpreted loops', () => {
    const first = trained(js as Side<unknown>, build(make), params);
    expect(trained(js as Side<unknown>, build(make), params)).toEqual(first);
    expect(trained(blocks as Side<unknown>, build(make), params)).toEqual(first);
  });

  it('agrees between float64, loops and tensors to rounding', () => {
    const [reference, loops, tensor] = [float64, js, tensors].map((side) => trained(side as Side<unknown>, build(make), params));
    for (const { name: param } of params) {
      reference[param].forEach((x, i) => {
        const near = 2e-5 * Math.max(1, Math.abs(x));
        expect(Math.abs(loops[param][i] - x)).toBeLessThan(near);
        expect(Math.abs(tensor[param][i] - x)).toBeLessThan(near);
      });
    }
  });

  it.each(Object.keys(SIDES))('continues bit for bit from a snapshot, through JSON, on %s', (which) => {
    const side = SIDES[which];
    const gradient: Gradient = (step) => draw(params, step + 1);
    const whole = side.bind(build(make), params);
    const middle = steps(side, whole, params, startOf(side, params), upTo(2), gradient);
    const { slots, counts } = whole.snapshot();
    const held = new Map([...middle].map(([param, x]) => [param, side.from(Float32Array.from(side.read(x)), params.find((info) => info.name === param)!.shape)]));
    if (which === 'float64') for (const [param, x] of middle) (held.get(param) as Float64Array).set(x as Float64Array);
    const ending = readAll(side, steps(side, whole, params, middle, upTo(5, 2), gradient));

    const again = side.bind(build(make), params);
    again.restore({ slots: structuredClone(slots), counts: JSON.parse(JSON.stringify(counts)) as Record<string, number> });
    expect(readAll(side, steps(side, again, params, held, upTo(5, 2), gradient))).toEqual(ending);
    whole.close();
    again.close();
  });

  it('takes schedules and streams wherever it takes a number that may change', () => {
    for (const [option, rule] of Object.entries<Rule>(make.options)) {
      if (!rule.kinds?.includes('schedule')) continue;
      const value = (REQUIRED[option] as number | undefined) ?? [0.05, 2].find((x) => rule.accepts(x))!;
      const of = (hyper: Hyper): Record<string, number[]> => trained(js as Side<unknown>, build(make, { [option]: hyper }), params);
      const expected = of(value);
      expect(of(() => value)).toEqual(expected);
      expect(of(new BehaviorSubject(value))).toEqual(expected);
    }
  });

  it('keeps zero gradients finite, and lists of one element and of none', () => {
    const zeros: Gradient = () => new Map(params.map(({ name: param, shape }) => [param, new Float32Array(sizeOf(shape))]));
    for (const side of Object.values(SIDES)) {
      for (const values of Object.values(trained(side, build(make), params, 2, zeros))) expect(values.every(Number.isFinite)).toBe(true);
      const one: readonly ParamInfo[] = [{ name: 'x', shape: needsMatrices(name) ? [1, 1] : [1], role: 'kernel' }];
      expect(trained(side, build(make), one, 2).x.every(Number.isFinite)).toBe(true);
      expect(trained(side, build(make), [], 1)).toEqual({});
    }
  });

  it('leaves params without a gradient as they are, and their state too', () => {
    const without = params[0].name;
    const gradient: Gradient = (step) => new Map([...draw(params, step + 1)].filter(([param]) => param !== without || step >= 3));
    for (const side of Object.values(SIDES)) {
      const optimizer = side.bind(build(make), params);
      const middle = steps(side, optimizer, params, startOf(side, params), upTo(3), gradient);
      expect(side.read(middle.get(without)!)).toEqual(side.read(side.from(draw(params, 0).get(without)!, params[0].shape)));
      expect(Object.values(readAll(side, steps(side, optimizer, params, middle, upTo(5, 3), gradient))).flat().every(Number.isFinite)).toBe(true);
      optimizer.close();
    }
  });

  it('keeps the number of tensors, and gives all back', () => {
    const before = tf.memory().numTensors;
    const optimizer = tensors.bind(build(make), params);
    let now: Named<tf.Tensor> = startOf(tensors, params);
    const counts: number[] = [];
    for (let step = 0; step < 5; step++) {
      const gradients = new Map([...draw(params, step + 1)].map(([param, values], i) => [param, tensors.from(values, params[i].shape)]));
      const next = optimizer.update({ step, params: now, gradients, gradientsAt: () => new Map([...gradients].map(([param, x]) => [param, x.clone()])) });
      for (const x of [...now.values(), ...gradients.values()]) x.dispose();
      now = next;
      const evaluated = optimizer.evaluationParams(now);
      for (const [param, x] of evaluated) if (x !== now.get(param)) x.dispose();
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    optimizer.close();
    for (const x of now.values()) x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what its options must not be', () => {
    for (const [option, rule] of Object.entries<Rule>(make.options)) {
      expect(() => build(make, { [option]: NaN })).toThrow(`${name}: ${option} must be ${rule.says}, received NaN`);
      if (!rule.accepts(-3)) expect(() => build(make, { [option]: -3 })).toThrow(`${name}: ${option} must be ${rule.says}, received ${shown(-3)}`);
    }
    expect(() => build(make, { lerningRate: 1 })).toThrow(`${name}: 'lerningRate' is not an option`);
    for (const option of make.required) expect(() => make({ ...requiredOf(make), [option]: undefined })).toThrow(`${name}: ${option} is required`);
  });

  it('is written as a document and read back', () => {
    const made = build(make);
    const document = JSON.parse(JSON.stringify(specOf(made))) as unknown;
    const again = fromSpec(document);
    expect(specOf(again)).toEqual(specOf(made));
    expect(trained(js as Side<unknown>, again, params)).toEqual(trained(js as Side<unknown>, made, params));
  });
});

/** Losses with their gradients. */
const PARABOLA = { start: [3, -2, 1, -0.5], loss: (x: Float64Array) => x.reduce((sum, each, i) => sum + (i + 1) * each * each, 0), gradient: (x: Float64Array) => x.map((each, i) => 2 * (i + 1) * each) };
const ROSENBROCK = {
  start: [-1.2, 1],
  loss: ([x, y]: Float64Array) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient: ([x, y]: Float64Array) => Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
};

const descending = [...Object.keys(optimizers), 'lookahead', 'sam', 'accumulate', 'skipNonFinite'];

describe.each(descending)('%s', (name) => {
  const make = (library as unknown as Record<string, Make>)[name];

  it.each([['a parabola', PARABOLA], ["Rosenbrock's valley", ROSENBROCK]])('goes down on %s', (_, { start, loss, gradient }) => {
    const param: ParamInfo = { name: 'x', shape: [start.length], role: 'kernel' };
    const optimizer = bind(build(make), [param], { executor: 'float64' });
    const x = Float64Array.from(start);
    const before = loss(x);
    const gradients = (at: Named<Float64Array>): Named<Float64Array> => new Map([['x', gradient(at.get('x')!)]]);
    for (let step = 0; step < 300; step++) {
      const params = new Map([['x', x]]);
      optimizer.update({ step, params, gradients: gradients(params), gradientsAt: gradients });
    }
    const evaluated = optimizer.evaluationParams(new Map([['x', x]])).get('x')!;
    expect(loss(evaluated)).toBeLessThan(before * 0.999);
    expect(loss(x)).toBeLessThan(before * 0.999);
    optimizer.close();
  });
});

