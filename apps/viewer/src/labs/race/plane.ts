import { bowl } from './surfaces.ts';

/** Condition of the bowl (x² + k·y²)/2: curvatures 1 and k. */
export const condition = 20;
/** The bowl that momentum descends here. */
export const stabilityBowl = bowl(condition);
/** Steps that a convergence is measured over. */
export const stabilitySteps = 120;

/** Learning rates and momenta of the plane that is drawn. */
export const plane = { columns: 40, rows: 36, mostMomentum: 0.99, mostRate: 4.4 / condition } as const;

/** Where the middle of a cell of the plane stands. */
export const cellAt = (column: number, row: number): { readonly rate: number; readonly beta: number } => ({
  beta: (plane.mostMomentum * (column + 0.5)) / plane.columns,
  rate: (plane.mostRate * (row + 0.5)) / plane.rows,
});

/**
 * The learning rate below which heavy-ball momentum converges on a quadratic, 2(1 + β)/λ_max: Polyak 1964; Goh 2017,
 * https://distill.pub/2017/momentum
 */
export const greatestRate = (beta: number, lambda: number = condition): number => (2 * (1 + beta)) / lambda;
