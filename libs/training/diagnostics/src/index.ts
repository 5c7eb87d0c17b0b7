// Recipes
export { canonical, hashOf, parseRecipe, SECTIONS } from './recipe/recipe.ts';
export type { Band, Recipe, Rule } from './recipe/recipe.ts';
export { cellHash, cellsOf, noStore, runRecipe } from './recipe/run-recipe.ts';
export type { Cell, CellEvent, CellStore, Environment, Report, ReportEvent, RunRecipeOptions } from './recipe/run-recipe.ts';
export { judge, pairedWith, summarize } from './recipe/verdict.ts';
export type { Failure, Results, Summaries, Verdict } from './recipe/verdict.ts';
export { deviation, mean, paired, quantile975, summary } from './recipe/statistics.ts';
export type { Paired, Summary } from './recipe/statistics.ts';
// Studies: what one arm with one seed does
export { findStudy, ownParts, studiesOf, study } from './recipe/study.ts';
export type { Measured, Studies, Study, StudyParts } from './recipe/study.ts';
export { studies } from './studies.ts';
// Populations and branches
export { compare, population } from './populations/population.ts';
export type { MemberEvent, PopulationEvent, PopulationOptions, RunOfSeed, StandingEvent } from './populations/population.ts';
export { branch, checkpointAt, continueFrom } from './populations/branch.ts';
export type { Resumable } from './populations/branch.ts';
// Bias and variance
export { decompose, decomposeKullback } from './bias-variance.ts';
export type { Decomposition, KullbackDecomposition } from './bias-variance.ts';
// Curvature
export { surfaceOf } from './curvature/surface.ts';
export type { ModelSurface, Point, Surface } from './curvature/surface.ts';
export { hessianTrace, hessianVector, lanczos, largestEigenvalue } from './curvature/hessian.ts';
export type { PowerOptions } from './curvature/hessian.ts';
export { epsilonSharpness, lossBetween } from './curvature/sharpness.ts';
export type { Sharpness, SharpnessOptions } from './curvature/sharpness.ts';
export { fitCriticalBatch, measureNoiseScale, noiseScale, priceBatches } from './curvature/noise-scale.ts';
export type { BatchAdvice, NoiseScale, NormPair } from './curvature/noise-scale.ts';
