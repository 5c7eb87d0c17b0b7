/** The first run: digits, an MLP, mixup, warm-up and cosine, early stopping on the validation split. */
import { augment, batches, earlyStopping, epochs, evaluate, forward, keep, loss, metrics, optimize, report } from '@gradstream/pipeline';
import { mixup, randomShift } from '@gradstream/augment';
import { digits } from '@gradstream/datasets';
import { accuracy, gradientNorm, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adamw, chain, clipByGlobalNorm, warmupCosine } from '@gradstream/optimizers';
import { l2 } from '@gradstream/regularizers';

const { train, validation } = await digits({ validation: 300, test: 300 });

const run$ = batches(train, { size: 32, epochs: 20, seed: 7 }).pipe(
  augment(randomShift({ pixels: 1 }), mixup({ alpha: 0.2 })),
  forward(mlp({ hidden: [128, 64], dropout: 0.1 })),
  loss(softmaxCrossEntropy({ labelSmoothing: 0.1 }), l2(1e-4)),
  optimize(chain(clipByGlobalNorm(1), adamw({ learningRate: warmupCosine({ peak: 3e-3, warmupSteps: 50, totalSteps: 760 }) }))),
  metrics(accuracy(), gradientNorm()),
  evaluate(validation, { every: epochs(1) }),
  earlyStopping({ monitor: 'validation/loss', patience: 5, restoreBest: true }),
);

run$.pipe(keep(({ size }) => console.log(`${size} weights kept`))).subscribe(report());
