/** The way of one optimizer over a surface. */
export interface Path {
  /** Places before the first step and after each: [steps + 1, 2]; NaN once it left all bounds. */
  readonly places: Float64Array;
  /** Values there, [steps + 1]. */
  readonly values: Float64Array;
}

/** The first step at which both coordinates are within `tolerance` of a place; undefined when none is. */
export function stepsTo({ places }: Pick<Path, 'places'>, [x, y]: readonly [number, number], tolerance: number): number | undefined {
  for (let i = 0; i < places.length; i += 2) if (Math.abs(places[i] - x) <= tolerance && Math.abs(places[i + 1] - y) <= tolerance) return i / 2;
  return undefined;
}

/**
 * What a step was worth on each axis, (w before − w after) / gradient: for plain descent the learning rate on both, for an
 * adaptive method a rate of its own on each. Undefined before the first step and where the path has ended.
 *
 * @param step the one that is shown: the step that led to it is measured
 */
export function stepPerGradient({ places }: Pick<Path, 'places'>, gradient: (x: number, y: number) => readonly [number, number], step: number): readonly [number, number] | undefined {
  const [x, y, nextX, nextY] = places.subarray(2 * step - 2, 2 * step + 2);
  if (step === 0 || !Number.isFinite(nextX)) return undefined;
  const [gx, gy] = gradient(x, y);
  return [(x - nextX) / gx, (y - nextY) / gy];
}
