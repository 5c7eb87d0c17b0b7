import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concepts, findStudy, studies } from '@gradstream/diagnostics';
import { recipesIn } from '@gradstream/diagnostics/node';
import { conceptsPage } from './concepts.ts';

const shipped = recipesIn(join(process.cwd(), 'recipes'));

describe('concepts', () => {
  it.each(concepts.map((concept) => [concept.name, concept] as const))('%s: its recipe ships, its study is there, and its page is named', (_, { id, recipe }) => {
    const found = shipped.find((each) => each.id === recipe);
    expect(found).toBeDefined();
    expect(findStudy(studies, found!.study, recipe).name).toBe(found!.study);
    expect(readFileSync(join(process.cwd(), 'docs', 'concepts.md'), 'utf8')).toContain(`\`?lesson=${id}\``);
  });

  it('cover the items of the textbook account', () => {
    const items = ['under- and over-fitting', 'generalization gap', 'bias, variance, noise', 'SGD, mini-batch, batch', 'batch size and minima', 'momentum', 'NAG', 'Adagrad', 'Adadelta', 'RMSprop', 'Adam', 'eps', 'early stopping', 'norm penalty', 'augmentation', 'noise on inputs', 'noise on weights', 'label smoothing', 'mixup', 'CutMix', 'dropout', 'batch normalization'];
    const names = concepts.map(({ name }) => name).join('; ');
    for (const item of items) expect(names).toContain(item);
    expect(new Set(concepts.map(({ id }) => id)).size).toBe(concepts.length);
  });

  it('stand in docs/concepts.md as the code has them', () => {
    expect(readFileSync(join(process.cwd(), 'docs', 'concepts.md'), 'utf8')).toBe(conceptsPage(concepts));
  });

  it('leave no recipe out but those that a concept shares with another', () => {
    const named = new Set(concepts.map(({ recipe }) => recipe));
    expect(shipped.map(({ id }) => id).filter((id) => !named.has(id))).toEqual(['dead-unit', 'ridge-path', 'bn-lr-range', 'penalty-noisy']);
  });
});
