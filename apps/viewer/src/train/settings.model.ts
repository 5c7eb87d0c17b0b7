import type { RunSpec } from '@gradstream/protocol';

/** Names of the data sets that a tab has at hand, and a file of one's own; all but digits and files are points in the plane. */
export const dataNames = ['digits', 'moons', 'circles', 'spirals', 'xor', 'blobs', 'csv'] as const;
export const optimizerNames = ['sgd', 'momentum', 'nesterov', 'adam', 'adamw', 'amsgrad'] as const;
export const activationNames = ['relu', 'tanh', 'gelu', 'sigmoid'] as const;
export const backendNames = ['auto', 'webgl', 'wasm', 'cpu'] as const;

/** What somebody may choose for a run in this tab. */
export interface TrainSettings {
  readonly data: (typeof dataNames)[number];
  /** Name of the CSV file and of its column that holds the class; empty while there is none. */
  readonly file: string;
  readonly target: string;
  /** Standard deviation of the noise on the points in the plane. */
  readonly noise: number;
  /** Units of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: (typeof activationNames)[number];
  readonly dropout: number;
  readonly optimizer: (typeof optimizerNames)[number];
  /** At the start; the slider changes it while the run goes on. */
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly l2: number;
  readonly seed: number;
  readonly backend: (typeof backendNames)[number];
}

/** Bounds of the numbers: below and above, both included. */
export const bounds = {
  noise: [0, 1], dropout: [0, 0.9], learningRate: [1e-5, 3], batchSize: [1, 1_024], epochs: [1, 10_000], l2: [0, 1], seed: [0, 2 ** 31],
} as const;
const whole = ['batchSize', 'epochs', 'seed'];

export const startSettings = (data: TrainSettings['data'] = 'digits'): TrainSettings => ({
  data,
  file: '',
  target: '',
  noise: { digits: 0, moons: 0.1, circles: 0.05, spirals: 0.02, xor: 0.2, blobs: 0.3, csv: 0 }[data],
  hidden: data === 'digits' ? [64, 32] : [16, 16],
  activation: data === 'digits' ? 'relu' : 'tanh',
  dropout: 0,
  optimizer: 'adam',
  learningRate: data === 'digits' ? 0.003 : 0.01,
  batchSize: data === 'digits' ? 64 : 32,
  epochs: data === 'digits' ? 60 : 200,
  l2: 0,
  seed: 0,
  backend: 'auto',
});

type Given = Readonly<Record<string, string>>;
type NumberName = keyof typeof bounds;

/** Reads settings from an address; what is not allowed stands at its default, which depends on the data. */
export function parseSettings(given: Given): TrainSettings {
  const start = startSettings(dataNames.find((name) => name === given.data));
  const word = <K extends 'activation' | 'optimizer' | 'backend'>(key: K, allowed: readonly TrainSettings[K][]) => allowed.find((name) => name === given[key]) ?? start[key];
  const numbers = Object.fromEntries((Object.keys(bounds) as NumberName[]).map((key) => [key, readNumber(key, given[key]) ?? start[key]])) as Record<NumberName, number>;
  return {
    ...start,
    ...numbers,
    file: start.data === 'csv' ? (given.file ?? '') : '',
    target: start.data === 'csv' ? (given.target ?? '') : '',
    hidden: given.hidden === undefined ? start.hidden : (readHidden(given.hidden) ?? start.hidden),
    activation: word('activation', activationNames),
    optimizer: word('optimizer', optimizerNames),
    backend: word('backend', backendNames),
  };
}

/** A number within its bounds; undefined for anything else. */
export function readNumber(key: NumberName, text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  const [least, greatest] = bounds[key];
  return value >= least && value <= greatest && (!whole.includes(key) || Number.isInteger(value)) ? value : undefined;
}

