/** An optimizer of your own: its formula, once, as an expression. It runs as one fused pass on every engine layer, its numbers may be schedules or streams, and it stands in documents. */
import { add, div, hyper, mul, nonNegative, sqrt, square, sub, toSpec, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { chain, elementwise, link, scaleByLearningRate } from '@gradstream/optimizers';
import { batches, evaluate, forward, loss, metrics, optimize, report } from '@gradstream/pipeline';
import { digits } from '@gradstream/datasets';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';

/** Divides by the root of a mean of squares, as RMSprop does, and turns down a gradient that the mean did not expect: g² far above it. */
const scaleByCaution = link<{ readonly decay?: Hyper; readonly eps?: Hyper }>('scaleByCaution', { decay: hyper(unitHalfOpen), eps: hyper(nonNegative) }, ({ decay = 0.99, eps = 1e-8 }) =>
  elementwise('scaleByCaution', {
    hyper: { decay, eps },
    slots: { s: 0 },
    update: ({ g, decay, eps, ...old }) => {
      const s = add(mul(decay, old.s), mul(sub(1, decay), square(g)));
      const caution = div(square(g), 4);
      return { g: div(g, sqrt(add(add(s, caution), eps))), s };
    },
  }));

const rule = chain(scaleByCaution({ decay: 0.95 }), scaleByLearningRate(3e-3));
console.log(JSON.stringify(toSpec(rule)));

const { train, validation } = await digits({ validation: 400 });
batches(train, { size: 32, epochs: 4, seed: 1 }).pipe(
  forward(mlp({ hidden: [64] })),
  loss(softmaxCrossEntropy()),
  optimize(rule),
  metrics(accuracy()),
  evaluate(validation),
).subscribe(report());
