import { optimizers } from '@gradstream/optimizers';
import { columns, family, neighbour, rows, type Member } from './family.ts';
import { racers } from './race.settings.ts';

describe('the family of optimizers', () => {
  const members: readonly Member[] = family;
  it('are the racers, and all of them exist', () => {
    expect(members.map(({ name }) => name).sort()).toEqual(racers.map(({ name }) => name).sort());
    for (const { name } of members) expect(Object.keys(optimizers)).toContain(name);
  });

  it('is a tree of generations: parents stand to the left, and each has a place of its own', () => {
    for (const { name, from, column } of members) for (const parent of from) expect([name, members.find((member) => member.name === parent)!.column < column]).toEqual([name, true]);
    expect(new Set(members.map(({ column, row }) => `${column} ${row}`)).size).toBe(members.length);
    expect([columns, rows]).toEqual([5, 6]);
  });

  it('is walked by arrow keys, and every member is reached from the root', () => {
    expect([neighbour('adam', 'ArrowLeft'), neighbour('adam', 'ArrowRight'), neighbour('adamw', 'ArrowDown'), neighbour('adam', 'ArrowUp'), neighbour('sgd', 'ArrowLeft'), neighbour('sgd', 'Enter')]).toEqual(['rmsprop', 'adamax', 'amsgrad', 'lion', undefined, undefined]);
    const seen = new Set<string>();
    const visit = (name: Parameters<typeof neighbour>[0] | undefined): void => {
      if (name === undefined || seen.has(name)) return;
      seen.add(name);
      for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) visit(neighbour(name, key));
    };
    visit('sgd');
    expect(seen.size).toBe(members.length);
  });
});
