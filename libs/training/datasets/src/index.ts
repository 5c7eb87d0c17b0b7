// Data sets that need no file
export { digits } from './digits.ts';
export { blobs, circles, linear, moons, sinusoid, spirals, xor } from './synthetic.ts';
export type { BlobsOptions, CirclesOptions, LinearOptions, PointsOptions, SinusoidOptions, SpiralsOptions } from './synthetic.ts';
export { datasets } from './registry.ts';
// Data of your own
export { fromArrays } from './arrays.ts';
export type { ClassArrays, Nested, ProbabilityArrays, ValueArrays } from './arrays.ts';
export { inMemory } from './split.ts';
export type { InMemoryOptions } from './split.ts';
// Tables
export { fromCsv } from './csv.ts';
export type { CsvOptions, TableData, TaskOf } from './csv.ts';
export { encodedNames, encodedWidth, encodeInputs, encodeTargets, fitEncoding, parseRows } from './encoding.ts';
export type { ColumnEncoding, TableEncoding, TableSchema, TargetEncoding } from './encoding.ts';
export { parseTable } from './table.ts';
export type { Table, TableLayout } from './table.ts';
// Text
export { characters } from './characters.ts';
export type { CharactersOptions } from './characters.ts';
// File formats
export { decodeImage, fitted } from './picture.ts';
export type { Picture } from './picture.ts';
export { parseCifar } from './cifar.ts';
export type { CifarRecords } from './cifar.ts';
export { parseIdx, parseIdxImages, parseIdxLabels } from './idx.ts';
export type { IdxArray } from './idx.ts';
// Splits
export { first, kFold, partition, subset } from './partition.ts';
export type { DivisionOptions, Partition, PartitionOptions } from './partition.ts';
export { channelMoments, standardized } from './standardize.ts';
export { labelNoise } from './label-noise.ts';
export type { LabelNoise } from './label-noise.ts';
// Contracts
export type { ChannelMoments, Data, DataInfo, DatasetFactory, Loaded, SyntheticFactory } from './data.ts';
