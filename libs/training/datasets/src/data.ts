import { describable, factory, InputError, type Factory, type OptionTable, type Spec, type Split, type TargetInfo, type Targets, either, boolean, positiveInteger, unitClosed, unitOpen, wholeNumber } from '@gradstream/numerics';
import { labelNoise } from './label-noise.ts';
import { partition, type DivisionOptions, type PartitionOptions } from './partition.ts';

/** Mean and standard deviation of each channel, where bytes count as value / 255. */
export interface ChannelMoments {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** What is known about a data set. */
export interface DataInfo<T extends Targets = Targets> {
  readonly name: string;
  /** Shape of one example, without the batch. */
  readonly inputShape: readonly number[];
  readonly targets: TargetInfo<T>;
  /** One line: what the examples are. */
  readonly about: string;
  /** Terms of use, and whom to cite. */
  readonly licence?: string;
  /** By what inputs were standardised, where they were. */
  readonly moments?: ChannelMoments;
  /** What a reader of results should know: a test set that is not the official one, a capped target. */
  readonly note?: string;
}

/** What a loader adds to what a file says. */
export type About = { readonly dataset?: string } & Partial<Pick<DataInfo, 'about' | 'licence' | 'note'>>;

/** A data set, divided. */
export interface Data<T extends Targets = Targets> {
  readonly train: Split<T>;
  readonly validation?: Split<T>;
  /** Reads of it are counted (`looks`). */
  readonly test?: Split<T>;
  readonly info: DataInfo<T>;
}

/** Data whose validation and test splits are there for sure, because they were asked for. */
export type Loaded<D extends Data, O> = D & Pick<Required<D>, 'train' | (O extends { readonly validation: number } ? 'validation' : never) | (O extends { readonly test: number } ? 'test' : never)>;

/** A factory of data; its splits know how they are written in a document (`specOf(train)`). */
export interface DatasetFactory<O extends object, D extends Data> extends Pick<Factory<O, Promise<D>>, 'factoryName' | 'options' | 'required'> {
  <G extends O>(...options: object extends O ? [options?: G] : [options: G]): Promise<Loaded<D, G>>;
}

/** The same for data made on the spot. */
export interface SyntheticFactory<O extends object, D extends Data> extends Pick<Factory<O, D>, 'factoryName' | 'options' | 'required'> {
  <G extends O>(...options: object extends O ? [options?: G] : [options: G]): Loaded<D, G>;
}

const part = either(wholeNumber, unitOpen);

/** Rules of the options that divide a data set. */
export const divisionRules: OptionTable<DivisionOptions> = { subset: either(positiveInteger, unitOpen), validation: part, test: part, seed: wholeNumber, stratified: boolean, labelNoise: unitClosed };

/** Makes a factory of data that take time to load. */
export function dataset<O extends object, D extends Data>(name: string, rules: OptionTable<O>, load: (options: O) => Promise<D>, required: readonly (keyof O & string)[] = []): DatasetFactory<O, D> {
  return factory<O, Promise<D>>(name, rules, async (options) => finished(name, options, await load(options)), required) as unknown as DatasetFactory<O, D>;
}

/** Makes a factory of synthetic data. */
export function synthetic<O extends object, D extends Data>(name: string, rules: OptionTable<O>, make: (options: O) => D): SyntheticFactory<O, D> {
  return factory<O, D>(name, rules, (options) => finished(name, options, make(options))) as unknown as SyntheticFactory<O, D>;
}

/** Divides a split as the options say; parts nobody asked for are absent. */
export function divided<T extends Targets>(split: Split<T>, options: PartitionOptions, info: Pick<DataInfo, 'about' | 'licence' | 'note'>): Data<T> {
  const { train, validation, test } = partition(split, options);
  return {
    train,
    ...(validation.size > 0 ? { validation } : {}),
    ...(test.size > 0 ? { test } : {}),
    info: infoOf(split, info),
  };
}

/** What a split says about its data set, and what only its loader knows. */
export const infoOf = <T extends Targets>({ dataset: name, inputShape, targets }: Split<T>, info: Pick<DataInfo, 'about' | 'licence' | 'note'>): DataInfo<T> => ({ name, inputShape, targets, ...info });

/** The data, with the label noise that was asked for, and on each split how its data set stands in a document. Folders are left out: they are no part of what the data are. */
function finished<D extends Data>(name: string, options: { readonly labelNoise?: number; readonly seed?: number }, loaded: D): D {
  const data = options.labelNoise ? { ...loaded, train: labelNoise(classesOnly(name, loaded.train), { share: options.labelNoise, seed: options.seed }).split } : loaded;
  const spec: Spec = { name, ...Object.fromEntries(Object.entries(options).filter(([option, value]) => option !== 'dir' && value !== undefined)) };
  for (const split of [data.train, data.validation, data.test]) if (split) describable(split, spec);
  return data;
}

function classesOnly(name: string, split: Split): Split<'classes'> {
  if (split.targets.kind !== 'classes') throw new InputError(`${name}: labelNoise needs classes, the targets are ${split.targets.kind}`);
  return split as Split<'classes'>;
}
