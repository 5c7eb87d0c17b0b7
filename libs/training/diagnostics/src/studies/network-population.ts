import { lastValueFrom } from 'rxjs';
import { fold, key, normalAt, uniformAt, type Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import { fromArrays } from '@gradstream/datasets';
import { predict, useBackend } from '@gradstream/engine';
import { build } from '@gradstream/models';
import { buildParts, keep } from '@gradstream/pipeline';
import { decompose } from '../bias-variance.ts';
import { study } from '../recipe/study.ts';

export interface NetworkPopulationOptions {
  readonly model: unknown;
  readonly optimizer: unknown;
  /** Full-batch steps. */
  readonly steps: number;
  /** Points of a data set, uniform in (0, 1). */
  readonly points: number;
  readonly noise: number;
  /** Networks, each on a data set and from first weights of its own. */
  readonly networks: number;
}

/** The two inputs whose predictions make the target: truth is (1, −1) there. */
const BULLSEYE = [0.25, 0.75];

/**
 * Bias and variance of trained networks on sin 2πx, at 97 inputs in [.02, .98]: Geman, Bienenstock and Doursat 1992. `first0`,
 * `second0` … are what each network says at x = 1/4 and 3/4: the dots of the target.
 */
export const networkPopulation = study<NetworkPopulationOptions>('network-population', async ({ model, optimizer, steps, points, noise, networks }, seed, parts) => {
  await useBackend();
  const target = (x: number): number => Math.sin(2 * Math.PI * x);
  const at = [...Array.from({ length: 97 }, (_, i) => 0.02 + (0.96 * i) / 96), ...BULLSEYE];
  const inputs = Float32Array.from(at);
  const dots: Record<string, number> = {};
  const predictions: Float32Array[] = [];
  for (let network = 0; network < networks; network++) {
    const from = fold(fold(key(seed), 'set'), network);
    const x = Array.from({ length: points }, (_, i) => uniformAt(fold(from, 'x'), i));
    const train = fromArrays({ inputs: x.map((value) => [value]), values: x.map((value, i) => [target(value) + noise * normalAt(fold(from, 'noise'), i)]) });
    const made = buildParts(parseRunSpec({ version: 1, seed: seed * networks + network, data: 'given', loss: 'meanSquaredError', batches: { size: points, steps, order: 'sequential' }, model, optimizer }, 'network-population'), 'network-population', parts.registries);
    const kept: { weights?: Weights } = {};
    await lastValueFrom(parts.compose(made, { train }).pipe(keep(kept)));
    const said = predict(build(made.model, [1], 1), kept.weights!, { inputs, inputShape: [at.length, 1] });
    predictions.push(said);
    [dots[`first${network}`], dots[`second${network}`]] = [said[97], said[98]];
  }
  const { bias2, variance } = decompose(predictions, at.slice(0, 97).map(target));
  return { bias2, variance, ...dots };
});
