import { join } from 'node:path';
import { codeOf, runDocument } from './documents.ts';

const documents = ['libs/training/pipeline/README.md', 'libs/shared/numerics/README.md', 'docs/models.md', 'docs/regularizers.md', 'docs/data.md', 'docs/viewer.md', 'libs/training/datasets/README.md', 'libs/training/augment/README.md', 'libs/training/models/README.md', 'libs/training/losses/README.md', 'libs/training/optimizers/README.md', 'libs/training/regularizers/README.md', 'libs/training/diagnostics/README.md'];

beforeAll(async () => {
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode();
});

it.each(documents)('the code of %s runs', async (path) => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await runDocument(join(process.cwd(), path), (name) => jest.requireActual<object>(name));
  jest.restoreAllMocks();
});

it('finds all blocks of code, and fails with the code', async () => {
  expect(codeOf('a\n```ts\none();\n```\nb\n```yaml\nx: 1\n```\n```ts\ntwo();\n```\n')).toBe('one();\n\ntwo();\n');
  await expect(runDocument(join(process.cwd(), documents[0]), () => ({}))).rejects.toThrow();
});
