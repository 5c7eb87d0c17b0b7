import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify as toYaml } from 'yaml';
import { InputError, type Weights } from '@gradstream/numerics';
import { readRunSpec, type RunSpec } from '@gradstream/protocol';
import type { Data, TableEncoding } from '@gradstream/datasets';
import { build, layersModelFiles } from '@gradstream/models';
import type { Checkpoint, RunParts } from '@gradstream/pipeline';
import { latestCheckpoint, writeWhole } from '@gradstream/pipeline/node';

/**
 * The folder of a run:
 *
 *   run.yaml       its document
 *   data.json      what the examples look like, and how the columns of a table are encoded
 *   checkpoints/   the last three, while it runs
 *   model/         the result, in TensorFlow.js's layers format
 */
const files = { spec: 'run.yaml', data: 'data.json', checkpoints: 'checkpoints', model: 'model' } as const;

/** What `data.json` holds. */
export interface DataCard {
  readonly version: 1;
  readonly dataset: string;
  readonly inputShape: readonly number[];
  readonly targets: { readonly kind: 'classes' | 'probabilities' | 'values'; readonly width: number; readonly names?: readonly string[] };
  /** Turns outputs into predictions. */
  readonly link: 'softmax' | 'sigmoid' | 'identity';
  readonly encoding?: TableEncoding;
}

/** Begins the folder of a run. @throws InputError when another run lies there */
export function openFolder(dir: string, spec: RunSpec, data: Data, parts: RunParts, { resuming }: { readonly resuming: boolean }): void {
  if (!resuming && existsSync(join(dir, files.spec))) throw new InputError(`--out ${dir}: another run lies there; go on with it by --resume ${dir}, or give another folder`);
  const { name, inputShape, targets } = data.info;
  const encoding = (data.info as { encoding?: TableEncoding }).encoding;
  const card: DataCard = { version: 1, dataset: name, inputShape, targets, link: parts.objective.link, ...(encoding ? { encoding } : {}) };
  writeWhole(dir, files.spec, toYaml(spec));
  writeWhole(dir, files.data, `${JSON.stringify(card, null, 2)}\n`);
}

/** Folder of a run's checkpoints. */
export const checkpointsOf = (dir: string): string => join(dir, files.checkpoints);

/** Writes the result as `model/`. */
export function saveResult(dir: string, data: Data, parts: RunParts, weights: Weights): void {
  const built = build(parts.model, data.train.inputShape, data.train.targets.width);
  for (const [name, bytes] of Object.entries(layersModelFiles(built, weights))) writeWhole(join(dir, files.model), name, bytes);
}

/** The document of a run that is to go on. @throws InputError when no run lies there */
export function documentIn(dir: string): string {
  const specFile = join(dir, files.spec);
  if (!existsSync(specFile)) throw new InputError(`--resume ${dir}: no run lies there (${specFile} does not exist)`);
  return specFile;
}

/** Where a run can go on. */
export interface Resumable {
  readonly checkpoint?: Checkpoint;
  /** What a person should know: damaged checkpoints passed over, or none found. */
  readonly notes: readonly string[];
}

/**
 * The newest whole checkpoint of a run's folder from which there is something left to do: a run that was killed between its last
 * step and its result does its last part again, to the same bits.
 *
 * @param totalSteps how long the run is to be
 */
export function resumeFrom(dir: string, totalSteps: number): Resumable {
  const goesOn = ({ step, memory }: Checkpoint): boolean => step < totalSteps && !Object.values(memory).some(({ stopped }) => stopped === true);
  const { checkpoint, file, damaged } = latestCheckpoint(checkpointsOf(dir), goesOn);
  const passedOver = damaged.map((sentence) => `passed over a damaged checkpoint: ${sentence}`);
  return { ...(checkpoint ? { checkpoint } : {}), notes: [...passedOver, checkpoint ? `going on from step ${checkpoint.step} (${file})` : 'no checkpoint to go on from; beginning anew'] };
}

/** A finished run as `predict` needs it. */
export interface SavedRun {
  readonly spec: RunSpec;
  readonly card: DataCard;
  readonly topology: { readonly modelTopology: object; readonly weightSpecs: never[]; readonly weightData: ArrayBuffer };
}

/** Reads a run's folder. @throws InputError when it holds no finished run */
export function readFolder(dir: string): SavedRun {
  const need = (path: string): string => {
    if (!existsSync(path)) throw new InputError(`predict: ${path} does not exist; ${dir} must be the --out folder of a run that ended`);
    return path;
  };
  const specFile = need(join(dir, files.spec));
  const card = JSON.parse(readFileSync(need(join(dir, files.data)), 'utf8')) as DataCard;
  if (card.version !== 1) throw new InputError(`predict: ${join(dir, files.data)} must have version 1, received ${String(card.version)}`);
  const model = JSON.parse(readFileSync(need(join(dir, files.model, 'model.json')), 'utf8')) as { modelTopology: object; weightsManifest: { weights: never[] }[] };
  const bytes = readFileSync(need(join(dir, files.model, 'weights.bin')));
  return {
    spec: readRunSpec(readFileSync(specFile, 'utf8'), specFile),
    card,
    topology: { modelTopology: model.modelTopology, weightSpecs: model.weightsManifest.flatMap(({ weights }) => weights), weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer },
  };
}
