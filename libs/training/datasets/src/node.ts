// Data sets on disk
export { cifar10, fashionMnist, mnist } from './files/images.ts';
export type { ImageSetOptions } from './files/images.ts';
export { csvFile } from './files/csv-file.ts';
export type { CsvFileOptions } from './files/csv-file.ts';
export { datasets, datasetsIn } from './files/registry.ts';
// Where files lie, and how they come
export { cacheFolder, dataFolder } from './files/place.ts';
export { fetchDataset } from './files/fetch.ts';
export type { FetchOptions, FetchProgress } from './files/fetch.ts';
export { catalogue } from './files/catalogue.ts';
export type { Download } from './files/catalogue.ts';
// The digits ship with the package
export { digits } from './digits.ts';
