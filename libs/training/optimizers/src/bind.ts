import type { Tensor } from '@tensorflow/tfjs-core';
import { checkFits, element, HyperReader, InputError, type ParamInfo } from '@gradstream/numerics';
import type { BoundOptimizer, Named, OptimizerState, UpdateInput } from './bound.ts';
import type { Executor, LinkState } from './executor.ts';
import { float64Executor, kernelExecutor } from './executor-host.ts';
import { tfExecutor } from './executor-tf.ts';
import { fuse, scopeOf } from './fuse.ts';
import { linksOf, place, type Placed, type Stage } from './place.ts';
import { reportNames } from './report-names.ts';
import type { Elementwise, Tensorwise, Transformation, Wrapper } from './transformation.ts';
import { UpdateCounts } from './update-counts.ts';

type AnyLink = Elementwise | Tensorwise | Wrapper;

/**
 * Binds a transformation to the params of one run: makes its slots, opens its streams, compiles its rules.
 *
 * @param params the trained params, buffers left out or ignored
 * @param options.executor `js`: fused loops over Float32Arrays; `float64`: Float64Arrays, the reference; `tf`: tensors of
 * any backend; or an executor of your own
 * @throws InputError where a partition puts a param into a group that is not there
 */
export function bind(transformation: Transformation, params: readonly ParamInfo[], options: { readonly executor: 'js' }): BoundOptimizer<Float32Array>;
export function bind(transformation: Transformation, params: readonly ParamInfo[], options: { readonly executor: 'float64' }): BoundOptimizer<Float64Array, Float64Array>;
export function bind(transformation: Transformation, params: readonly ParamInfo[], options: { readonly executor: 'tf' }): BoundOptimizer<Tensor>;
export function bind<A>(transformation: Transformation, params: readonly ParamInfo[], options: { readonly executor: Executor<A> }): BoundOptimizer<A>;
export function bind<A, V extends Float32Array | Float64Array>(transformation: Transformation, params: readonly ParamInfo[], { executor }: { readonly executor: string | Executor<A, V> }): BoundOptimizer<A, V> {
  const known: Readonly<Record<string, unknown>> = { js: kernelExecutor(), float64: float64Executor, tf: tfExecutor };
  const chosen = typeof executor === 'string' ? known[executor] : executor;
  if (!chosen) throw new InputError(`bind: executor must be one of 'js', 'float64', 'tf', received '${String(executor)}'`);
  return new Bound(transformation, params.filter(({ role }) => role !== 'buffer'), chosen as Executor<A, V>);
}

/** What a stage is given; it returns new params where it applies, updates where it does not. */
interface StageInput<A> extends UpdateInput<A> {
  readonly updates: Named<A>;
}
type Runner<A> = (input: StageInput<A>) => Named<A>;

/** Stages that count their updates together: the whole, or what a wrapper wraps. */
interface CountingScope<A> {
  /** Name of the counts in a snapshot. */
  readonly path: string;
  /** Updates done, by param. */
  readonly counts: UpdateCounts;
  readonly run: Runner<A>;
}

class Bound<A, V extends Float32Array | Float64Array> implements BoundOptimizer<A, V> {
  private readonly params: ReadonlyMap<string, ParamInfo>;
  private readonly state: LinkState<A> & { readonly constants: Map<string, number> } = { slots: new Map(), scalars: new Map(), constants: new Map() };
  private readonly slotShapes = new Map<string, readonly number[]>();
  private readonly readers = new Map<string, HyperReader>();
  private readonly scopes: CountingScope<A>[] = [];
  private readonly root: CountingScope<A>;
  private readonly evaluated: { readonly placed: Placed<Elementwise>; readonly scope: CountingScope<A> }[] = [];
  /** Of each hyper-parameter, by `<path>/<name>`: what it is called outside. */
  private readonly reportNames: ReadonlyMap<string, string>;
  private readonly reported: Record<string, number> = {};
  /** A copy of `reported` that was handed out and still holds. */
  private told?: Readonly<Record<string, number>>;

