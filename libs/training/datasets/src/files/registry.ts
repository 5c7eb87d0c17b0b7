import { registry, type Factory, type Registry } from '@gradstream/numerics';
import type { Data } from '../data.ts';
import { datasets as withoutFiles } from '../registry.ts';
import { csvFile } from './csv-file.ts';
import { imageFolder } from './image-folder.ts';
import { cifar10, fashionMnist, mnist } from './images.ts';
import { breastCancer, californiaHousing, diabetes, iris, wine } from './tables.ts';
import { textFile, tinyShakespeare } from './texts.ts';

const onDisk = registry<Promise<Data>>(mnist, fashionMnist, cifar10, iris, wine, breastCancer, diabetes, californiaHousing, tinyShakespeare, csvFile, imageFolder, textFile);

/** All data sets by the name a document uses; those on disk are looked for in `dir`, unless the document names another folder. */
export const datasetsIn = (dir?: string): Registry<Data | Promise<Data>> => ({ ...withoutFiles, ...(dir === undefined ? onDisk : inFolder(onDisk, dir)) });

/** All data sets, looked for in `GRADSTREAM_DATA_DIR` or in the cache. */
export const datasets = datasetsIn();

const inFolder = (members: Registry<Promise<Data>>, dir: string): Registry<Promise<Data>> =>
  Object.fromEntries(Object.entries(members).map(([name, make]) => {
    const open = make as unknown as Factory<object, Promise<Data>>;
    return [name, Object.assign((given: object) => open({ dir, ...given }), { factoryName: name, options: open.options, required: open.required })];
  }));
