import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { InputError, unknownName } from '@gradstream/numerics';
import { z } from 'zod';

/** Sections of the collection, by letter. */
export const SECTIONS = { A: 'Exact laws', B: 'Capacity and generalization', C: 'Optimizers', D: 'Batch size', E: 'Regularizers', F: 'Views of their own' } as const;

const edge = z.union([z.number(), z.null()], 'must be a number, or null for an open end');
const band = z.tuple([edge, edge], 'must be [low, high]');
const names = z.array(z.coerce.string()).min(1);
const armOrArms = { arm: z.coerce.string().optional(), arms: z.union([z.literal('all'), names]).optional(), why: z.string().optional() };

/**
 * One sentence of an acceptance rule. `metric` of each named arm, as …
 * `within`: the mean over seeds, or the paired mean against `minus`, or the ratio of means `over` another arm;
 * `each`: at least `count` seeds (default all); `equals`: another metric of the same arm, to a tolerance;
 * `increasing`, `decreasing`: strictly, along a list of arms; `lowest`: one of these arms has the least mean `among` others.
 */
const rule = z.union([
  z.strictObject({ metric: z.string(), ...armOrArms, minus: z.coerce.string(), within: band, sign: z.number().int().optional() }),
  z.strictObject({ metric: z.string(), ...armOrArms, over: z.coerce.string(), within: band }),
  z.strictObject({ metric: z.string(), ...armOrArms, within: band }),
  z.strictObject({ metric: z.string(), ...armOrArms, each: band, count: z.number().int().optional() }),
  z.strictObject({ metric: z.string(), ...armOrArms, equals: z.string(), relative: z.number().optional(), absolute: z.number().optional() }),
  z.strictObject({ metric: z.string(), why: z.string().optional(), increasing: names }),
  z.strictObject({ metric: z.string(), why: z.string().optional(), decreasing: names }),
  z.strictObject({ metric: z.string(), why: z.string().optional(), lowest: names, among: names }),
]);

const options = z.record(z.string(), z.unknown());

const schema = z.strictObject({
  version: z.literal(1),
  id: z.string().min(1),
  section: z.enum(['A', 'B', 'C', 'D', 'E', 'F']),
  /** The claim, in one sentence. */
  claim: z.string().min(1),
  source: z.string().min(1),
  /** What is often said, and what this does not show. */
  note: z.string().optional(),
  /** What one arm with one seed does: the name of a study. */
  study: z.string().min(1),
  seeds: z.array(z.number().int().min(0)).min(1),
  /** Further blocks of seeds that had no part in making the recipe. */
  base: z.coerce.string().optional(),
  /** Options of the study that all arms share. */
  common: options.default({}),
  /** What each arm changes. */
  arms: z.record(z.string(), z.union([options, z.null()])),
  accept: z.array(rule).min(1),
});

export type Rule = z.infer<typeof rule>;
export type Band = z.infer<typeof band>;

/** A claim as a document: arms, seeds, measures and an acceptance rule. */
export interface Recipe extends Omit<z.infer<typeof schema>, 'arms'> {
  readonly arms: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Checks a recipe document.
 *
 * @param where begins the sentence: the file's name
 * @throws InputError for an unknown key, a wrong type, or a rule that names an arm which is not there
 */
export function parseRecipe(document: unknown, where: string): Recipe {
  const parsed = schema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`${where}: ${issue.path.join('.') || 'a recipe'}: ${issue.message}`);
  }
  const { arms, ...rest } = parsed.data;
  const recipe: Recipe = { ...rest, arms: Object.fromEntries(Object.entries(arms).map(([name, given]) => [name, given ?? {}])) };
  const known = Object.keys(recipe.arms);
  const mentioned = recipe.accept.flatMap((each) => armsOf(each, recipe));
  for (const name of [...mentioned, ...(recipe.base === undefined ? [] : [recipe.base])]) if (!known.includes(name)) throw new InputError(`${where}: ${unknownName('arm', name, known)}`);
  return recipe;
}

/** Every arm that a rule mentions. */
export function armsOf(each: Rule, recipe: Pick<Recipe, 'arms'>): readonly string[] {
  if ('increasing' in each) return each.increasing;
  if ('decreasing' in each) return each.decreasing;
  if ('lowest' in each) return [...each.lowest, ...each.among];
  const others = 'minus' in each ? [each.minus] : 'over' in each ? [each.over] : [];
  return [...subjects(each, recipe), ...others];
}

/** The arms that a rule is about: the one named, the ones listed, or all (but the one they are compared with). */
export function subjects(each: Exclude<Rule, { increasing: unknown } | { decreasing: unknown } | { lowest: unknown }>, { arms }: Pick<Recipe, 'arms'>): readonly string[] {
  if (each.arm !== undefined) return [each.arm];
  if (Array.isArray(each.arms)) return each.arms;
  const other = 'minus' in each ? each.minus : 'over' in each ? each.over : undefined;
  return Object.keys(arms).filter((name) => name !== other);
}

/** JSON with sorted keys: the same text for the same document. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}

/** Hex SHA-256 of a document. */
export const hashOf = (value: unknown): string => bytesToHex(sha256(utf8ToBytes(canonical(value))));
