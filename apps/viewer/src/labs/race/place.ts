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
