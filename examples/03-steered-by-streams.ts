/** Hyper-parameters are streams: the validation loss lowers the learning rate, and a widening gap ends the run. */
import { distinctUntilChanged, share, shareReplay, Subject, takeUntil } from 'rxjs';
import { batches, evaluate, forward, loss, metrics, optimize, report, valuesOf } from '@gradstream/pipeline';
import { moons } from '@gradstream/datasets';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam, reduceOnPlateau } from '@gradstream/optimizers';

const { train, validation } = moons({ n: 260, noise: 0.35, validation: 160, seed: 3 });

const enough$ = new Subject<void>();
const validationLoss$ = new Subject<number>();
const learningRate$ = validationLoss$.pipe(reduceOnPlateau({ initial: 0.01, factor: 0.7, patience: 8 }), distinctUntilChanged(), shareReplay({ bufferSize: 1, refCount: true }));

const run$ = batches(train, { size: 20, epochs: 400, seed: 1 }).pipe(
  takeUntil(enough$), // stops gracefully: the last weights are evaluated
  forward(mlp({ hidden: [64, 64] })),
  loss(softmaxCrossEntropy()),
  optimize(adam({ learningRate: learningRate$ })), // a slider would do: fromEvent(slider, 'input')
  metrics(accuracy()),
  evaluate(validation),
  share(),
);

run$.pipe(valuesOf('validation/loss')).subscribe(validationLoss$);

let fitted = Infinity;
run$.subscribe((event) => {
  if (event.type === 'step') fitted = event.metrics['train/lossMean'];
  else if (event.type === 'evaluation' && event.metrics['validation/loss'] - fitted > 0.25) enough$.next();
});
learningRate$.subscribe((rate) => console.log('learning rate', rate));
run$.subscribe(report());
