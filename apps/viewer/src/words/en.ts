import { type ChartWords, type CurveSummary, formatSeconds, formatValue } from '@gradstream/charts';

const count = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

const trend = { fell: 'fell', rose: 'rose', stayed: 'stayed near its start, going' };

const line = (label: string, { points, nan, infinite, first, last, min, max, trend: went }: CurveSummary): string => {
  if (points === 0) return `${label}: no points yet.`;
  const strange = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} infinite` : ''].filter(Boolean).join(' and ');
  if (!first || !last || !min || !max || !went) return `${label}: ${count(points, 'point', 'points')}, none finite (${strange}).`;
  return `${label} ${trend[went]} from ${formatValue(first.y)} to ${formatValue(last.y)} over ${count(points, 'point', 'points')}; least ${formatValue(min.y)}, greatest ${formatValue(max.y)}${strange ? `; ${strange}` : ''}.`;
};

const charts: ChartWords = {
  summary: (title, lines) => `${title}. ${lines.map(({ label, summary }) => line(label, summary)).join(' ')}`,
  at: (x, values) => `At ${x}: ${values.map(({ label, value }) => `${label} ${value}`).join(', ')}`,
  notFinite: (n) => `${n.toLocaleString('en')} not finite`,
  empty: 'No points yet',
  keys: 'Left and right arrow walk from point to point, with Shift ten at a time. Plus and minus zoom, 0 shows everything, Escape lets go.',
  table: 'Table',
  tableOf: (title) => `Table of ${title}`,
  tableCaption: (title, rows, points) => `${title}: ${rows < points ? `${rows} of ${points.toLocaleString('en')} points in this window` : count(points, 'point', 'points')}`,
  axis: (axis) => ({ step: 'Step', relative: 'Time since start', wall: 'Time of day' })[axis],
  everything: 'Show all',
};

/** Every word of the viewer. Another language is another object of this shape. */
export const en = {
  locale: 'en',
  languageName: 'English',
  charts,
  shell: {
    skip: 'Skip to content',
    runs: 'Runs',
    train: 'Train here',
    theme: 'Theme',
    themes: { auto: 'System', light: 'Light', dark: 'Dark' },
    language: 'Language',
    languages: { auto: 'Browser', en: 'English', ko: '한국어' },
    help: 'Keyboard',
    close: 'Close',
    notFound: 'This page does not exist',
    copied: 'Copied',
  },
  states: { loading: 'Loading', running: 'Running', paused: 'Paused', finished: 'Finished', failed: 'Failed', stopped: 'Stopped', lost: 'Lost', missing: 'Not found' },
  runs: {
    title: 'Runs',
    filter: 'Filter runs',
    filterHint: 'name  state=running  validation/accuracy>0.95',
    filterHelp: 'Words match name, id, project and tags. Conditions: state=running, project=digits, step>1000, train/loss<0.1. A minus in front negates.',
    shown: (shown: number, total: number) => (shown === total ? count(total, 'run', 'runs') : `${shown.toLocaleString('en')} of ${count(total, 'run', 'runs')}`),
    running: (n: number) => `${n} running`,
    empty: 'No runs yet',
    emptyHint: 'Publish one from code, or train one in this tab.',
    emptyAction: 'Train in this tab',
    none: 'No run matches this filter',
    clear: 'Clear filter',
    failed: 'The server does not answer',
    failedHint: 'Asking again every two seconds.',
    stale: (seconds: number) => `Server out of reach; list from ${formatSeconds(seconds)} ago`,
    loading: 'Loading runs',
    select: (name: string) => `Select ${name}`,
    compare: (n: number) => `Compare ${n}`,
    clearSelection: 'Clear selection',
    columns: { name: 'Run', project: 'Project', state: 'State', step: 'Step', created: 'Started', select: 'Select' },
    chooseTwo: 'Select at least two runs to compare',
  },
  run: {
    steps: 'Step',
    points: 'Points',
    started: 'Started',
    duration: 'Duration',
    project: 'Project',
    rate: 'Steps/s',
    spec: 'Spec',
    hideSpec: 'Hide spec',
    noSpec: 'This run has no document.',
    copySpec: 'Copy as JSON',
    differences: 'What differs',
    noDifferences: 'The documents of these runs are the same.',
    value: 'Option',
    absent: 'absent',
    smoothing: 'Smoothing',
    axis: 'X axis',
    axes: { step: 'Step', relative: 'Elapsed', wall: 'Clock' },
    log: 'Log',
    logOf: (measure: string) => `Log axis of ${measure}`,
    allLog: 'Log y',
    everything: 'Show all',
    follow: 'Follow',
    following: 'Following',
    live: 'Live',
    connecting: 'Connecting',
    lost: (seconds: number) => `Connection lost ${formatSeconds(seconds)} ago; trying again`,
    waiting: 'Waiting for the first points',
    noPoints: 'This run has no points.',
    missing: (id: string) => `There is no run ‘${id}’ on this server.`,
    back: 'All runs',
    newPoints: (n: number) => `+${n.toLocaleString('en')} points`,
    compared: (n: number) => `${n} runs compared`,
    remove: (name: string) => `Take ${name} out of the comparison`,
  },
  help: {
    title: 'Keyboard',
    keys: [
      ['?', 'This list'],
      ['g r', 'Runs'],
      ['g t', 'Train in this tab'],
      ['/', 'Filter runs'],
      ['j  k', 'Next and previous run'],
      ['x', 'Select a run'],
      ['Enter', 'Open a run'],
      ['c', 'Compare the selected runs'],
      ['[  ]', 'Less and more smoothing'],
      ['l', 'Logarithmic y axes'],
      ['t', 'Next x axis'],
      ['f', 'Follow the end'],
      ['0', 'Show everything'],
      ['s', 'Spec'],
      ['← →', 'In a chart: point by point (Shift: ten)'],
      ['+  −', 'In a chart: zoom'],
    ] as readonly (readonly [string, string])[],
  },
};

export type Words = typeof en;
