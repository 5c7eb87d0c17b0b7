import { InputError, positiveInteger, shown } from '@gradstream/numerics';
import type { StepEvent } from '@gradstream/protocol';

/** How often something happens. It fires when a boundary is *crossed*, so a filtered event cannot make it miss one. */
export type Every = { readonly steps: number } | { readonly epochs: number } | 'end';

const checked = (what: string, n: number): number => {
  if (!positiveInteger.accepts(n)) throw new InputError(`${what}: must be ${positiveInteger.says}, received ${shown(n)}`);
  return n;
};

/** After every n steps. */
export const steps = (n: number): Every => ({ steps: checked('steps', n) });
/** After every n epochs. */
export const epochs = (n: number): Every => ({ epochs: checked('epochs', n) });
/** Once, when the run has ended, with the weights that are its result. */
export const atEnd = (): Every => 'end';

/** Reads an `Every` of a document: `end`, `{ steps: 100 }` or `{ epochs: 1 }`. */
export function parseEvery(value: unknown, path: string): Every {
  if (value === 'end') return 'end';
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 1 && (entries[0][0] === 'steps' || entries[0][0] === 'epochs') && positiveInteger.accepts(entries[0][1])) return value as Every;
  }
  throw new InputError(`${path} must be 'end', { epochs: n } or { steps: n }, received ${shown(value)}`);
}

/** Boundaries passed once `step` has been taken; `end` has none. */
export function boundariesAfter(every: Every, step: number, batchesPerEpoch: number): number {
  if (every === 'end') return 0;
  return Math.floor((step + 1) / ('steps' in every ? every.steps : every.epochs * batchesPerEpoch));
}

/** Tells, event by event, whether a boundary was crossed since the last one it saw. */
export class Crossing {
  private passed?: number;

  constructor(private readonly every: Every) {}

  crossed({ step, batchesPerEpoch }: Pick<StepEvent, 'step' | 'batchesPerEpoch'>): boolean {
    const now = boundariesAfter(this.every, step, batchesPerEpoch);
    const before = this.passed ?? boundariesAfter(this.every, step - 1, batchesPerEpoch);
    this.passed = now;
    return now > before;
  }
}
