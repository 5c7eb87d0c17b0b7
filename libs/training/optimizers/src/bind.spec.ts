import * as tf from '@tensorflow/tfjs';
import { fold, key, normals, sizeOf, type ParamInfo } from '@gradstream/numerics';
import { adamw, bind, chain, clipByGlobalNorm, momentum, warmupCosine, type BoundOptimizer, type Named, type Transformation } from './index.ts';

tf.env().set('PROD', true);

const params: readonly ParamInfo[] = [
  { name: 'hidden/kernel', shape: [3, 5], role: 'kernel' },
  { name: 'hidden/bias', shape: [5], role: 'bias' },
  { name: 'out/kernel', shape: [5, 1], role: 'kernel' },
];

const draw = (seed: number): Map<string, Float32Array> => new Map(params.map(({ name, shape }) => [name, normals(fold(key(seed), name), sizeOf(shape))]));

function train<A>(optimizer: BoundOptimizer<A, Float32Array | Float64Array>, to: (values: Float32Array, shape: readonly number[]) => A, steps: number): Named<A> {
  const of = (seed: number): Map<string, A> => new Map(params.map(({ name, shape }) => [name, to(draw(seed).get(name)!, shape)]));
  let values: Named<A> = of(0);
  for (let step = 0; step < steps; step++) values = optimizer.update({ step, params: values, gradients: of(step + 1) });
  return values;
}

const recipe = (): Transformation => chain(clipByGlobalNorm(1), adamw({ learningRate: warmupCosine({ peak: 0.1, warmupSteps: 3, totalSteps: 12 }), weightDecay: 0.1 }));

describe('bind', () => {
  it('gives the same training on every executor', async () => {
    await tf.setBackend('cpu');
    for (const make of [recipe, () => momentum({ learningRate: 0.1 })]) {
      const reference = train(bind(make(), params, { executor: 'float64' }), (values) => Float64Array.from(values), 10);
      const loops = train(bind(make(), params, { executor: 'js' }), (values) => values.slice(), 10);
      const tensors = train(bind(make(), params, { executor: 'tf' }), (values, shape) => tf.tensor(values, [...shape]), 10);
      for (const { name } of params) {
        reference.get(name)!.forEach((x, i) => {
          expect(loops.get(name)![i]).toBeCloseTo(x, 5);
          expect(tensors.get(name)!.dataSync()[i]).toBeCloseTo(x, 5);
        });
      }
    }
  });
});
