import type { Rule } from './checks.ts';
import { finite } from './checks.ts';
import { InputError, shown } from './errors.ts';

/** The least of an Observable that a hyper-parameter needs; RxJS's fits, and so does any other. */
export interface Subscribable<T> {
  subscribe(observer: { next(value: T): void; error(error: unknown): void; complete(): void }): { unsubscribe(): void };
}

/** A pure function of the step (0-based): the value that step uses. */
export type Schedule = (step: number) => number;

/** A hyper-parameter: a number, a function of the step, or a stream whose latest value counts. */
export type Hyper = number | Schedule | Subscribable<number>;

export const isSubscribable = (value: unknown): value is Subscribable<number> =>
  typeof value === 'object' && value !== null && typeof (value as { subscribe?: unknown }).subscribe === 'function';

/** A hyper-parameter whose numbers pass `rule`; schedules and streams are checked value by value as they are used. */
export const hyper = (rule: Rule): Rule => ({
  says: `${rule.says} (or a schedule or a stream of such numbers)`,
  accepts: (x) => (typeof x === 'number' ? rule.accepts(x) : typeof x === 'function' || isSubscribable(x)),
  schema: { anyOf: [rule.schema, { $ref: '#/$defs/schedule' }] },
  kinds: ['schedule'],
});

/**
 * Reads the hyper-parameters of one owner, once per step, in float64.
 * Streams are subscribed by `open` and released by `close`; a stream that completes keeps its last value.
 *
 * @throws InputError naming owner, hyper-parameter, step and value: out of range, no value yet, or a stream's own error.
 */
export class HyperReader {
  /** The hyper-parameters, in the order they were given. */
  readonly names: readonly string[];
  private readonly latest = new Map<string, { value?: number; failure?: unknown }>();
  /** Plain numbers that were checked (once is enough), and those set by hand. */
  private readonly constants = new Map<string, number>();
  private subscriptions: { unsubscribe(): void }[] = [];

  constructor(
    private readonly owner: string,
    private readonly hypers: Readonly<Record<string, Hyper>>,
    private readonly rules: Readonly<Record<string, Rule>> = {},
  ) {
    this.names = Object.keys(hypers);
  }

  open(): void {
    for (const [name, source] of Object.entries(this.hypers)) {
      if (!isSubscribable(source)) continue;
      const slot: { value?: number; failure?: unknown } = {};
      this.latest.set(name, slot);
      this.subscriptions.push(source.subscribe({ next: (value) => void (slot.value = value), error: (failure) => void (slot.failure = failure), complete: () => undefined }));
    }
  }

  /** The values that this step uses. */
  at(step: number): Record<string, number> {
    const values: Record<string, number> = {};
    for (const name of this.names) values[name] = this.read(name, step);
    return values;
  }

  /** The value of one that this step uses. */
  read(name: string, step: number): number {
    return this.constants.get(name) ?? this.checked(name, step);
  }

  /** Gives one a value that stands from now on, whatever schedule or stream it followed. @throws InputError out of range */
  set(name: string, value: number): void {
    this.check(name, value, '');
    this.constants.set(name, value);
  }

  close(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.latest.clear();
  }

  private checked(name: string, step: number): number {
    const source = this.hypers[name];
    let value: number | undefined;
    if (typeof source === 'number') value = source;
    else if (typeof source === 'function') value = source(step);
    else {
      const slot = this.latest.get(name);
      if (slot && 'failure' in slot) {
        throw new InputError(`${this.owner}: the stream of ${name} ended with an error before step ${step}: ${slot.failure instanceof Error ? slot.failure.message : shown(slot.failure)}`);
      }
      value = slot?.value;
      if (value === undefined) throw new InputError(`${this.owner}: ${name} is a stream that had no value yet at step ${step}; give it a first one (startWith)`);
    }
    this.check(name, value, ` at step ${step}`);
    if (typeof source === 'number') this.constants.set(name, value);
    return value;
  }

  private check(name: string, value: number, when: string): void {
    const rule = this.rules[name] ?? finite;
    if (!rule.accepts(value)) throw new InputError(`${this.owner}: ${name} must be ${rule.says.replace(/ \(or a schedule.*\)$/, '')}, received ${shown(value)}${when}`);
  }
}