/** Widths of hidden layers, `64, 32`; undefined for anything else. An empty text is a linear model. */
export function readHidden(text: string): readonly number[] | undefined {
  const widths = text.split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  return widths.length <= 6 && widths.every((width) => Number.isInteger(width) && width >= 1 && width <= 512) ? widths : undefined;
}

/** The settings as they stand in an address: those that are not the default of their data. */
export function formatSettings(settings: TrainSettings): Given {
  const start = startSettings(settings.data);
  const texts = (of: TrainSettings) => Object.entries(of).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : String(value)] as const);
  const defaults = new Map(texts(start));
  return Object.fromEntries(texts(settings).filter(([key, value]) => (key === 'data' ? value !== 'digits' : value !== defaults.get(key))));
}

/** Whether the examples are points in the plane, so that a decision surface can be drawn. */
export const isPlanar = ({ data }: Pick<TrainSettings, 'data'>): boolean => data !== 'digits' && data !== 'csv';

/** Whether a run can go on from another one's weights: the same network on the same data. */
export const canFork = (a: TrainSettings, b: TrainSettings): boolean =>
  (['data', 'file', 'target', 'noise', 'seed', 'activation'] as const).every((key) => a[key] === b[key]) && a.hidden.join() === b.hidden.join();

/** The document of the run: what `gradstream train` takes. A short last batch is left out: a GPU would compile every program a second time for it. */
export function specOf(settings: TrainSettings): RunSpec {
  const { data, file, target, noise, hidden, activation, dropout, optimizer, learningRate, batchSize, epochs, l2, seed } = settings;
  return {
    version: 1,
    seed,
    data: data === 'csv' ? { name: 'csv', path: file, target, task: 'classes', validation: 0.25 } : isPlanar(settings) ? { name: data, noise, n: 600, validation: 0.25 } : { name: data },
    batches: { size: batchSize, epochs, lastBatch: 'drop' },
    model: { name: 'mlp', hidden, activation, ...(dropout > 0 ? { dropout } : {}) },
    loss: { name: 'softmaxCrossEntropy' },
    ...(l2 > 0 ? { regularizers: [{ name: 'l2', amount: l2 }] } : {}),
    optimizer: { name: optimizer, learningRate },
    metrics: [{ name: 'accuracy' }, { name: 'gradientNorm' }],
    evaluate: { every: { epochs: 1 } },
  };
}

/** The same run as TypeScript that somebody can run. */
export function codeOf(settings: TrainSettings): string {
  const { data, file, target, noise, hidden, activation, dropout, optimizer, learningRate, batchSize, epochs, l2, seed } = settings;
  const [name, from, make] = data === 'csv'
    ? ['csvFile', '@gradstream/datasets/node', `await csvFile({ path: ${JSON.stringify(file)}, target: ${JSON.stringify(target)}, task: 'classes', validation: 0.25 })`]
    : [data, '@gradstream/datasets', isPlanar(settings) ? `${data}({ noise: ${noise}, n: 600, validation: 0.25 })` : `await ${data}()`];
  return `import { ${name} } from '${from}';
import { accuracy, gradientNorm, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { ${optimizer} } from '@gradstream/optimizers';
import { batches, epochs, evaluate, forward, loss, metrics, optimize, report } from '@gradstream/pipeline';${l2 > 0 ? "\nimport { l2 } from '@gradstream/regularizers';" : ''}

const { train, validation } = ${make};

batches(train, { size: ${batchSize}, epochs: ${epochs}, lastBatch: 'drop', seed: ${seed} }).pipe(
  forward(mlp({ hidden: [${hidden.join(', ')}], activation: '${activation}'${dropout > 0 ? `, dropout: ${dropout}` : ''} })),
  loss(softmaxCrossEntropy()${l2 > 0 ? `, l2(${l2})` : ''}),
  optimize(${optimizer}({ learningRate: ${learningRate} })),
  metrics(accuracy(), gradientNorm()),
  evaluate(validation, { every: epochs(1) }),
).subscribe(report());
`;
}
