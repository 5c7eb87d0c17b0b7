import { firstValueFrom, Subject, take, toArray } from 'rxjs';
import { InputError, type Batch } from '@gradstream/numerics';
import { batches } from './batches.ts';
import { all, data } from './small-run.fixture.ts';

const order = (list: readonly Batch[]) => list.map(({ ids }) => [...ids]);

describe('batches', () => {
  test('an epoch holds each example once, and the next one in another order', async () => {
    const list = await all(batches(data.train, { size: 40, epochs: 2, seed: 1 }));
    expect(list.map(({ step, epoch, index, size }) => [step, epoch, index, size])).toEqual([[0, 0, 0, 40], [1, 0, 1, 40], [2, 0, 2, 16], [3, 1, 0, 40], [4, 1, 1, 40], [5, 1, 2, 16]]);
    const epochs = [order(list.slice(0, 3)).flat(), order(list.slice(3)).flat()];
    for (const ids of epochs) expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: 96 }, (_, i) => i));
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  test('the same seed gives the same bytes, another seed another order', async () => {
    const of = (seed: number) => all(batches(data.train, { size: 32, epochs: 1, seed }));
    const [a, b, c] = [await of(1), await of(1), await of(2)];
    expect(order(a)).toEqual(order(b));
    expect(a[0].inputs).toEqual(b[0].inputs);
    expect(a[0].key).toEqual(b[0].key);
    expect(order(a)).not.toEqual(order(c));
  });

  test('from goes on where an uninterrupted run would be', async () => {
    const whole = await all(batches(data.train, { size: 32, epochs: 3, seed: 1 }));
    const rest = await all(batches(data.train, { size: 32, epochs: 3, seed: 1, from: 4 }));
    expect(order(rest)).toEqual(order(whole.slice(4)));
    expect(rest.map(({ step, key }) => [step, key])).toEqual(whole.slice(4).map(({ step, key }) => [step, key]));
  });

  test('drop leaves a short last batch out, sequential keeps the order, replacement may repeat', async () => {
    expect((await all(batches(data.train, { size: 40, epochs: 1, lastBatch: 'drop' }))).map(({ size }) => size)).toEqual([40, 40]);
    expect(order(await all(batches(data.train, { size: 96, epochs: 1, order: 'sequential' })))[0]).toEqual(Array.from({ length: 96 }, (_, i) => i));
    const drawn = order(await all(batches(data.train, { size: 96, epochs: 1, order: 'replacement' })))[0];
    expect(new Set(drawn).size).toBeLessThan(96);
  });

  test('without epochs and steps it goes on until somebody has enough', async () => {
    const list = await firstValueFrom(batches(data.train, { size: 32 }).pipe(take(10), toArray()));
    expect(list.at(-1)!.epoch).toBe(3);
  });

  test('an Observable as pace takes one step for each of its values, and none before', async () => {
    const ticks$ = new Subject<void>();
    const seen: number[] = [];
    const subscription = batches(data.train, { size: 32, pace: ticks$ }).subscribe(({ step }) => seen.push(step));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
    ticks$.next();
    ticks$.next();
    expect(seen).toEqual([0, 1]);
    subscription.unsubscribe();
    expect(ticks$.observed).toBe(false);
  });

  test('a run starts in a later turn, so that its subscription can be used in its callbacks', async () => {
    let seen = 0;
    const done = new Promise<void>((resolve) => {
      const subscription = batches(data.train, { size: 8 }).subscribe(() => {
        if (++seen === 2) {
          subscription.unsubscribe();
          setImmediate(resolve);
        }
      });
    });
    expect(seen).toBe(0);
    await done;
    expect(seen).toBe(2);
  });

  test.each([
    [() => batches(data.test!), 'batches: the test split of blobs is not for training; give the train split'],
    [() => batches(data.train, { size: 0 }), 'batches: size must be a whole number of at least 1, received 0'],
    [() => batches(data.train, { epochs: 1, steps: 1 }), 'batches: give epochs or steps, not both'],
    [() => batches(data.train, { size: 97, lastBatch: 'drop' }), 'batches: size must be at most the 96 examples of the split when a short last batch is dropped, received 97'],
    [() => batches(data.train, { sead: 1 } as never), "batches: 'sead' is not an option; did you mean 'seed'? Known: size, epochs, steps, seed, order, lastBatch, pace, from, maker"],
  ])('refuses %p', (make, sentence) => {
    expect(make).toThrow(new InputError(sentence));
  });
});
