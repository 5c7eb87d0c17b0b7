// Checkpoints on disk
export { folderCheckpoints, latestCheckpoint, writeWhole } from './checkpoint-folder.ts';
export { CHECKPOINT_VERSION, decodeCheckpoint, encodeCheckpoint } from './checkpoint-file.ts';
// Documents that name data on disk
export { registriesIn } from './registries-node.ts';
// Batches from worker threads
export { prefetchInThreads } from './prefetch-node.ts';
