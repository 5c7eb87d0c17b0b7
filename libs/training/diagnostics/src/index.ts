// Recipes
export { canonical, hashOf, parseRecipe, SECTIONS } from './recipe/recipe.ts';
export type { Band, Recipe, Rule } from './recipe/recipe.ts';
export { cellHash, cellsOf, noStore, runRecipe } from './recipe/run-recipe.ts';
export type { Cell, CellEvent, CellStore, Environment, Report, ReportEvent, RunRecipeOptions } from './recipe/run-recipe.ts';
export { judge, pairedWith, summarize } from './recipe/verdict.ts';
export type { Failure, Results, Summaries, Verdict } from './recipe/verdict.ts';
export { deviation, mean, paired, quantile975, summary } from './recipe/statistics.ts';
export type { Paired, Summary } from './recipe/statistics.ts';
// Concepts, each with its recipe
export { concepts } from './concepts.ts';
export type { Concept } from './concepts.ts';
// Studies: what one arm with one seed does
export { findStudy, ownParts, studiesOf, study } from './recipe/study.ts';
export type { Measured, Studies, Study, StudyParts } from './recipe/study.ts';
export { studies } from './studies.ts';
// Diagnostics of a run as streams
export { probe } from './probes/probe.ts';
export type { Diagnostic, DiagnosticEvent, Measuring, ProbeOptions, Reading } from './probes/probe.ts';
export { curvature, sharpness, slice, spectrum } from './probes/curvature.ts';
export type { CurvatureOptions, SharpnessProbeOptions, SliceOptions, SpectrumOptions, SurfaceProbeOptions } from './probes/curvature.ts';
export { gapBetween, generalizationGap } from './probes/gap.ts';
export type { GapOptions } from './probes/gap.ts';
export { adviseBatchSize, gradientNoise } from './probes/gradient-noise.ts';
export type { AdviceOptions, GradientNoiseOptions, PricedBatch } from './probes/gradient-noise.ts';
export { deadUnits, weightStatistics } from './probes/weights.ts';
export type { DeadUnitsOptions, WeightStatisticsOptions } from './probes/weights.ts';
export { exampleHistory } from './probes/examples.ts';
export type { ExampleHistoryOptions } from './probes/examples.ts';
export { disagreement } from './probes/twins.ts';
// The test set
export { testLedger } from './ledger.ts';
export type { Look, Optimism, OptimismOptions, TestLedger } from './ledger.ts';
// Populations and branches
export { compare, population } from './populations/population.ts';
export type { MemberEvent, PopulationEvent, PopulationOptions, RunOfSeed, StandingEvent } from './populations/population.ts';
export { branch, checkpointAt, continueFrom } from './populations/branch.ts';
export type { Resumable } from './populations/branch.ts';
// Bias and variance
export { decompose, decomposeKullback } from './bias-variance.ts';
export type { Decomposition, KullbackDecomposition } from './bias-variance.ts';
// Small dense problems in float64
export { dot, leastSquares, legendre } from './linear-algebra.ts';
// Curvature
export { surfaceOf } from './curvature/surface.ts';
export type { ModelSurface, Point, Surface, SurfaceOptions } from './curvature/surface.ts';
export { hessianTrace, hessianVector, lanczos, largestEigenvalue, topEigenpair } from './curvature/hessian.ts';
export type { DifferenceOptions, PowerOptions } from './curvature/hessian.ts';
export { filterNormalizedDirection, lossOnPlane, lossOnSlice } from './curvature/slice.ts';
export { epsilonSharpness, lossBetween } from './curvature/sharpness.ts';
export type { Sharpness, SharpnessOptions } from './curvature/sharpness.ts';
export { fitCriticalBatch, noiseScale, noiseScaleOf } from './curvature/noise-scale.ts';
export type { NoiseScale, NormPair } from './curvature/noise-scale.ts';
