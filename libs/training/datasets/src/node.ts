// Data sets on disk
export { cifar10, fashionMnist, mnist } from './files/images.ts';
export type { ImageSetOptions } from './files/images.ts';
export { breastCancer, californiaHousing, diabetes, iris, wine } from './files/tables.ts';
export type { TableSetOptions } from './files/tables.ts';
export { tinyShakespeare, textFile } from './files/texts.ts';
export type { TextFileOptions, TextSetOptions } from './files/texts.ts';
export { csvFile } from './files/csv-file.ts';
export type { CsvFile, CsvFileOptions } from './files/csv-file.ts';
export { imageFolder } from './files/image-folder.ts';
export type { ImageFolderOptions } from './files/image-folder.ts';
export { datasets, datasetsIn } from './files/registry.ts';
// Larger than memory
export { batched, shuffled, streamCifar, streamCsv } from './files/stream.ts';
export type { StreamOptions } from './files/stream.ts';
// Where files lie, and how they come
export { cacheFolder, dataFolder } from './files/place.ts';
export { fetchDataset } from './files/fetch.ts';
export type { FetchOptions, FetchProgress } from './files/fetch.ts';
export { catalogue } from './files/catalogue.ts';
export type { Download } from './files/catalogue.ts';
// The digits ship with the package
export { digits } from './digits.ts';
