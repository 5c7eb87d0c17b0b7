import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { InputError } from './errors.ts';

/** What a param is, for predicates ("no decay on bias and norm"): `buffer`s are not trained (running statistics). */
export type ParamRole = 'kernel' | 'bias' | 'norm' | 'embedding' | 'buffer';

/** A named param before it has values. Names are paths: `hidden1/kernel`. */
export interface ParamInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParamRole;
}

/** A named array of numbers outside of any backend. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Values by param name, in the model's order. */
export type Weights = ReadonlyMap<string, Weight>;

/** Hex SHA-256 over name, shape and little-endian float32 values of every weight, sorted by name. */
export function weightsSha256(weights: Weights): string {
  const hash = sha256.create();
  for (const name of [...weights.keys()].sort()) {
    const { shape, values } = weights.get(name)!;
    hash.update(utf8ToBytes(`${name}\n${shape.join(',')}\n`));
    const bytes = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, i) => bytes.setFloat32(i * 4, value, true));
    hash.update(new Uint8Array(bytes.buffer));
  }
  return bytesToHex(hash.digest());
}

/** A deep copy, so that later steps cannot change it. */
export const copyWeights = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, values }]) => [name, { shape: [...shape], values: values.slice() }]));

/**
 * Refuses weights that do not fit the params, saying exactly which differ.
 *
 * @param where begins the sentence: `restore`
 */
export function checkFits(where: string, expected: Iterable<Pick<ParamInfo, 'name' | 'shape'>>, given: ReadonlyMap<string, { readonly shape: readonly number[] }>): void {
  const differences: string[] = [];
  const known = new Set<string>();
  for (const { name, shape } of expected) {
    known.add(name);
    const found = given.get(name);
    if (!found) differences.push(`'${name}' is missing`);
    else if (found.shape.join() !== shape.join()) differences.push(`'${name}' has shape [${found.shape}] where [${shape}] is expected`);
  }
  for (const name of given.keys()) if (!known.has(name)) differences.push(`'${name}' is unknown`);
  if (differences.length > 0) throw new InputError(`${where}: ${differences.join('; ')}`);
}
