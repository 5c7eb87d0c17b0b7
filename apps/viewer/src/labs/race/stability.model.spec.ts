import { cellAt, condition, greatestRate, plane } from './plane.ts';
import { measureRow, ratePerStep, trajectory } from './stability.model.ts';

describe('momentum on a quadratic', () => {
  it('converges where theory says, and only there', () => {
    const rates = Array.from({ length: plane.rows }, (_, row) => measureRow(row)).flat();
    const unlike = [...rates.keys()].filter((i) => {
      const { rate, beta } = cellAt(i % plane.columns, Math.floor(i / plane.columns));
      const margin = rate / greatestRate(beta);
      return Math.abs(margin - 1) > 0.03 && rates[i] < 1 !== margin < 1;
    });
    expect(unlike).toEqual([]);
    expect(rates.filter((rate) => rate < 1).length).toBeGreaterThan(rates.length / 3);
    expect(rates.filter((rate) => rate >= 1).length).toBeGreaterThan(rates.length / 6);
  });

  // Polyak 1964: α = 4/(√L + √μ)², β = ((√κ − 1)/(√κ + 1))², rate √β; plain descent at 2/(L + μ): (κ − 1)/(κ + 1).
  it('is as fast as theory says at its best constants', () => {
    const root = Math.sqrt(condition);
    const best = (root - 1) / (root + 1);
    expect(ratePerStep(trajectory(4 / (root + 1) ** 2, best ** 2))).toBeCloseTo(best, 1);
    expect(ratePerStep(trajectory(2 / (condition + 1), 0))).toBeCloseTo((condition - 1) / (condition + 1), 6);
    expect(ratePerStep(trajectory(1, 0))).toBe(Infinity);
  });
});