  constructor(transformation: Transformation, params: readonly ParamInfo[], private readonly executor: Executor<A, V>) {
    this.params = new Map(params.map((param) => [param.name, param]));
    const stages = place(transformation, params);
    const links = linksOf(stages);
    this.reportNames = reportNames(links);
    for (const placed of links) this.prepare(placed);
    this.root = this.scope(stages, '', true);
    for (const reader of this.readers.values()) reader.open();
  }

  get hyper(): Readonly<Record<string, number>> {
    return (this.told ??= { ...this.reported });
  }

  set(name: string, value: number): void {
    for (const [path, reader] of this.readers) {
      const own = reader.names.find((each) => this.reportNames.get(`${path}/${each}`) === name);
      if (own !== undefined) return reader.set(own, value);
    }
    throw new InputError(`set: '${name}' is not a hyper-parameter of this optimizer; known: ${[...this.reportNames.values()].join(', ') || 'none'}`);
  }

  update({ step, params, gradients, gradientsAt, size }: UpdateInput<A>): Named<A> {
    for (const name of gradients.keys()) if (!this.params.has(name)) throw new InputError(`update: there is a gradient for '${name}', which is no param of this optimizer`);
    return this.executor.tidy(() => withNew(params, this.root.run({ step, params, gradients, gradientsAt, size, updates: gradients })));
  }

  evaluationParams(params: Named<A>): Named<A> {
    const result = new Map(params);
    for (const { placed: { path, link, params: active }, scope } of this.evaluated) {
      const expression = link.evaluation!(scopeOf(path, link, element('g'), element('p')));
      const expr = typeof expression === 'number' ? element('p') : expression;
      for (const name of active) {
        const t = scope.counts.of(name);
        const p = params.get(name);
        if (t === 0 || p === undefined) continue;
        const arrays = { p, ...Object.fromEntries(Object.keys(link.slots).map((slot) => [`${path}/${slot}`, this.state.slots.get(`${path}/${slot}/${name}`)!])) };
        const numbers = { t, ...this.lastHyper(path, link), ...Object.fromEntries(Object.keys(link.scalars).map((scalar) => [`${path}/${scalar}`, this.state.scalars.get(`${path}/${scalar}/${name}`)!])) };
        const { shape } = this.params.get(name)!;
        const fresh = this.executor.tidy(() => new Map([[name, this.executor.shaped(this.executor.ops.map(expr, arrays, numbers), shape)]]));
        result.set(name, fresh.get(name)!);
      }
    }
    return result;
  }

  snapshot(): OptimizerState<V> {
    const slots = new Map([...this.state.slots].map(([key, slot]) => [key, { shape: this.slotShapes.get(key)!, values: this.executor.values(slot) }] as const));
    const counts = Object.fromEntries([
      ...this.scopes.flatMap(({ path, counts: done }) => [...done].map(([name, count]) => [`${path}count/${name}`, count] as const)),
      ...this.state.scalars,
    ]);
    return { slots, counts };
  }

  restore({ slots, counts }: OptimizerState<V>): void {
    checkFits('restore', [...this.slotShapes].map(([name, shape]) => ({ name, shape })), slots);
    const known = new Set([...this.state.scalars.keys(), ...this.scopes.flatMap(({ path, counts: done }) => [...done].map(([name]) => `${path}count/${name}`))]);
    const differences = [...[...known].filter((name) => !(name in counts)).map((name) => `'${name}' is missing`), ...Object.keys(counts).filter((name) => !known.has(name)).map((name) => `'${name}' is unknown`)];
    if (differences.length > 0) throw new InputError(`restore: ${differences.join('; ')}`);
    for (const [key, { shape, values }] of slots) {
      const { ops, assign, shaped, tidy } = this.executor;
      tidy(() => {
        this.state.slots.set(key, assign(this.state.slots.get(key)!, shaped(ops.from(values), shape)));
        return new Map();
      });
    }
    for (const scalar of this.state.scalars.keys()) this.state.scalars.set(scalar, counts[scalar]);
    for (const { path, counts: done } of this.scopes) done.restore((name) => counts[`${path}count/${name}`]);
  }

  close(): void {
    for (const reader of this.readers.values()) reader.close();
    for (const slot of this.state.slots.values()) this.executor.release(slot);
    this.state.slots.clear();
  }

