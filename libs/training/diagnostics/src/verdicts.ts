// Concepts, and what verdicts are made of: no tensors, for pages that show them
export { concepts } from './concepts.ts';
export type { Concept } from './concepts.ts';
export { paired, summary } from './recipe/statistics.ts';
export type { Paired, Summary } from './recipe/statistics.ts';
export type { Recipe, Rule } from './recipe/recipe.ts';
export type { Report } from './recipe/run-recipe.ts';
