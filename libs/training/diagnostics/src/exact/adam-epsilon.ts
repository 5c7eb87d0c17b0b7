import { lastValueFrom, tap } from 'rxjs';
import { buildFrom } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { build } from '@gradstream/models';
import { bind, type Transformation } from '@gradstream/optimizers';
import { batches, buildParts, forward, loss, optimize } from '@gradstream/pipeline';
import { dot } from '../linear-algebra.ts';
import { study } from '../recipe/study.ts';

/**
 * Choi et al. 2019: as eps outgrows √v, Adam's step tends to that of momentum at rate lr / eps. Both rules see the gradients
 * of one run; `cosine` is between their last updates.
 */
export const adamEpsilon = study<{ readonly run: Readonly<Record<string, unknown>>; readonly eps: number }>('adam-eps', async ({ run, eps }, seed, parts) => {
  await useBackend();
  const spec = parseRunSpec({ version: 1, seed, ...run }, 'adam-eps');
  const made = buildParts(spec, 'adam-eps', parts.registries);
  const { train } = await buildFrom<Data | Promise<Data>>(parts.registries, 'dataset', spec.data, 'data');
  const params = build(made.model, train.inputShape, train.targets.width).params.filter(({ role }) => role !== 'buffer');
  const follower = (document: unknown) => {
    const bound = bind(buildFrom<Transformation>(parts.registries, 'transformation', document, 'optimizer'), params, { executor: 'js' });
    return (step: number, gradients: ReadonlyMap<string, Float32Array>): Float32Array[] => {
      const update = new Map([...gradients].map(([name, g]) => [name, new Float32Array(g.length)]));
      bound.update({ step, params: update, gradients: new Map([...gradients].map(([name, g]) => [name, g.slice()])) });
      return [...update.values()];
    };
  };
  const adam = follower({ name: 'adam', learningRate: 1e-3, eps });
  const momentum = follower({ name: 'momentum', learningRate: 1e-3 });
  let cosine = NaN;
  const steps$ = batches(train, made.batches).pipe(forward(made.model), loss(made.objective), optimize(made.optimizer));
  await lastValueFrom(steps$.pipe(tap((step) => {
    const gradients = new Map(params.map(({ name }) => [name, step.gradients[name].dataSync<'float32'>().slice()]));
    const [a, m] = [adam, momentum].map((take) => take(step.step, gradients));
    cosine = cosineOf(a, m);
  })), { defaultValue: undefined });
  return { cosine };
});

/** The cosine between two updates of all params. */
function cosineOf(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  const products = (x: readonly Float32Array[], y: readonly Float32Array[]): number => x.reduce((sum, values, i) => sum + dot(values, y[i]), 0);
  return products(a, b) / Math.sqrt(products(a, a) * products(b, b));
}
