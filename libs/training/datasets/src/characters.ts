import { InputError, positiveInteger, type Examples, type OptionTable, type Rule, type Split, type SplitRole } from '@gradstream/numerics';
import { divisionRules, infoOf, type About, type Data } from './data.ts';
import { makeSplit } from './split.ts';

/** How a text is cut into examples. */
export interface CharactersOptions {
  /** Characters in an example; the targets are the same characters, one later. Default 64. */
  readonly length?: number;
  /** Characters from the start of one training example to that of the next. Default `length`: no overlap. */
  readonly stride?: number;
  /** Share of the text, or number of characters, that validates: what follows the training part. Default 0.05. */
  readonly validation?: number;
  /** The same for the test part, at the end. Default 0.05. */
  readonly test?: number;
}

const share: Rule = divisionRules.validation;
export const charactersRules: OptionTable<CharactersOptions> = { length: positiveInteger, stride: positiveInteger, validation: share, test: share };

/**
 * A text as sequences of characters [length] (int32, by code point) and their successors, for models of the next character.
 * The parts are stretches of the text, in its order; the vocabulary (`info.targets.names`) is that of the whole text.
 *
 * @throws InputError when a part is too short for one example
 */
export function characters(
  text: string,
  where: string,
  { length = 64, stride = length, validation = 0.05, test = 0.05 }: CharactersOptions = {},
  { dataset = 'text', about = `characters of ${where}`, ...rest }: About = {},
): Data<'classes'> {
  const { tokens, names } = tokenized(text);
  const count = (n: number): number => (n < 1 ? Math.round(n * tokens.length) : n);
  const bounds = [0, tokens.length - count(validation) - count(test), tokens.length - count(test), tokens.length];
  const part = (role: SplitRole, i: number): Split<'classes'> => {
    const stretch = tokens.subarray(Math.max(0, bounds[i]), Math.max(0, bounds[i + 1]));
    const step = role === 'train' ? stride : length;
    if (stretch.length <= length) throw new InputError(`${where}: the ${role} part has ${stretch.length} characters, too few for one example of ${length} and its successor`);
    return windows(dataset, role, stretch, length, step, names);
  };
  const train = part('train', 0);
  return {
    train,
    ...(bounds[2] > bounds[1] ? { validation: part('validation', 1) } : {}),
    ...(bounds[3] > bounds[2] ? { test: part('test', 2) } : {}),
    info: infoOf(train, { about, ...rest }),
  };
}

/** Each code point as its place among all that occur, in ascending order. */
function tokenized(text: string): { readonly tokens: Int32Array; readonly names: readonly string[] } {
  const points = new Int32Array(text.length);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    points[n] = text.codePointAt(i)!;
    if (points[n++] > 0xffff) i++;
  }
  const vocabulary = [...new Set(points.subarray(0, n))].sort((a, b) => a - b);
  const placeOf = new Map(vocabulary.map((point, i) => [point, i]));
  return { tokens: points.subarray(0, n).map((point) => placeOf.get(point)!), names: vocabulary.map((point) => String.fromCodePoint(point)) };
}

function windows(dataset: string, role: SplitRole, tokens: Int32Array, length: number, step: number, names: readonly string[]): Split<'classes'> {
  const width = names.length;
  return makeSplit({
    dataset, role, inputShape: [length],
    size: Math.floor((tokens.length - 1 - length) / step) + 1,
    targets: { kind: 'classes', width, names },
    gather: (indices): Examples<'classes'> => {
      const size = indices.length;
      const [inputs, values] = [new Int32Array(size * length), new Int32Array(size * length)];
      for (let n = 0; n < size; n++) {
        const start = indices[n] * step;
        inputs.set(tokens.subarray(start, start + length), n * length);
        values.set(tokens.subarray(start + 1, start + 1 + length), n * length);
      }
      return { size, inputShape: [size, length], inputs, targets: { kind: 'classes', width, shape: [size, length], values } };
    },
  });
}
