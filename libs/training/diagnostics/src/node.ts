// Recipes on disk, and cells in threads
export { chooseRecipes, folderCells, readRecipe, recipesIn } from './recipe/folder.ts';
export { carryOutHere, cellThreads, environmentHere, partsIn, STUDIES_VERSION } from './recipe/carry-out.ts';
export type { Done } from './recipe/carry-out.ts';
export { publishReport } from './recipe/published.ts';
export type { Publishing, ReportPublisher } from './recipe/published.ts';
// Runs in threads
export { runThreads } from './populations/run-threads.ts';
export type { RunThreads } from './populations/run-threads.ts';
