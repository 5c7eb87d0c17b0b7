import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concepts } from '@gradstream/diagnostics/verdicts';
import type { RunDetail, RunInfo } from '@gradstream/protocol';
import { NEVER, of, Subject, throwError } from 'rxjs';
import { parse } from 'yaml';
import type { RunSource, WatchEvent } from '../server/source.ts';
import { formatView, goTo, parseView, startView } from '../view/view.model.ts';
import { forestsOf, type Measures, verdictRunOf, withPoints } from './lesson.model.ts';
import { lessonStore } from './lesson.store.ts';

const recipe = { arms: { none: {}, shift: {}, hflip: {} }, base: 'none', accept: [{ metric: 'testError', arm: 'shift', minus: 'none', within: [-4, -2] as [number, number] }, { metric: 'ece', arms: 'all' as const, within: [null, 10] as [null, number] }] };
const points = (seed: number, values: Readonly<Record<string, number>>) => ({ type: 'points' as const, run: 'v', attempt: 0, step: Float64Array.of(seed), wall: Float64Array.of(0), columns: Object.entries(values).map(([metric, value]) => ({ metric, values: Float64Array.of(value) })) });

describe('the pages of concepts', () => {
  it.each(concepts.map(({ id }) => [id]))('%s has an address of its own', (id) => {
    const view = parseView(`?lesson=${id}`);
    expect(view).toMatchObject({ page: 'lessons', lesson: id });
    expect(parseView(formatView(view))).toEqual(view);
    expect(goTo(view, 'runs').lesson).toBe('');
  });

  it('have a list before them', () => {
    expect(parseView('?lesson=')).toMatchObject({ page: 'lessons', lesson: '' });
    expect(formatView({ ...startView, page: 'lessons' })).toBe('?lesson=');
  });

  it('name recipes that ship, all of whose rules can be drawn', () => {
    const folder = join(process.cwd(), 'recipes');
    const shipped = new Map(readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')) as { id: string; arms: Record<string, object>; accept: never[] }).map((each) => [each.id, each]));
    for (const { recipe: id } of concepts) {
      const { arms, accept } = shipped.get(id)!;
      let measures: Measures = new Map();
      for (const seed of [0, 1]) measures = withPoints(measures, points(seed, Object.fromEntries(Object.keys(arms).flatMap((arm) => accept.map(({ metric }) => [`${metric}/${arm}`, seed + arm.length])))));
      const forests = forestsOf({ arms: arms as never, accept, base: undefined }, measures);
      expect([id, forests.length > 0 || Object.keys(arms).length === 0]).toEqual([id, true]);
      for (const { domain: [from, to], rows } of forests) expect(from < to && rows.length > 0).toBe(true);
    }
  });
});

describe('a forest plot', () => {
  it('pairs arms with their base, seed by seed, as far as both have come', () => {
    let measures: Measures = withPoints(new Map(), points(0, { 'testError/none': 10, 'testError/shift': 7 }));
    measures = withPoints(measures, points(1, { 'testError/none': 11, 'testError/shift': 7 }));
    measures = withPoints(measures, points(2, { 'testError/shift': 1 }));
    const [error] = forestsOf(recipe, measures);
    expect(error).toMatchObject({ metric: 'testError', minus: 'none', rows: [{ arm: 'shift', mean: -3.5, values: [-3, -4], band: [-4, -2] }] });
    expect(error.rows[0].low).toBeLessThan(-4);
    expect(error.domain[1]).toBeGreaterThan(0);
  });

  it('shows values of measures that are not compared', () => {
    const measures = withPoints(new Map(), points(0, { 'ece/none': 5, 'ece/shift': 1 }));
    expect(forestsOf(recipe, measures)).toEqual([expect.objectContaining({ metric: 'ece', rows: [expect.objectContaining({ arm: 'none', mean: 5, band: [null, 10] }), expect.objectContaining({ arm: 'shift', mean: 1 })] })]);
  });

  it('leaves infinite and missing numbers out of its axis', () => {
    const measures = withPoints(new Map(), points(0, { 'ece/none': Infinity, 'ece/shift': NaN, 'ece/hflip': 2 }));
    expect(forestsOf(recipe, measures)[0].domain.every(Number.isFinite)).toBe(true);
  });
});

describe('the state of a lesson', () => {
  const run = (id: string, created: number, tags: Record<string, string>): RunInfo => ({ id, project: 'recipes', name: id, state: 'running', attempt: 0, created, heartbeat: created, lsn: 0, tags, summary: {} });
  const verdict = run('v', 2, { recipe: 'r', part: 'verdict', group: 'g' });
  const runs = [run('old', 1, { recipe: 'r', part: 'verdict', group: 'f' }), verdict, run('t', 3, { recipe: 'r', group: 'g' }), run('u', 3, { recipe: 'r', group: 'f' })];
  const sourceOf = (part: Partial<RunSource>): RunSource => ({ list: () => of(runs), recent: () => of([]), curves: () => NEVER, detail: () => of({ ...verdict, spec: { recipe }, duplicates: 0, conflicts: 0 } as RunDetail), watch: () => NEVER, steer: () => NEVER, patch: () => NEVER, remove: () => NEVER, ...part });

  it('takes the newest run, its trained runs, and its points as they come', () => {
    const events$ = new Subject<WatchEvent>();
    const watched: string[] = [];
    const store = lessonStore(sourceOf({ watch: ([id]) => (watched.push(id), events$) }), 'r', of(0, 1));
    const leave = store.subscribe(() => undefined);
    expect(verdictRunOf(runs, 'r')?.id).toBe('v');
    expect(store.value).toMatchObject({ status: 'ready', verdict: { id: 'v', spec: { recipe } } });
    expect(store.value.trained.map(({ id }) => id)).toEqual(['t']);
    events$.next(points(0, { 'testError/none': 1 }));
    expect(store.value.measures.get('testError/none')?.get(0)).toBe(1);
    expect(watched).toEqual(['v']);
    leave();
  });

  it('says when there is no run and when there is no server', () => {
    const states = [sourceOf({ list: () => of([]) }), sourceOf({ list: () => throwError(() => new Error('away')) })].map((source) => {
      const store = lessonStore(source, 'r', of(0));
      store.subscribe(() => undefined)();
      return [store.value.status, store.value.verdict];
    });
    expect(states).toEqual([['ready', undefined], ['unreachable', undefined]]);
  });
});
