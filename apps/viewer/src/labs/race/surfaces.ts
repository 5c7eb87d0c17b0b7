/** A function of the plane to descend, with its gradient. */
export interface DescentSurface {
  readonly name: string;
  readonly formula: string;
  value(x: number, y: number): number;
  gradient(x: number, y: number): readonly [number, number];
  /** What is shown: x from, x to, y from, y to. */
  readonly bounds: readonly [number, number, number, number];
  readonly start: readonly [number, number];
  /** Where it is least; a saddle has no such place. */
  readonly minimum?: readonly [number, number];
  /** Learning rates at which plain descent and at which adaptive methods make good time. */
  readonly rates: { readonly plain: number; readonly adaptive: number };
}

const surface = (of: DescentSurface): DescentSurface => of;

/** f = (x² + k·y²)/2: a bowl of condition k. */
export const bowl = (k: number): DescentSurface => surface({
  name: 'bowl',
  formula: `(x² + ${k}·y²) / 2`,
  value: (x, y) => (x * x + k * y * y) / 2,
  gradient: (x, y) => [x, k * y],
  bounds: [-1.4, 1.4, -1.05, 1.05],
  start: [1, 1],
  minimum: [0, 0],
  rates: { plain: 1.8 / (1 + k), adaptive: 0.05 },
});

export const surfaces: readonly DescentSurface[] = [
  surface({
    name: 'rosenbrock',
    formula: '(1 − x)² + 100·(y − x²)²',
    value: (x, y) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: (x, y) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
    bounds: [-2, 2, -1, 2.5],
    start: [-1.2, 1.6],
    minimum: [1, 1],
    rates: { plain: 0.0015, adaptive: 0.1 },
  }),
  surface({
    name: 'beale',
    formula: '(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²',
    value: (x, y) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y ** 3) ** 2,
    gradient: (x, y) => {
      const [a, b, c] = [1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y ** 3];
      return [2 * a * (y - 1) + 2 * b * (y * y - 1) + 2 * c * (y ** 3 - 1), 2 * a * x + 4 * b * x * y + 6 * c * x * y * y];
    },
    bounds: [-1, 4.5, -2, 2],
    start: [1, 1.5],
    minimum: [3, 0.5],
    rates: { plain: 0.005, adaptive: 0.06 },
  }),
  bowl(20),
  // The bowl of condition 40 turned by 45°: no axis is steep by itself, so a rate for each axis helps little.
  surface({
    name: 'ravine',
    formula: '((x + y)² + 40·(x − y)²) / 4',
    value: (x, y) => ((x + y) ** 2 + 40 * (x - y) ** 2) / 4,
    gradient: (x, y) => [(x + y + 40 * (x - y)) / 2, (x + y - 40 * (x - y)) / 2],
    bounds: [-1.4, 1.4, -1.05, 1.05],
    start: [1.1, 0.4],
    minimum: [0, 0],
    rates: { plain: 0.044, adaptive: 0.05 },
  }),
  surface({
    name: 'saddle',
    formula: 'x² − y² + y⁴/4',
    value: (x, y) => x * x - y * y + y ** 4 / 4,
    gradient: (x, y) => [2 * x, -2 * y + y ** 3],
    bounds: [-2, 2, -2.1, 2.1],
    start: [1.6, 0.001],
    rates: { plain: 0.05, adaptive: 0.05 },
  }),
];

export const surfaceOf = (name: string | undefined): DescentSurface => surfaces.find((known) => known.name === name) ?? surfaces[0];