  /** Makes the state of a link and the reader of its hyper-parameters. */
  private prepare({ path, link, params }: Placed<AnyLink>): void {
    this.readers.set(path, new HyperReader(link.name, link.hyper, link.rules));
    const create = (slot: string, param: ParamInfo, shape: readonly number[], start: number): void => {
      this.state.slots.set(`${path}/${slot}/${param.name}`, this.executor.create(shape, start));
      this.slotShapes.set(`${path}/${slot}/${param.name}`, shape);
    };
    for (const param of [...params].map((name) => this.params.get(name)!)) {
      if (link.type === 'elementwise') {
        for (const [slot, start] of Object.entries(link.slots)) create(slot, param, param.shape, start === 'params' ? 0 : start);
        for (const [scalar, start] of Object.entries(link.scalars)) this.state.scalars.set(`${path}/${scalar}/${param.name}`, start);
        for (const [constant, of] of Object.entries(link.constants)) this.state.constants.set(`${path}/${constant}/${param.name}`, of(param));
      } else if (link.type === 'tensorwise') {
        for (const [slot, { size, start }] of Object.entries(link.slots(param))) create(slot, param, [size], start);
      } else {
        for (const slot of link.slots) create(slot, param, param.shape, 0);
      }
    }
    if (link.type === 'wrapper') {
      for (const count of link.counts) this.state.scalars.set(`${path}/${count}`, 0);
      for (const count of link.reports ?? []) this.reported[count] = 0;
    }
  }

  /** Compiles stages that count together; the last one adds the updates to the params where `apply` says so. */
  private scope(stages: readonly Stage[], path: string, apply: boolean): CountingScope<A> {
    const counts = new UpdateCounts(new Set(this.params.keys()));
    const scope: CountingScope<A> = { path, counts, run: (input) => run(input) };
    this.scopes.push(scope);
    const runners = stages.map((stage, i) => this.runner(stage, scope, apply && i === stages.length - 1));
    const run: Runner<A> = (input) => {
      counts.add(input.updates);
      let { updates } = input;
      for (const each of runners) updates = each(updates === input.updates ? input : { ...input, updates });
      return apply && runners.length === 0 ? this.applied(input.params, updates) : updates;
    };
    return scope;
  }

  private runner(stage: Stage, scope: CountingScope<A>, apply: boolean): Runner<A> {
    switch (stage.type) {
      case 'segment': return this.segmentRunner(stage.links, scope, apply);
      case 'tensorwise': return this.tensorwiseRunner(stage, scope, apply);
      case 'wrapper': return this.wrapperRunner(stage, apply);
    }
  }

  private segmentRunner(links: readonly Placed<Elementwise>[], scope: CountingScope<A>, apply: boolean): Runner<A> {
    this.evaluated.push(...links.filter(({ link }) => link.evaluation).map((placed) => ({ placed, scope })));
    const segment = this.executor.segment(fuse(links, [...this.params.values()], apply), this.state, apply);
    const startingAsParams = links.flatMap(({ path, link, params }) => Object.entries(link.slots).flatMap(([slot, start]) => (start === 'params' ? [...params].map((name) => ({ name, key: `${path}/${slot}/${name}` })) : [])));
    const values: Record<string, number> = {};
    const readers = links.map(({ path }) => this.hyperReader(path, values, `${path}/`));
    let hyper: Readonly<Record<string, number>> = values;
    return ({ updates, params, step }) => {
      for (const { name, key } of startingAsParams) {
        if (updates.has(name) && scope.counts.of(name) === 1) this.state.slots.set(key, this.executor.assign(this.state.slots.get(key)!, params.get(name)!));
      }
      let changed = false;
      for (const read of readers) changed = read(step) || changed;
      if (changed) hyper = { ...values };
      return segment({ updates, params, hyper, count: scope.counts.of });
    };
  }

