import type { Rule } from '@gradstream/numerics';

/** Option rule: a number above 1. */
export const moreThanOne: Rule = { says: 'a number above 1', accepts: (x) => typeof x === 'number' && x > 1 && x < Infinity, schema: { type: 'number', exclusiveMinimum: 1 } };

/** Option rule: two values of one kind. */
export const pairOf = (rule: Rule): Rule => ({
  says: `a pair, each ${rule.says}`,
  accepts: (x) => Array.isArray(x) && x.length === 2 && x.every((item) => rule.accepts(item)),
  schema: { type: 'array', items: rule.schema, minItems: 2, maxItems: 2 },
});
