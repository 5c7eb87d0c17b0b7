import type { Checkpoint } from '@gradstream/pipeline';
import type { RunEvent, RunSpec } from '@gradstream/protocol';

/** What the page asks of the worker that trains. */
export type Command =
  | StartCommand
  | { readonly type: 'play' | 'pause' | 'step' | 'stop' }
  | { readonly type: 'rate'; readonly value: number };

/** Begins a run, or goes on with one. */
export interface StartCommand {
  readonly type: 'start';
  readonly spec: RunSpec;
  readonly backend: 'auto' | 'cpu' | 'wasm' | 'webgl';
  readonly wasmPath: string;
  readonly paused: boolean;
  /** Content of the file that the document's `csv` names. */
  readonly csv?: string;
  /** Where to go on. Without the optimizer's state another optimizer begins with its own. */
  readonly resume?: Checkpoint;
  /** The learning rate of now, where it is not the document's. */
  readonly rate?: number;
}

/** What the units of a hidden layer answer on a grid of the plane, row by row from the top: [units, side, side]. */
export interface UnitLayer {
  readonly side: number;
  readonly units: number;
  readonly values: Float32Array;
}

/** A model's opinion on a grid of the plane, row by row from the top. */
export interface Surface {
  readonly step: number;
  readonly side: number;
  readonly classes: number;
  /** Class probabilities, [side, side, classes]. */
  readonly probabilities: Float32Array;
  /** What the hidden units answer, layer by layer. */
  readonly units?: readonly UnitLayer[];
}

/** Points in the plane, and the square around them that the surface covers. */
export interface Plane {
  /** [n, 2] */
  readonly points: Float32Array;
  readonly labels: Int32Array;
  readonly classes: number;
  /** x from, x to, y from, y to. */
  readonly bounds: readonly [number, number, number, number];
}

/** Images of the validation split, [n, height, width] in 0 … 1, and what they show. */
export interface Gallery {
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly labels: Int32Array;
}

/** What the model says of the gallery. */
export interface Guesses {
  readonly step: number;
  readonly labels: Int32Array;
  /** Probability of each guess. */
  readonly confidence: Float32Array;
  /** Of each class, [n, classes]. */
  readonly probabilities: Float32Array;
}

/** What the worker says. */
export type Report =
  | { readonly type: 'backend'; readonly name: string; readonly skipped: readonly { readonly name: string; readonly reason: string }[] }
  | { readonly type: 'data'; readonly plane?: Plane; readonly gallery?: Gallery; readonly train: number; readonly validation: number }
  | { readonly type: 'engine'; readonly engine: string; readonly params: number }
  | { readonly type: 'events'; readonly events: readonly RunEvent[] }
  | { readonly type: 'surface'; readonly surface: Surface }
  | { readonly type: 'guesses'; readonly guesses: Guesses }
  | { readonly type: 'snapshot'; readonly checkpoint: Checkpoint }
  | { readonly type: 'lost'; readonly step: number }
  | { readonly type: 'ended'; readonly how: 'finished' | 'stopped' }
  | { readonly type: 'failed'; readonly message: string; readonly input: boolean };
