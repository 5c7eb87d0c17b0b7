/** Misuse does not compile: the expectations of errors below are checked by `tsc --project tsconfig.spec.json`. */
import { mixup, randomShift } from '@gradstream/augment';
import { linear } from '@gradstream/datasets';
import { meanSquaredError, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import type { Observable } from 'rxjs';
import type { StepEvent } from '@gradstream/protocol';
import { augment, batches, evaluate, forward, loss, metrics, optimize } from './index.ts';
import { data } from './small-run.fixture.ts';

const model = mlp({ hidden: [4] });
const rule = adam({ learningRate: 0.01 });

describe('stages', () => {
  test('in their order infer the type of events', () => {
    const run$: Observable<StepEvent> = batches(data.train).pipe(augment(randomShift({ pixels: 1 })), forward(model), loss(softmaxCrossEntropy()), optimize(rule), metrics());
    expect(run$).toBeDefined();
  });

  test('follow mixing: classes become probabilities, which squared error takes', () => {
    expect(batches(data.train).pipe(augment(mixup({ alpha: 1 })), forward(model), loss(meanSquaredError()), optimize(rule))).toBeDefined();
  });

  test('in another order do not compile', () => {
    const wrong = [
      // @ts-expect-error -- loss comes after forward
      () => batches(data.train).pipe(loss(softmaxCrossEntropy()), optimize(rule)),
      // @ts-expect-error -- metrics comes after optimize
      () => batches(data.train).pipe(forward(model), metrics()),
      // @ts-expect-error -- evaluate comes after metrics
      () => batches(data.train).pipe(forward(model), loss(softmaxCrossEntropy()), optimize(rule), evaluate(data.validation)),
      // @ts-expect-error -- augment comes before forward
      () => batches(data.train).pipe(forward(model), augment(randomShift({ pixels: 1 }))),
    ];
    expect(wrong).toHaveLength(4);
  });

  test('whose targets do not fit the loss do not compile', () => {
    const { train } = linear({ n: 8 });
    const wrong = [
      // @ts-expect-error -- cross-entropy takes classes or probabilities, not values
      () => batches(train).pipe(forward(model), loss(softmaxCrossEntropy()), optimize(rule)),
    ];
    expect(wrong).toHaveLength(1);
  });
});
