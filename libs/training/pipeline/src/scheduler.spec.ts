import { addTask, dateOfWork } from './scheduler.ts';

/** Does parts of work that take so many ms each, on a clock of its own; what each part saw. */
async function work(parts: readonly number[]): Promise<{ readonly readings: number; readonly late: readonly number[]; readonly slices: readonly number[] }> {
  const epoch = 1_700_000_000_000;
  let now = 5_000;
  let readings = 0;
  const late: number[] = [];
  const slices: number[] = [];
  const clocks = [
    jest.spyOn(performance, 'now').mockImplementation(() => (readings++, now)),
    jest.spyOn(Date, 'now').mockImplementation(() => Math.floor(epoch + now)),
  ];
  let turn = 0;
  let began = { turn: -1, at: 0 };
  let ended = false;
  addTask(() => {
    if (began.turn !== turn) began = { turn, at: now };
    const ms = parts[late.length];
    now += ms;
    late.push(Math.floor(epoch + now) - dateOfWork());
    slices[turn] = now - began.at;
    ended = late.length === parts.length;
    return ended ? 'done' : 'again';
  });
  while (!ended) {
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
  clocks.forEach((clock) => clock.mockRestore());
  return { readings, late, slices: slices.filter((ms) => ms !== undefined) };
}

describe('the scheduler', () => {
  it('reads its clock at every eighth short part of work only, and the date of each is right within a millisecond', async () => {
    const { readings, late } = await work(Array.from({ length: 2_000 }, () => 0.01));
    expect(readings).toBeLessThan(2_000 / 6);
    expect(Math.max(...late)).toBeLessThanOrEqual(1);
    expect(Math.min(...late)).toBe(0);
  });

  it('gives the event loop a turn every 4 ms, however long the parts are', async () => {
    const short = await work(Array.from({ length: 2_000 }, () => 0.01));
    expect(Math.max(...short.slices)).toBeLessThan(4.2);
    const long = await work(Array.from({ length: 20 }, () => 3));
    expect(Math.max(...long.slices)).toBe(6);
  });

  it('reads it after every part again once one was long', async () => {
    const { late } = await work(Array.from({ length: 400 }, (_, i) => (i % 40 < 20 ? 0.01 : 30)));
    expect(late.filter((ms) => ms > 30 * 8)).toEqual([]);
    expect(late.filter((ms) => ms > 1).length).toBeLessThan(400 / 40 * 8);
  });
});
