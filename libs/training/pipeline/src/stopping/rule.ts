/** When to stop: judges evaluations one after another. */
export interface StoppingRule {
  readonly name: string;
  /** Whether it compares sizes of an error, which must then be positive and better when smaller. */
  readonly judgesErrors: boolean;
  /** Judges one more evaluation. */
  judge(seen: Judged, memory: readonly number[]): Judgement;
}

/** What a rule is told of an evaluation. */
export interface Judged {
  /** The monitored value; NaN where it is. */
  readonly value: number;
  /** The best value so far, this one included; infinite before there is one. */
  readonly best: number;
  /** Whether this value is an improvement (and beats the baseline, where there is one). */
  readonly improved: boolean;
  /** The training error beside it: `train/lossMean`. */
  readonly train: number;
}

export interface Judgement {
  /** What the rule needs to know at the next evaluation; it begins empty, and a checkpoint keeps it. */
  readonly memory: readonly number[];
  /** Why to stop: the sentence after the monitored metric's name. */
  readonly reason?: string;
}

/** A short number for a sentence. */
export const brief = (value: number): string => String(Number(value.toPrecision(4)));
