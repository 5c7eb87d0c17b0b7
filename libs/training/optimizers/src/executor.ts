import type { ArrayOps } from './arrays.ts';
import type { Named } from './bound.ts';
import type { ParamClass } from './fuse.ts';

/** What one run of a segment is given. */
export interface SegmentInput<A> {
  /** Updates so far; params without one are left alone. */
  readonly updates: Named<A>;
  readonly params: Named<A>;
  /** Count of this update for a param: 1, 2, … */
  count(param: string): number;
  /** Hyper-parameters by uniform name (`<path>/<name>`), of all links of the segment; the same object as long as none changes. */
  readonly hyper: Readonly<Record<string, number>>;
}

/** Arrays and numbers that links keep: slots as `<path>/<slot>/<param>`, scalars as `<path>/<scalar>/<param>`. */
export interface LinkState<A> {
  readonly slots: Map<string, A>;
  readonly scalars: Map<string, number>;
  /** Numbers that stay, as `<path>/<constant>/<param>`. */
  readonly constants: ReadonlyMap<string, number>;
}

/** A fused segment, ready to run: returns new params where it applies, updates where it does not. */
export type Segment<A> = (input: SegmentInput<A>) => Named<A>;

/** Where and how an optimizer computes. */
export interface Executor<A, V extends Float32Array | Float64Array = Float32Array> {
  readonly ops: ArrayOps<A>;
  segment(classes: readonly ParamClass[], state: LinkState<A>, apply: boolean): Segment<A>;
  /** A slot; it lives until it is released. */
  create(shape: readonly number[], start: number): A;
  /** The slot holding new values: in place on the host, another tensor in its place elsewhere. */
  assign(slot: A, next: A): A;
  release(slot: A): void;
  /** A copy of the numbers. */
  values(x: A): V;
  /** The param holding new values: in place on the host. */
  write(param: A, next: A): A;
  /** Params plus updates: in place on the host. */
  apply(param: A, update: A): A;
  flat(x: A): A;
  shaped(x: A, shape: readonly number[]): A;
  /** Runs an update; whatever it made and does not return or keep is released. */
  tidy(run: () => Named<A>): Named<A>;
}
