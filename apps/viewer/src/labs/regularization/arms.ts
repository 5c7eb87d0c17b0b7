import type { RunSpec } from '@gradstream/protocol';

/** One way to regularize, as a change of a run document, with the strength that its slider has. */
export interface Arm {
  readonly name: string;
  /** Bounds, start and step of the slider, in powers of ten where it is logarithmic; absent where there is nothing to choose. */
  readonly strength?: { readonly least: number; readonly greatest: number; readonly start: number; readonly step: number; readonly powers?: true };
  readonly change: (document: Document, strength: number) => Document;
  /** Whether its evaluations decide when it stops. */
  readonly stops?: true;
}

/** The part of a run document that arms change. */
export type Document = Pick<RunSpec, 'model' | 'loss' | 'regularizers' | 'optimizer' | 'augment'>;

const model = (part: object) => (document: Document): Document => ({ ...document, model: { ...(document.model as object), ...part } as Document['model'] });
const penalty = (part: { readonly name: string }) => (document: Document): Document => ({ ...document, regularizers: [part] });
const augment = (part: { readonly name: string }) => (document: Document): Document => ({ ...document, augment: [part] });

/** In the order in which they stand on the page. */
export const arms = [
  { name: 'none', change: (document) => document },
  { name: 'l2', strength: { least: -5, greatest: -1, start: -2.5, step: 0.25, powers: true }, change: (document, amount) => penalty({ name: 'l2', amount } as never)(document) },
  { name: 'weightDecay', strength: { least: -3, greatest: 1, start: -0.5, step: 0.25, powers: true }, change: (document, weightDecay) => ({ ...document, optimizer: { ...(document.optimizer as object), name: 'adamw', weightDecay } as Document['optimizer'] }) },
  { name: 'l1', strength: { least: -5, greatest: -1, start: -3, step: 0.25, powers: true }, change: (document, amount) => penalty({ name: 'l1', amount } as never)(document) },
  { name: 'dropout', strength: { least: 0, greatest: 0.8, start: 0.3, step: 0.05 }, change: (document, dropout) => model({ dropout })(document) },
  { name: 'inputNoise', strength: { least: 0, greatest: 1, start: 0.25, step: 0.05 }, change: (document, deviation) => augment({ name: 'jitter', deviation } as never)(document) },
  { name: 'weightNoise', strength: { least: 0, greatest: 0.5, start: 0.1, step: 0.025 }, change: (document, stddev) => penalty({ name: 'weightNoise', stddev } as never)(document) },
  { name: 'labelSmoothing', strength: { least: 0, greatest: 0.5, start: 0.1, step: 0.05 }, change: (document, labelSmoothing) => ({ ...document, loss: { name: 'softmaxCrossEntropy', labelSmoothing } as Document['loss'] }) },
  { name: 'mixup', strength: { least: 0.1, greatest: 2, start: 0.4, step: 0.1 }, change: (document, alpha) => augment({ name: 'mixup', alpha } as never)(document) },
  { name: 'earlyStopping', strength: { least: 1, greatest: 100, start: 20, step: 1 }, stops: true, change: (document) => document },
  { name: 'batchNorm', change: model({ batchNorm: true }) },
  { name: 'maxNorm', strength: { least: 0.5, greatest: 4, start: 1.5, step: 0.25 }, change: (document, max) => penalty({ name: 'maxNorm', max } as never)(document) },
] as const satisfies readonly Arm[];

export type ArmName = (typeof arms)[number]['name'];
export const armNames = arms.map(({ name }) => name) as readonly ArmName[];
export const armOf = (name: ArmName): Arm => arms.find((arm) => arm.name === name)!;

/** A strength as the arm takes it, from the place of its slider. */
export const strengthAt = ({ strength }: Arm, place: number): number => (strength?.powers ? 10 ** place : place);
