/**
 * ε-sharpness: Keskar, Mudigere, Nocedal, Smelyanskiy, Tang 2017, "On Large-Batch Training for Deep Learning: Generalization Gap
 * and Sharp Minima", metric 2.1 with A = I, https://arxiv.org/abs/1609.04836
 *
 *   φ = 100 · (max over |y_i| ≤ ε(|x_i| + 1) of f(x + y) − f(x)) / (1 + f(x))
 *
 * The maximum is sought by projected L-BFGS (ten pairs) with a backtracking search, in the place of the paper's L-BFGS-B: what it
 * gives is a lower bound. Re-parametrising a ReLU network changes it at will (Dinh et al. 2017): compare it within one architecture,
 * and at equal training loss.
 */
import { fold, key, uniforms, type Key } from '@gradstream/numerics';
import { dot, norm, plus, times } from '../linear-algebra.ts';
import type { Point, Surface } from './surface.ts';

export interface SharpnessOptions {
  /** Half the width of the box, as a share of |x| + 1. Default 1e-3. */
  readonly eps?: number;
  /** Default 10, as in the paper. */
  readonly iterations?: number;
  readonly key?: Key;
}

export interface Sharpness {
  /** φ, in percent. */
  readonly sharpness: number;
  /** f(x). */
  readonly loss: number;
  /** The largest loss found in the box. */
  readonly worst: number;
}

export function epsilonSharpness(surface: Surface, at: Point, { eps = 1e-3, iterations = 10, key: from = key(0) }: SharpnessOptions = {}): Sharpness {
  const half = Float64Array.from(at, (x) => eps * (Math.abs(x) + 1));
  const clamp = (y: Float64Array): Float64Array => y.map((value, i) => Math.min(half[i], Math.max(-half[i], value)));
  const of = (y: Float64Array): { readonly loss: number; readonly gradient: Float64Array } => {
    const { loss, gradient } = surface.gradient(plus(at, y));
    return { loss, gradient: new Float64Array(gradient) };
  };
  const loss = surface.loss(at);
  // A little way from the centre: at a minimum the gradient says nothing.
  let y: Float64Array = Float64Array.from(uniforms(fold(from, 'sharpness'), surface.size), (u, i) => (2 * u - 1) * half[i] * 0.1);
  let { loss: value, gradient } = of(y);
  const pairs: { readonly s: Float64Array; readonly d: Float64Array }[] = [];
  for (let i = 0; i < iterations; i++) {
    // Numbers at their bound that want to go further stay out of the model of the curvature.
    const free = gradient.map((g, j) => ((y[j] >= half[j] && g > 0) || (y[j] <= -half[j] && g < 0) ? 0 : g));
    const direction = twoLoop(free, pairs).map((step, j) => (free[j] === 0 ? 0 : step));
    const ascent = dot(direction, free) > 0 ? direction : free;
    // A first step as wide as the box: its scale is known, the gradient's is not.
    let length = pairs.length === 0 ? norm(half) / (norm(ascent) || 1) : 1;
    let moved = false;
    for (let tries = 0; tries < 8 && !moved; tries++, length /= 2) {
      const next = clamp(plus(y, ascent, length));
      const there = of(next);
      if (!(there.loss > value)) continue;
      const s = plus(next, y, -1);
      const d = plus(gradient, there.gradient, -1);
      if (dot(s, d) > 1e-12 * norm(s) * norm(d)) pairs.push({ s, d });
      if (pairs.length > 10) pairs.shift();
      ({ loss: value, gradient } = there);
      y = next;
      moved = true;
    }
    if (!moved) {
      if (pairs.length === 0) break;
      pairs.length = 0;
    }
  }
  // Steepest ascent in the box's own norm: every number at the bound its gradient points to.
  const corner = Float64Array.from(gradient, (g, i) => Math.sign(g) * half[i]);
  const worst = Math.max(loss, value, surface.loss(plus(at, corner)));
  return { sharpness: (100 * (worst - loss)) / (1 + loss), loss, worst };
}

/** L-BFGS's direction for a gradient to climb: Nocedal and Wright 2006, algorithm 7.4. */
function twoLoop(gradient: Float64Array, pairs: readonly { readonly s: Float64Array; readonly d: Float64Array }[]): Float64Array {
  let q: Float64Array = gradient.slice();
  const alphas: number[] = [];
  for (const { s, d } of [...pairs].reverse()) {
    const alpha = dot(s, q) / dot(s, d);
    alphas.push(alpha);
    q = plus(q, d, -alpha);
  }
  const last = pairs.at(-1);
  if (last) q = times(q, dot(last.s, last.d) / dot(last.d, last.d));
  pairs.forEach(({ s, d }, i) => {
    const beta = dot(d, q) / dot(s, d);
    q = plus(q, s, alphas[pairs.length - 1 - i] - beta);
  });
  return q;
}

/** Loss along the line from a to b: (1 − α)·a + α·b. */
export const lossBetween = (surface: Surface, a: Point, b: Point, alphas: readonly number[]): number[] => alphas.map((alpha) => surface.loss(Float64Array.from(a, (x, i) => (1 - alpha) * x + alpha * b[i])));
