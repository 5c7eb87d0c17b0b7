import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, listOf, oneOf, positiveInteger, text, type OptionTable } from '@gradstream/numerics';
import { dataset, divided, divisionRules, type Data } from '../data.ts';
import type { DivisionOptions } from '../partition.ts';
import { decodeImage, fitted, type Picture } from '../picture.ts';
import { inMemory } from '../split.ts';
import { inFolder } from './csv-file.ts';
import { readBytes } from './read.ts';

/** Images in folders, one folder for each class. */
export interface ImageFolderOptions extends DivisionOptions {
  /** The folder that holds the class folders; absolute, or relative to `dir`, or to the working folder. */
  readonly path: string;
  /** Height and width to scale to. Without it all images must be of one size. */
  readonly size?: readonly number[];
  /** 1 for grey, 3 for colour. Default 3. */
  readonly channels?: 1 | 3;
  /** Folder to look in first. Default `GRADSTREAM_DATA_DIR`. */
  readonly dir?: string;
}

const rules: OptionTable<ImageFolderOptions> = { ...divisionRules, path: text, size: listOf(positiveInteger, 2), channels: oneOf(1, 3), dir: text };

/**
 * PNG and JPEG files in class folders, `PATH/<class>/<image>`, classes and files in alphabetical order.
 *
 * @throws InputError naming the file that is broken or of another size
 */
export const imageFolder = dataset<ImageFolderOptions, Data<'classes'>>('image-folder', rules, async ({ path, size, channels = 3, dir, ...parts }) => {
  const root = inFolder(path, dir);
  const names = await namesIn(root, 'folder');
  const files = (await Promise.all(names.map(async (name, c) => (await namesIn(join(root, name), 'image')).map((file) => ({ path: join(root, name, file), c }))))).flat();
  if (files.length === 0) throw new InputError(`${root}: holds no images in class folders (${names.length} folders, no .png, .jpg or .jpeg in them)`);
  const pictures: Picture[] = [];
  for (const file of files) {
    const decoded = decodeImage(await readBytes(file.path), file.path, channels);
    const picture = size ? fitted(decoded, [size[0], size[1]]) : decoded;
    const { height, width } = pictures[0] ?? picture;
    if (picture.height !== height || picture.width !== width) throw new InputError(`${file.path}: is ${picture.width} by ${picture.height} pixels where the images before it are ${width} by ${height}; give a size to scale to`);
    pictures.push(picture);
  }
  const [{ height, width }] = pictures;
  const inputs = new Uint8Array(pictures.length * height * width * channels);
  pictures.forEach(({ values }, i) => inputs.set(values, i * values.length));
  const all = inMemory<'classes'>({
    dataset: 'image-folder', names,
    store: { inputShape: [height, width, channels], inputs, targets: { kind: 'classes', width: names.length, shape: [files.length], values: Int32Array.from(files, ({ c }) => c) } },
  });
  return divided(all, parts, { about: `images of ${root}` });
}, ['path']);

async function namesIn(folder: string, what: 'folder' | 'image'): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${folder}: ${error.code === 'ENOENT' ? 'does not exist' : error.code === 'ENOTDIR' ? 'is no folder' : `cannot be read (${error.code ?? error.message})`}`);
  });
  return entries.filter((entry) => (what === 'folder' ? entry.isDirectory() : entry.isFile() && /\.(png|jpe?g)$/i.test(entry.name))).map(({ name }) => name).sort();
}
