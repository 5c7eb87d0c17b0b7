import type { CommandName, Controls } from '@gradstream/protocol';

/** A hyper-parameter that may be set while the run goes on. */
export interface Dial {
  readonly path: string;
  readonly min: number;
  readonly max: number;
  /** Whether the slider moves by factors: the bounds lie far apart and above 0. */
  readonly log: boolean;
}

/** The dials of what a run lets be set. */
export const dialsOf = ({ set }: Pick<Controls, 'set'>): readonly Dial[] =>
  Object.entries(set).map(([path, { min, max }]) => {
    // A learning rate that may be anything down to 0 still wants a slider that moves by factors.
    const least = min === 0 ? max * 1e-6 : min;
    const log = least > 0 && max / least > 50;
    return { path, min: log ? least : min, max, log };
  });

/** Position of a slider from 0 to 1. */
export const positionOf = ({ min, max, log }: Dial, value: number): number => {
  const at = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.max(0, Math.min(1, at));
};

/** The value at a position, with the digits that a hand can mean. */
export const valueAt = ({ min, max, log }: Dial, position: number): number => Number((log ? min * (max / min) ** position : min + (max - min) * position).toPrecision(3));

/** The buttons of a run, in the order of a player: only one of pause and resume at a time. */
export const buttonsOf = (commands: readonly CommandName[], paused: boolean): readonly CommandName[] =>
  (['pause', 'resume', 'step', 'stop'] as const).filter((command) => commands.includes(command) && command !== (paused ? 'pause' : 'resume'));
