import { Observable, zip, map, type OperatorFunction } from 'rxjs';
import { InputError, type Split } from '@gradstream/numerics';
import { predict } from '@gradstream/engine';
import type { RunEvent } from '@gradstream/protocol';
import { RUN, type Every, type Live } from '@gradstream/pipeline';
import { allOf } from '../split-arrays.ts';
import { probe, type Diagnostic, type DiagnosticEvent } from './probe.ts';

/**
 * How often two runs differ on unlabelled examples, `twins/disagreement` in %: trained on disjoint halves of the data they differ about
 * as often as they err (Jiang, Nagarajan, Baek, Kolter 2022), so that it estimates the test error without a label. Twins on the same
 * data differ less than they err. `twins/entropy`, in bits, tells of collapse: 0 where one answers everything with one class.
 *
 * Joins the first run's moments with the second's, one to one; both are held until the other is there, so that no answers pile up.
 *
 * @param other the second run; subscribed to with the first
 * @param unlabelled examples of classes, whose labels are not read
 * @example
 * const [left, right] = kFold(train, { k: 2 }).map(({ train }) => compose(parts, { train }));
 * left.pipe(disagreement(right, validation, { every: epochs(1) })).subscribe(report());
 */
export function disagreement(other: Observable<RunEvent & Live>, unlabelled: Split, { every }: { readonly every?: Every } = {}): OperatorFunction<RunEvent & Live, DiagnosticEvent & Live> {
  if (unlabelled.targets.kind !== 'classes') throw new InputError(`disagreement: compares classes, the ${unlabelled.role} split of '${unlabelled.dataset}' has ${unlabelled.targets.kind}`);
  return (source) => {
    const answers$ = (run: Observable<RunEvent & Live>) => run.pipe(probe(answering(unlabelled), { every }), holding());
    return zip(answers$(source), answers$(other)).pipe(map(([mine, theirs]) => {
      mine.release();
      theirs.release();
      const [a, b] = [mine, theirs].map(({ event }) => event.detail!['classes'] as readonly number[]);
      const differ = a.filter((label, i) => label !== b[i]).length / a.length;
      const { detail: _, ...event } = mine.event;
      return { ...event, diagnostic: 'twins', metrics: { 'twins/disagreement': 100 * differ, 'twins/entropy': entropy(a) }, seconds: mine.event.seconds + theirs.event.seconds };
    }));
  };
}

const answering = (split: Split): Diagnostic => ({
  name: 'answers',
  begin({ trainer: { model } }) {
    const examples = allOf(split);
    return {
      read(weights) {
        const outputs = predict(model, weights, examples, { size: 1_000 });
        const width = outputs.length / examples.size;
        const classes = Array.from({ length: examples.size }, (_, i) => {
          const row = outputs.subarray(i * width, (i + 1) * width);
          return row.indexOf(Math.max(...row));
        });
        return { metrics: { count: classes.length }, detail: { classes } };
      },
    };
  },
});

/** Events with the run held until each was released: one twin waits for the other. */
const holding = (): OperatorFunction<DiagnosticEvent & Live, { readonly event: DiagnosticEvent & Live; readonly release: () => void }> => map((event) => ({ event, release: event[RUN].pacer.hold() }));

function entropy(labels: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return -[...counts.values()].reduce((sum, n) => sum + (n / labels.length) * Math.log2(n / labels.length), 0);
}
