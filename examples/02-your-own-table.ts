/** A table of your own: from its text to predictions for new rows, in the names of its classes. */
import { build, mlp } from '@gradstream/models';
import { batches, earlyStopping, evaluate, forward, keep, loss, metrics, optimize } from '@gradstream/pipeline';
import { encodeInputs, encodedWidth, fromCsv, parseRows } from '@gradstream/datasets';
import { predict } from '@gradstream/engine';
import type { Weights } from '@gradstream/numerics';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { adam } from '@gradstream/optimizers';

// Of every four fruits three have a weight that tells them apart; a missing cell takes the mean of the rows that train.
const rows = Array.from({ length: 200 }, (_, i) => {
  const lemon = i % 2 === 0;
  const grams = (lemon ? 100 : 170) + ((i * 37) % 50);
  return `${i % 23 === 0 ? '' : grams},${lemon ? 'yellow' : i % 3 === 0 ? 'yellow' : 'red'},${lemon ? 'lemon' : 'apple'}`;
});
const { train, validation, info } = fromCsv(`grams,colour,fruit\n${rows.join('\n')}\n`, 'fruits.csv', { target: 'fruit', categorical: ['colour'], validation: 0.25, seed: 1 });

const model = mlp({ hidden: [8] });
const kept: { weights?: Weights } = {};
await batches(train, { size: 16, epochs: 40, seed: 1 }).pipe(
  forward(model),
  loss(softmaxCrossEntropy()),
  optimize(adam({ learningRate: 0.02 })),
  metrics(accuracy()),
  evaluate(validation!),
  earlyStopping({ monitor: 'validation/loss', patience: 10 }),
  keep(kept),
).forEach(() => undefined);

const fresh = parseRows('colour,grams\nyellow,104\nred,201\n', 'new.csv', info.encoding);
const width = encodedWidth(info.encoding);
const logits = predict(build(model, [width], 2), kept.weights!, { inputs: encodeInputs(fresh, info.encoding), inputShape: [fresh.rows.length, width] });
for (let row = 0; row < fresh.rows.length; row++) console.log(fresh.rows[row].join(' '), '→', info.targets.names![logits[2 * row] > logits[2 * row + 1] ? 0 : 1]);
