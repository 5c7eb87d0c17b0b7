/** A metric's name in parts: `validation/accuracy` is the split `validation` of `accuracy`; `learningRate` has no split. */
export interface MetricName {
  readonly name: string;
  readonly split?: 'train' | 'validation' | 'test';
  /** What is measured: `accuracy`. */
  readonly measure: string;
}

/** A panel shows one measure, with a line for each split that has it. */
export interface Panel {
  readonly id: string;
  readonly measure: string;
  readonly metrics: readonly MetricName[];
}

/** Panels whose measures share a prefix (`layer1/…`), or the unnamed section of those that have none. */
export interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const splits = ['train', 'validation', 'test'] as const;
/** Measures that everybody looks for first, in this order. */
const leading = ['loss', 'accuracy', 'error', 'learningRate', 'gradientNorm'];
/** The mean of the epoch so far belongs beside the loss itself. */
const besides: Readonly<Record<string, string>> = { lossMean: 'loss' };

export function parseMetric(name: string): MetricName {
  const slash = name.indexOf('/');
  const split = splits.find((s) => name.slice(0, slash) === s);
  return split ? { name, split, measure: name.slice(slash + 1) } : { name, measure: name };
}

/** Whether a metric is another view of its panel's measure, to be drawn finer than the measure itself. */
export const isBeside = (metric: MetricName): boolean => Object.hasOwn(besides, metric.measure);

/** Sorts metrics into panels and sections; the same names give the same order whatever order they appeared in. */
export function panelsOf(names: Iterable<string>): readonly Section[] {
  const panels = new Map<string, MetricName[]>();
  for (const metric of [...new Set(names)].sort().map(parseMetric)) {
    const measure = metric.split && Object.hasOwn(besides, metric.measure) ? besides[metric.measure] : metric.measure;
    panels.set(measure, [...(panels.get(measure) ?? []), metric]);
  }
  const sections = new Map<string, Panel[]>();
  for (const [measure, metrics] of panels) {
    const title = measure.includes('/') ? measure.slice(0, measure.indexOf('/')) : '';
    const order = ({ split, measure }: MetricName) => splits.indexOf(split ?? 'train') * 2 + (Object.hasOwn(besides, measure) ? 1 : 0);
    sections.set(title, [...(sections.get(title) ?? []), { id: measure, measure, metrics: metrics.sort((a, b) => order(a) - order(b)) }]);
  }
  const rank = ({ measure }: Panel) => (leading.indexOf(measure) + leading.length + 1) % (leading.length + 1);
  return [...sections]
    .map(([title, members]) => ({ title, panels: members.sort((a, b) => rank(a) - rank(b) || a.measure.localeCompare(b.measure, 'en')) }))
    .sort((a, b) => a.title.localeCompare(b.title, 'en'));
}
