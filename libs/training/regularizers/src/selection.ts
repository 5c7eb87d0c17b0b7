import { either, listOf, text, type ParamInfo, type Rule } from '@gradstream/numerics';

/**
 * Which params a regularizer touches: `kernels` (kernels and embeddings), `all` that are trained, or names.
 * A name matches the whole path (`hidden1/kernel`), a layer (`hidden1`) or the last part (`bias`).
 */
export type Selection = 'kernels' | 'all' | readonly string[];

/** Option rule. */
export const selection: Rule = either(
  { says: "'kernels', 'all'", accepts: (x) => x === 'kernels' || x === 'all', schema: { enum: ['kernels', 'all'] } },
  listOf(text, 1),
);

/** Whether a param is selected; buffers never are, biases and norm params only when asked for. */
export function selects(selection: Selection, { name, role }: ParamInfo): boolean {
  if (role === 'buffer') return false;
  if (selection === 'all') return true;
  if (selection === 'kernels') return role === 'kernel' || role === 'embedding';
  return selection.some((wanted) => name === wanted || name.startsWith(`${wanted}/`) || name.endsWith(`/${wanted}`));
}
