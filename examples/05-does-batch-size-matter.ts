/** A question with an answer: the same number of epochs in small and in large batches, over seeds, with paired differences. */
import { lastValueFrom, merge, share } from 'rxjs';
import { compare, curvature, probe, type StandingEvent } from '@gradstream/diagnostics';
import { atEnd, batches, evaluate, forward, loss, metrics, optimize } from '@gradstream/pipeline';
import { digits } from '@gradstream/datasets';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { sgd } from '@gradstream/optimizers';

const { train, validation } = await digits({ validation: 400 });

const inBatchesOf = (size: number) => (seed: number) => {
  const run$ = batches(train, { size, epochs: 15, seed }).pipe(
    forward(mlp({ hidden: [32], activation: 'tanh' })),
    loss(softmaxCrossEntropy()),
    optimize(sgd({ learningRate: 0.2 })),
    metrics(accuracy()),
    evaluate(validation, { every: atEnd() }),
    share(),
  );
  return merge(run$, run$.pipe(probe(curvature(train, { examples: 256 }), { every: 'end' })));
};

const seeds = [0, 1, 2, 3];
const { arms, paired } = (await lastValueFrom(compare(inBatchesOf(16), { large: inBatchesOf(512) }, seeds))) as StandingEvent;
for (const metric of ['validation/accuracy', 'validation/loss', 'curvature/lambdaMax']) {
  const { mean, interval: [low, high], sign } = paired['large'][metric];
  console.log(`${metric}: ${arms['base'][metric].mean.toFixed(3)} in batches of 16, ${arms['large'][metric].mean.toFixed(3)} of 512; difference ${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}, ${sign} of ${seeds.length} seeds)`);
}
