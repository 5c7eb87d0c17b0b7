import type { Range, XAxis } from '@gradstream/charts';

/** Everything that a person chose to see: it stands in the address, so that a link shows the same to somebody else. */
export interface View {
  readonly page: 'runs' | 'run' | 'train' | 'labs' | 'lessons';
  /** Of page `run`: one run, or several to compare. */
  readonly runs: readonly string[];
  readonly filter: string;
  readonly sort: string;
  readonly axis: XAxis;
  /** Weight of the past in the smoothed curves, in [0, 1). */
  readonly smoothing: number;
  /** Measures with a logarithmic y axis; `*` means all. */
  readonly log: readonly string[];
  /** The chosen window of x; undefined shows everything. */
  readonly x?: Range;
  /** Follow the last so many units of x. */
  readonly last?: number;
  /** The playhead of a replay, a step; undefined shows the whole run. */
  readonly at?: number;
  /** Whether the area between train and validation is filled. */
  readonly gap: boolean;
  /** The field by which runs are taken together; empty takes each alone. */
  readonly group: string;
  /** Columns of the list that somebody chose; empty lets the page choose. */
  readonly columns: readonly string[];
  /** Whether the list stands under parallel coordinates. */
  readonly coordinates: boolean;
  /** Whether the document of the run stands beside its curves. */
  readonly spec: boolean;
  readonly theme: 'auto' | 'light' | 'dark';
  /** `auto` is the language of the browser where there is a catalogue for it. */
  readonly language: 'auto' | 'en' | 'ko';
  /** Options of the run in this tab, by name. */
  readonly train: Readonly<Record<string, string>>;
  /** Of page `labs`: the lab that is open; empty shows their list. */
  readonly lab: string;
  /** Options of the open lab, by name. */
  readonly options: Readonly<Record<string, string>>;
  /** Of page `lessons`: the concept that is open; empty shows their list. */
  readonly lesson: string;
}

export const startView: View = { page: 'runs', runs: [], filter: '', sort: '-created', axis: 'step', smoothing: 0, log: [], gap: true, group: '', columns: [], coordinates: false, spec: false, theme: 'auto', language: 'auto', train: {}, lab: '', options: {}, lesson: '' };

const oneOf = <T extends string>(given: string | null, allowed: readonly T[], otherwise: T): T => allowed.find((word) => word === given) ?? otherwise;

const number = (given: string | null): number | undefined => {
  const value = Number(given);
  return given === null || given.trim() === '' || !Number.isFinite(value) ? undefined : value;
};

const prefixed = (params: URLSearchParams, prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...params].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])));

/** Reads the query of an address; what it does not understand it leaves at its default. */
export function parseView(query: string): View {
  const params = new URLSearchParams(query);
  const runs = [...new Set(params.getAll('run').filter((id) => id !== ''))];
  const [from, to] = (params.get('x') ?? '').split('..').map((end) => number(end));
  const last = number(params.get('last'));
  const at = number(params.get('at'));
  const smoothing = number(params.get('smooth')) ?? 0;
  return {
    page: runs.length > 0 ? 'run' : params.has('train') ? 'train' : params.has('lab') ? 'labs' : params.has('lesson') ? 'lessons' : 'runs',
    runs,
    filter: params.get('q') ?? '',
    sort: params.get('sort') ?? startView.sort,
    axis: oneOf(params.get('axis'), ['step', 'relative', 'wall'], 'step'),
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
    log: (params.get('log') ?? '').split(',').filter((measure) => measure !== ''),
    ...(from !== undefined && to !== undefined && from < to ? { x: [from, to] as const } : {}),
    ...(last !== undefined && last > 0 ? { last } : {}),
    ...(at !== undefined && at >= 0 ? { at } : {}),
    gap: params.get('gap') !== '0',
    group: params.get('group') ?? '',
    columns: params.getAll('col').filter((column) => column !== ''),
    coordinates: params.get('coordinates') === '1',
    spec: params.get('spec') === '1',
    theme: oneOf(params.get('theme'), ['auto', 'light', 'dark'], 'auto'),
    language: oneOf(params.get('lang'), ['auto', 'en', 'ko'], 'auto'),
    train: prefixed(params, 't.'),
    lab: runs.length > 0 || params.has('train') ? '' : (params.get('lab') ?? ''),
    options: prefixed(params, 'l.'),
    lesson: runs.length > 0 || params.has('train') || params.has('lab') ? '' : (params.get('lesson') ?? ''),
  };
}

/** The query of a view: only what differs from the start, in a fixed order, so that equal views have equal addresses. */
export function formatView(view: View): string {
  const params = new URLSearchParams();
  if (view.page === 'run') for (const id of view.runs) params.append('run', id);
  if (view.page === 'train') params.set('train', '1');
  if (view.page === 'labs') params.set('lab', view.lab);
  if (view.page === 'lessons') params.set('lesson', view.lesson);
  const rounded = (x: number) => String(Number(x.toPrecision(12)));
  const set = (name: string, value: string, otherwise: string) => value !== otherwise && params.set(name, value);
  set('q', view.filter, '');
  set('sort', view.sort, startView.sort);
  set('axis', view.axis, 'step');
  set('smooth', String(view.smoothing), '0');
  set('log', view.log.join(','), '');
  if (view.x) params.set('x', view.x.map(rounded).join('..'));
  if (view.last !== undefined) params.set('last', rounded(view.last));
  if (view.at !== undefined) params.set('at', rounded(view.at));
  set('gap', view.gap ? '1' : '0', '1');
  set('group', view.group, '');
  for (const column of view.columns) params.append('col', column);
  if (view.coordinates) params.set('coordinates', '1');
  if (view.spec) params.set('spec', '1');
  set('theme', view.theme, 'auto');
  set('lang', view.language, 'auto');
  for (const name of Object.keys(view.train).sort()) params.set(`t.${name}`, view.train[name]);
  for (const name of Object.keys(view.options).sort()) params.set(`l.${name}`, view.options[name]);
  const query = params.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':');
  return query === '' ? '' : `?${query}`;
}

/** Whether going from one view to another is a step of its own for the Back button, and not a touch of the same page. */
export const isAnotherPage = (a: View, b: View): boolean => a.page !== b.page || a.runs.join() !== b.runs.join() || a.lesson !== b.lesson || a.lab !== b.lab;

/** The view of another page: what belongs to a page stays behind, what belongs to the person goes along. */
export const goTo = (view: View, page: View['page'], runs: readonly string[] = []): View => ({
  ...view,
  page,
  runs: page === 'run' ? runs : [],
  x: undefined,
  last: undefined,
  at: undefined,
  group: page === 'run' && runs.length < 2 ? '' : view.group,
  train: page === 'train' ? view.train : {},
  lab: '',
  options: {},
  lesson: '',
});
