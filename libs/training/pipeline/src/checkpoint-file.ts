import { InputError, isInputError, shown, sizeOf, type Weight, type Weights } from '@gradstream/numerics';
import { BodyReader, decodeFrame, encodeFrame } from '@gradstream/protocol';
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
  readonly memory: Readonly<Record<string, StageMemory>>;
  /** How many arrays follow, by what they are. */
  readonly arrays: Readonly<Record<Group, number>>;
}

type Group = 'weights' | 'slots' | 'best';

/** Numbers of one frame: larger arrays are cut, so that any model fits. */
const PIECE = 1 << 20;

/** A checkpoint as bytes: CRC-framed, a head and then every array. */
export function encodeCheckpoint({ version, step, state, best, memory }: Checkpoint): Uint8Array {
  const groups: Record<Group, Weights> = { weights: state.weights, slots: state.optimizer.slots, best: best?.weights ?? new Map() };
  const header: Header = {
    kind: 'checkpoint',
    version,
    step,
    ...(best ? { bestStep: best.step } : {}),
    counts: state.optimizer.counts,
    memory,
    arrays: { weights: groups.weights.size, slots: groups.slots.size, best: groups.best.size },
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

function read(bytes: Uint8Array): Checkpoint {
  const head = decodeFrame(bytes);
  if (!head) throw new InputError('the checkpoint ends before its head does');
  const header = head.header as Header;
  if (header?.kind !== 'checkpoint') throw new InputError(`expected a checkpoint, received ${shown((header as { kind?: unknown })?.kind ?? 'other data')}`);
  if (header.version !== CHECKPOINT_VERSION) throw new InputError(`expected a checkpoint of version ${CHECKPOINT_VERSION}, received version ${shown(header.version)}`);
  const groups: Record<Group, Map<string, Weight>> = { weights: new Map(), slots: new Map(), best: new Map() };
  for (let at = head.length; at < bytes.length; ) {
    const frame = decodeFrame(bytes, at);
    if (!frame) throw new InputError(`the checkpoint is torn at byte ${at} of ${bytes.length}`);
    const { group, name, shape, from } = frame.header as { group: Group; name: string; shape: readonly number[]; from: number };
    const total = Array.isArray(shape) ? sizeOf(shape) : NaN;
    const count = Math.min(PIECE, total - from);
    if (!Object.hasOwn(groups, group) || !(count >= 0 && count * 4 <= frame.body.length)) throw new InputError(`the array at byte ${at} does not fit its head`);
    const values = new BodyReader(frame.body).floats32(count);
    if (from === 0) groups[group].set(name, { shape, values: total === count ? values.slice() : new Float32Array(total) });
    if (total !== count) groups[group].get(name)?.values.set(values, from);
    at += frame.length;
  }
  for (const [group, weights] of Object.entries(groups)) {
    if (weights.size !== header.arrays[group as Group]) throw new InputError(`the checkpoint is torn: it holds ${weights.size} of ${header.arrays[group as Group]} arrays of ${group}`);
  }
  return {
    version: CHECKPOINT_VERSION,
    step: header.step,
    state: { weights: groups.weights, optimizer: { slots: groups.slots, counts: header.counts } },
    ...(header.bestStep === undefined ? {} : { best: { weights: groups.best, step: header.bestStep } }),
    memory: header.memory,
  };
}
