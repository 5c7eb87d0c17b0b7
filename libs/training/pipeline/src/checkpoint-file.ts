import { InputError, isInputError, shown, sizeOf, wholeNumber, type Weight, type Weights } from '@gradstream/numerics';
import { BodyReader, decodeFrame, encodeFrame, type Frame } from '@gradstream/protocol';
import type { Checkpoint } from './checkpoint.ts';
import type { StageMemory } from './run.ts';

/** Version of checkpoint files that this code writes. */
export const CHECKPOINT_VERSION = 1;

interface Header {
  readonly kind: 'checkpoint';
  readonly version: number;
  readonly step: number;
  readonly bestStep?: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly goodStep?: number;
  readonly goodCounts?: Readonly<Record<string, number>>;
  readonly memory: Readonly<Record<string, StageMemory>>;
  /** How many arrays follow, by what they are. */
  readonly arrays: Readonly<Record<Group, number>>;
}

const GROUPS = ['weights', 'slots', 'best', 'goodWeights', 'goodSlots'] as const;
type Group = (typeof GROUPS)[number];

/** Numbers of one frame: larger arrays are cut, so that any model fits. */
const PIECE = 1 << 20;

/** A checkpoint as bytes: CRC-framed, a head and then every array. */
export function encodeCheckpoint({ version, step, state, best, good, memory }: Checkpoint): Uint8Array {
  const none: Weights = new Map();
  const groups: Record<Group, Weights> = {
    weights: state.weights, slots: state.optimizer.slots, best: best?.weights ?? none,
    goodWeights: good?.state.weights ?? none, goodSlots: good?.state.optimizer.slots ?? none,
  };
  const header: Header = {
    kind: 'checkpoint',
    version,
    step,
    ...(best ? { bestStep: best.step } : {}),
    counts: state.optimizer.counts,
    ...(good ? { goodStep: good.step, goodCounts: good.state.optimizer.counts } : {}),
    memory,
    arrays: Object.fromEntries(GROUPS.map((group) => [group, groups[group].size])) as Record<Group, number>,
  };
  const frames = [encodeFrame(header)];
  for (const [group, weights] of Object.entries(groups)) {
    for (const [name, { shape, values }] of weights) {
      for (let from = 0; from === 0 || from < values.length; from += PIECE) frames.push(encodeFrame({ group, name, shape, from }, [values.subarray(from, from + PIECE)]));
    }
  }
  const bytes = new Uint8Array(frames.reduce((n, frame) => n + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}

/**
 * Reads what `encodeCheckpoint` wrote.
 *
 * @param where begins the sentence: the file's name
 * @throws InputError for bytes that are torn, damaged, of another version, or no checkpoint
 */
export function decodeCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  try {
    return read(bytes);
  } catch (error) {
    if (isInputError(error)) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}

/** An array whose pieces are being read. */
interface Pieces {
  readonly weight: Weight;
  filled: number;
}

function read(bytes: Uint8Array): Checkpoint {
  const head = decodeFrame(bytes);
  if (!head) throw new InputError('the checkpoint ends before its head does');
  const header = checkedHeader(head.header);
  const groups = Object.fromEntries(GROUPS.map((group) => [group, new Map<string, Pieces>()])) as Record<Group, Map<string, Pieces>>;
  for (let at = head.length; at < bytes.length; ) {
    const frame = decodeFrame(bytes, at);
    if (!frame) throw new InputError(`the checkpoint is torn at byte ${at} of ${bytes.length}`);
    readPiece(groups, frame, bytes.length, `the array at byte ${at}`);
    at += frame.length;
  }
  const arrays = (group: Group): Weights => {
    const expected = header.arrays[group] ?? 0;
    const whole = [...groups[group]].filter(([, { weight, filled }]) => filled === weight.values.length);
    if (whole.length !== expected) throw new InputError(`the checkpoint is torn: it holds ${whole.length} of ${shown(expected)} arrays of ${group}`);
    return new Map(whole.map(([name, { weight }]) => [name, weight]));
  };
  const { step, counts, bestStep, goodStep, goodCounts = {}, memory } = header;
  return {
    version: CHECKPOINT_VERSION,
    step,
    state: { weights: arrays('weights'), optimizer: { slots: arrays('slots'), counts } },
    ...(bestStep === undefined ? {} : { best: { weights: arrays('best'), step: bestStep } }),
    ...(goodStep === undefined ? {} : { good: { step: goodStep, state: { weights: arrays('goodWeights'), optimizer: { slots: arrays('goodSlots'), counts: goodCounts } } } }),
    memory,
  };
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);
const isCounts = (x: unknown): boolean => isObject(x) && Object.values(x).every((count) => typeof count === 'number');

function checkedHeader(given: unknown): Header {
  if (!isObject(given) || given['kind'] !== 'checkpoint') throw new InputError(`expected a checkpoint, received ${shown((given as { kind?: unknown } | null)?.kind ?? 'other data')}`);
  if (given['version'] !== CHECKPOINT_VERSION) throw new InputError(`expected a checkpoint of version ${CHECKPOINT_VERSION}, received version ${shown(given['version'])}`);
  const expect = (field: string, holds: boolean, says: string): void => {
    if (!holds) throw new InputError(`the checkpoint's ${field} must be ${says}, received ${shown(given[field])}`);
  };
  const { step, bestStep, goodStep, counts, goodCounts = {}, memory, arrays } = given;
  expect('step', wholeNumber.accepts(step), wholeNumber.says);
  expect('bestStep', bestStep === undefined || wholeNumber.accepts(bestStep), wholeNumber.says);
  expect('goodStep', goodStep === undefined || wholeNumber.accepts(goodStep), wholeNumber.says);
  expect('counts', isCounts(counts), 'numbers by name');
  expect('goodCounts', isCounts(goodCounts), 'numbers by name');
  expect('memory', isObject(memory) && Object.values(memory).every(isObject), 'objects by stage');
  expect('arrays', isCounts(arrays), 'numbers by group');
  return given as unknown as Header;
}

/** Puts one frame's numbers where they belong. A shape larger than the whole file is refused before anything is allocated for it. */
function readPiece(groups: Record<Group, Map<string, Pieces>>, { header, body }: Frame, fileBytes: number, where: string): void {
  const { group, name, shape, from } = (isObject(header) ? header : {}) as Partial<{ group: Group; name: string; shape: readonly number[]; from: number }>;
  const total = Array.isArray(shape) && shape.every((n) => wholeNumber.accepts(n)) ? sizeOf(shape) : NaN;
  const fits = typeof name === 'string' && group !== undefined && Object.hasOwn(groups, group) && wholeNumber.accepts(from) && from! <= total && total * 4 <= fileBytes;
  const count = fits ? Math.min(PIECE, total - from!) : NaN;
  if (!fits || count * 4 > body.length) throw new InputError(`${where} does not fit its head`);
  const pieces = from === 0 ? { weight: { shape: shape!, values: new Float32Array(total) }, filled: 0 } : groups[group].get(name);
  if (!pieces || pieces.filled !== from || pieces.weight.values.length !== total || (from === 0 && groups[group].has(name))) throw new InputError(`${where} does not follow the one before it`);
  pieces.weight.values.set(new BodyReader(body).floats32(count), from);
  pieces.filled += count;
  groups[group].set(name, pieces);
}
