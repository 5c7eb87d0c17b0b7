import type { Observer } from 'rxjs';
import { shown } from '@gradstream/numerics';
import type { RunEvent } from '@gradstream/protocol';

/** A short, plain number for people. */
const brief = (value: number): string => (Number.isFinite(value) ? (Math.abs(value) >= 0.001 || value === 0 ? value.toFixed(4) : value.toExponential(2)) : String(value));

/** An observer that prints one line per evaluation, and how the run ended. For a program of one's own; the command line draws a bar. */
export const report = (print: (line: string) => void = console.log): Observer<RunEvent> => {
  let mean = NaN;
  return {
    next: (event) => {
      if (event.type === 'step') mean = event.metrics['train/lossMean'];
      else if (event.type === 'evaluation') print(`epoch ${event.epoch + 1}  step ${event.step + 1}  train/lossMean ${brief(mean)}  ${Object.entries(event.metrics).map(([name, value]) => `${name} ${brief(value)}`).join('  ')}`);
      else print(`stopped after step ${event.step + 1}: ${event.reason}`);
    },
    error: (error: unknown) => print(`failed: ${error instanceof Error ? error.message : shown(error)}`),
    complete: () => print('done'),
  };
};