  private tensorwiseRunner({ path, link, params: active }: Placed<Tensorwise>, scope: CountingScope<A>, apply: boolean): Runner<A> {
    const { ops, flat, shaped, assign } = this.executor;
    const hyper: Record<string, number> = {};
    const read = this.hyperReader(path, hyper);
    return ({ updates, params, step }) => {
      read(step);
      const next = new Map<string, A>();
      for (const [name, update] of updates) {
        if (!active.has(name)) {
          next.set(name, update);
          continue;
        }
        const param = this.params.get(name)!;
        const slots = Object.fromEntries(Object.keys(link.slots(param)).map((slot) => [slot, this.state.slots.get(`${path}/${slot}/${name}`)!]));
        const { g, ...kept } = link.update<A>({ ops, param, g: flat(update), p: flat(params.get(name)!), t: scope.counts.of(name), hyper, slots });
        for (const [slot, value] of Object.entries(kept)) this.state.slots.set(`${path}/${slot}/${name}`, assign(slots[slot], value));
        next.set(name, shaped(g, param.shape));
      }
      return apply ? this.applied(params, next) : next;
    };
  }

  private wrapperRunner({ path, link, inner, params: active }: Placed<Wrapper> & { readonly inner: readonly Stage[] }, apply: boolean): Runner<A> {
    const all = active.size === this.params.size;
    const scope = this.scope(inner, `${path}/`, apply && all);
    const key = (slot: string, param: string): string => `${path}/${slot}/${param}`;
    const hyper: Record<string, number> = {};
    const read = this.hyperReader(path, hyper);
    const wrapped = (input: StageInput<A>, updates: Named<A>): Named<A> => {
      read(input.step);
      return link.update<A>({
        ops: this.executor.ops,
        step: input.step,
        params: input.params,
        updates,
        gradientsAt: input.gradientsAt,
        size: input.size,
        hyper,
        slots: {
          get: (slot, param) => this.state.slots.get(key(slot, param))!,
          set: (slot, param, value) => void this.state.slots.set(key(slot, param), this.executor.assign(this.state.slots.get(key(slot, param))!, this.executor.shaped(value, this.params.get(param)!.shape))),
        },
        counts: {
          get: (name) => this.state.scalars.get(`${path}/${name}`)!,
          set: (name, value) => {
            this.state.scalars.set(`${path}/${name}`, value);
            if (link.reports?.includes(name)) this.report(name, value);
          },
        },
        inner: (next, step) => scope.run({ ...input, updates: next, step }),
      });
    };
    if (all) return (input) => wrapped(input, input.updates);
    return (input) => {
      const [inside, outside] = [true, false].map((within) => new Map([...input.updates].filter(([name]) => active.has(name) === within)));
      const next = new Map([...outside, ...wrapped(input, inside)]);
      return apply ? this.applied(input.params, next) : next;
    };
  }

  private applied(params: Named<A>, updates: Named<A>): Named<A> {
    return new Map([...updates].map(([name, update]) => [name, this.executor.apply(params.get(name)!, update)]));
  }

  /** What reads the hyper-parameters of a link at a step into `values`, and says whether any changed. */
  private hyperReader(path: string, values: Record<string, number>, prefix = ''): (step: number) => boolean {
    const reader = this.readers.get(path)!;
    const named = reader.names.map((name) => ({ name, key: prefix + name, reported: this.reportNames.get(`${path}/${name}`)! }));
    return (step) => {
      let changed = false;
      for (const { name, key, reported } of named) {
        const value = reader.read(name, step);
        if (Object.is(value, values[key])) continue;
        values[key] = value;
        this.report(reported, value);
        changed = true;
      }
      return changed;
    };
  }

  private report(name: string, value: number): void {
    this.reported[name] = value;
    this.told = undefined;
  }

  private lastHyper(path: string, link: AnyLink): Record<string, number> {
    return Object.fromEntries(Object.keys(link.hyper).map((name) => [`${path}/${name}`, this.reported[this.reportNames.get(`${path}/${name}`)!]]));
  }
}

/** The params, with new ones in their places; the map itself where all were changed in place. */
function withNew<A>(params: Named<A>, next: Named<A>): Named<A> {
  if (next === params) return params;
  for (const [name, value] of next) if (params.get(name) !== value) return new Map([...params, ...next]);
  return params;
}
