import { InputError, shown, type ParamInfo, type Rule } from '@gradstream/numerics';

/**
 * Which params: `'kernels'` (all but biases and norm params, the default of weight decay), `'all'`, names
 * (`*` stands for any letters: `['block1/*']`), or a predicate.
 */
export type Mask = 'kernels' | 'all' | readonly string[] | ((param: ParamInfo) => boolean);

const isMask = (value: unknown): value is Mask =>
  value === 'kernels' || value === 'all' || typeof value === 'function' || (Array.isArray(value) && value.every((name) => typeof name === 'string'));

/** Option rule: a mask. */
export const aMask: Rule = {
  says: "'kernels', 'all', a list of names or a predicate",
  accepts: isMask,
  schema: { anyOf: [{ enum: ['kernels', 'all'] }, { type: 'array', items: { type: 'string' } }] },
};

/** No biases and no norm params. */
export const isKernel = ({ role }: ParamInfo): boolean => role !== 'bias' && role !== 'norm';

/** The predicate that a mask stands for. */
export function maskOf(mask: Mask): (param: ParamInfo) => boolean {
  if (!isMask(mask)) throw new InputError(`masked: the mask must be ${aMask.says}, received ${shown(mask)}`);
  if (typeof mask === 'function') return mask;
  if (mask === 'all') return () => true;
  if (mask === 'kernels') return isKernel;
  const patterns = mask.map((name) => new RegExp(`^${name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`));
  return ({ name }) => patterns.some((pattern) => pattern.test(name));
}
